// What may come next in an expression: metrics and functions, labels in braces and after `by`, their values in quotes.

import { el, named } from "./dom.js";
import { get } from "./node.js";

const SHOWN = 8;
const FUNCTIONS = "abs absent absent_over_time avg avg_over_time bottomk ceil changes clamp clamp_max clamp_min count count_over_time count_values day_of_month day_of_week delta deriv exp floor group histogram_quantile holt_winters hour idelta increase irate label_join label_replace last_over_time ln log10 log2 max max_over_time min min_over_time minute month predict_linear present_over_time quantile quantile_over_time rate resets round scalar sort sort_desc sqrt stddev stddev_over_time stdvar sum sum_over_time time timestamp topk vector year".split(" ");

const known = new Map();
/** A list of words, asked for once. */
function words(path) {
  if (!known.has(path)) known.set(path, get(path).then(({ data }) => data.filter((one) => one !== "__name__"), () => { known.delete(path); return []; }));
  return known.get(path);
}

/** What stands before the caret: the part of a word that is there, and what words go on from it. */
export function context(text) {
  const inside = /([a-zA-Z_:][\w:]*)?\{([^{}]*)$/.exec(text);
  const match = inside?.[1] ? `?${new URLSearchParams({ "match[]": inside[1] })}` : "";
  const quoted = inside && /(\w+)\s*(?:=|!=|=~|!~)\s*"((?:[^"\\]|\\.)*)$/.exec(inside[2]);
  if (quoted) return { part: quoted[2], path: `label/${quoted[1]}/values${match}`, more: [], close: '"' };
  if ((text.match(/"/g) ?? []).length % 2) return null;
  const part = /[a-zA-Z_:][\w:]*$/.exec(text)?.[0] ?? "";
  if (inside && /(^|,)\s*\w*$/.test(inside[2])) return { part, path: `labels${match}`, more: [], close: "=\"" };
  if (/\b(by|without|on|ignoring|group_left|group_right)\s*\([^()]*$/.test(text)) return { part, path: "labels", more: [], close: "" };
  if (!part || /[\d.]$/.test(text.slice(0, -part.length)) || /\[[^\]]*$/.test(text)) return null;
  return { part, path: "label/__name__/values", more: FUNCTIONS, close: "" };
}

/** Words that begin so, then words in which it stands. */
export function fitting(all, part) {
  const wanted = part.toLowerCase();
  const first = all.filter((one) => one.toLowerCase().startsWith(wanted) && one !== part);
  return [...first, ...all.filter((one) => !one.toLowerCase().startsWith(wanted) && one.toLowerCase().includes(wanted))].slice(0, SHOWN);
}

let lists = 0;
/** Offer words under an input while it is written in. Returns the input in a box of its own. */
export function completing(input) {
  const id = `offers-${++lists}`;
  const list = el("ul", { id, role: "listbox", "aria-label": "Offers", hidden: true });
  const box = el("span", { class: "completing" }, input, list);
  let at = -1, found = null, asked = 0;
  for (const [key, value] of Object.entries({ role: "combobox", "aria-controls": id, "aria-expanded": "false", "aria-autocomplete": "list" })) input.setAttribute(key, value);

  function close() {
    asked++;
    list.hidden = true; at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function take(word) {
    const before = input.value.slice(0, input.selectionStart - found.part.length), after = input.value.slice(input.selectionStart);
    const ending = after.startsWith(found.close) ? "" : FUNCTIONS.includes(word) && !found.close && !after.startsWith("(") && found.more.length ? "(" : found.close;
    input.value = before + word + ending + after;
    const place = before.length + word.length + (ending.length || (found.close && after.startsWith(found.close) ? found.close.length : 0));
    input.setSelectionRange(place, place);
    close();
    if (ending === '="') offer();
  }
  function choose(n) {
    at = (n + list.children.length) % list.children.length;
    [...list.children].forEach((one, number) => one.setAttribute("aria-selected", String(number === at)));
    input.setAttribute("aria-activedescendant", `${id}-${at}`);
  }
  async function offer() {
    const mine = ++asked;
    found = context(input.value.slice(0, input.selectionStart));
    if (!found) { close(); return; }
    const all = await words(found.path);
    if (mine !== asked) return;
    const shown = fitting([...all, ...found.more], found.part);
    if (!shown.length) { close(); return; }
    at = -1;
    list.replaceChildren(...shown.map((word, n) => el("li", { id: `${id}-${n}`, role: "option", "aria-selected": "false", onpointerdown: (event) => { event.preventDefault(); take(word); } }, named(word), FUNCTIONS.includes(word) && found.more.length ? el("span", { class: "soft" }, " ()") : null)));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }
  input.addEventListener("input", offer);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") choose(at + 1);
    else if (event.key === "ArrowUp") choose(at < 0 ? -1 : at - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Tab" || (event.key === "Enter" && at >= 0)) take(list.children[Math.max(0, at)].querySelector("bdi").textContent);
    else { if (event.key === "Enter") close(); return; }
    event.preventDefault();
    event.stopPropagation();
  });
  return box;
}
