// The page of the ledger: what happened and who answers for it, as sentences, with the proof of each.

import { $, ask, el, named, say, since, toast } from "./dom.js";
import { acts, tick, turnTheme } from "./frame.js";
import { get, request, takeTokenFromAddress } from "./node.js";
import { clock, now, number, plural, setNow } from "./words.js";

const PAUSE = 3000; // ms between looks at what is new
const PAGE = 100;
const KINDS = ["flip", "alert", "notification", "acknowledgement", "silence", "configuration", "grant", "intent", "decision", "outcome", "review", "approval", "stop", "freeze", "breakglass", "proof", "unexplained", "autonomy", "token", "question", "answer", "prediction", "resolution", "function", "node"];
const GOOD = ["cosigned", "unasked", "behind"];
takeTokenFromAddress();
tick();

for (const kind of KINDS) $("kind").append(el("option", { value: kind }, kind));

// --- what is looked at stands in the address ----------------------------------------------------------------------

const state = { about: "", kind: "", who: "" };
let entries = [], before = null;

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const key of Object.keys(state)) state[key] = given.get(key) ?? "";
  if (!KINDS.includes(state.kind)) state.kind = "";
}

const address = (changed) => {
  const words = new URLSearchParams(Object.entries({ ...state, ...changed }).filter(([, value]) => value));
  return `#${words}`;
};
const go = (changed) => { location.hash = address(changed); };

const query = (more) => new URLSearchParams(Object.entries({ ...state, limit: PAGE, ...more }).filter(([, value]) => value !== "" && value !== null));

// --- entries ------------------------------------------------------------------------------------------------------

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const day = (at) => {
  const d = new Date(at * 1000);
  return `${d.getDate()} ${MONTHS[d.getMonth()]} ${d.getFullYear()}`;
};

async function proof(index) {
  try {
    const text = await (await request(`ledger/${index}/receipt`)).text();
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    el("a", { href: url, download: `entry-${index}.tlog-proof` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  } catch (error) { toast(error.message); }
}

async function whole(index, box) {
  if (box.childElementCount > 2) return;
  try {
    const told = await get(`ledger/${index}`);
    const names = told.components.length ? el("p", { class: "soft" }, `${plural(told.components.length, "component")}: `, named(told.components.slice(0, 200).join(", "))) : null;
    box.append(...[names, el("pre", null, told.canonical),
      el("p", { class: "soft" }, told.covered ? "These bytes are the leaf; a signed checkpoint covers them." : "No checkpoint covers it yet; in a second one does.")].filter(Boolean));
  } catch (error) { toast(error.message); }
}

const subject = (text) => el("a", { href: address({ about: text, kind: "", who: "" }) }, named(text));

function row(entry) {
  const more = el("div", { class: "more" },
    el("div", { class: "subjects" }, entry.about.map(subject), el("a", { href: address({ about: "", kind: "", who: entry.who }) }, "by ", named(entry.who))),
    el("div", { class: "buttons" }, el("button", { type: "button", onclick: () => proof(entry.index) }, "proof"),
      el("span", { class: "soft" }, "it verifies offline: gadfly ledger verify FILE --key KEY")));
  return el("li", { class: "entry" }, el("details", { "data-index": entry.index, ontoggle: (event) => event.target.open && whole(entry.index, more) },
    el("summary", null, el("span", { class: "soft" }, clock(entry.at)), el("span", { class: entry.kind === "unexplained" ? "bad" : "soft" }, entry.kind),
      el("span", null, named(entry.sentence)), el("span", { class: "number" }, number(entry.index))), more));
}

/** Rows from the newest down, with the day where it changes. */
function rows(list, last) {
  const made = [];
  for (const entry of list) {
    const today = day(entry.at);
    if (today !== last) made.push(el("li", { class: "day" }, today));
    last = today;
    made.push(row(entry));
  }
  return made;
}

const opened = () => new Set([...document.querySelectorAll("details[open]")].map((one) => Number(one.dataset.index)));

function show() {
  const open = opened();
  $("entries").replaceChildren(...(entries.length ? rows(entries, null) : [el("li", { class: "none" }, before === null ? "Nothing is recorded of this." : "Nothing of this among the newest; look at older ones.")]));
  for (const one of document.querySelectorAll("details")) if (open.has(Number(one.dataset.index))) one.open = true;
  $("older").hidden = before === null;
  say($("about"), entries.length ? `${plural(entries.length, "entry", "entries")}, newest first` : "");
}

let asked = 0;
/** The newest; what was opened and what is older stays. */
async function load(fresh) {
  const number = ++asked;
  const page = await get(`ledger?${query({})}`);
  if (number !== asked) return;
  if (fresh || !entries.length) {
    entries = page.entries;
    before = page.before;
    $("entries").replaceChildren();
    show();
    return;
  }
  const known = entries[0].index;
  const added = page.entries.filter((one) => one.index > known);
  if (!added.length) return;
  if (added.length === page.entries.length) { entries = []; before = page.before; }
  entries = [...added, ...entries];
  show();
}

$("older").onclick = async () => {
  try {
    const page = await get(`ledger?${query({ before })}`);
    entries = [...entries, ...page.entries];
    before = page.before;
    show();
  } catch (error) { toast(error.message); }
};

// --- the seal -----------------------------------------------------------------------------------------------------

async function seal() {
  const told = await get("ledger/standing");
  $("seal").replaceChildren(named(told.origin), `: ${plural(told.size, "entry", "entries")}, root `, el("code", null, told.root.slice(0, 16) || "none yet"), ", signed");
  $("trouble").hidden = !told.trouble;
  say($("trouble"), told.trouble);
  const asks = told.witnesses.map((one) => el("li", { class: GOOD.includes(one.standing) ? "" : "bad" }, "witness ", named(one.name), `: ${one.standing}, ${plural(one.size, "entry", "entries")}`,
    one.at ? [", ", since(one.at, " ago")] : "", one.words ? `: ${one.words}` : ""));
  const seen = told.witnessed.map((one) => el("li", { class: "soft" }, "witnesses ", named(one.origin), `: ${plural(one.size, "entry", "entries")}, `, since(one.at, " ago")));
  const refused = told.conflicts.map((one) => el("li", { class: "bad" }, "refused ", named(one.origin), `, ${one.why}, `, since(one.at, " ago")));
  const nobody = told.witnesses.length ? [] : [el("li", { class: "soft" }, "Nobody witnesses it: who has its key could rewrite it whole, and only kept checkpoints would show it.")];
  $("witnesses").replaceChildren(...asks, ...nobody, ...seen, ...refused);
}

// --- what the reader does -----------------------------------------------------------------------------------------

function chosen() {
  $("kind").value = state.kind;
  if (document.activeElement !== $("subject")) $("subject").value = state.about;
  $("chosen").hidden = !state.who;
  $("chosen").replaceChildren(...(state.who ? [el("button", { type: "button", class: "chip", onclick: () => go({ who: "" }) }, "by ", named(state.who), " ✕")] : []));
  document.title = `${state.about || state.who || state.kind || "ledger"} · ${$("name").textContent}`;
}

async function start() {
  readAddress();
  chosen();
  await load(true);
}

const fail = (error) => toast(error.message);
addEventListener("hashchange", () => { takeTokenFromAddress(); start().catch(fail); });
$("filter").addEventListener("submit", (event) => { event.preventDefault(); go({ about: $("subject").value.trim() }); });
$("subject").addEventListener("change", () => go({ about: $("subject").value.trim() }));
$("kind").addEventListener("change", () => go({ kind: $("kind").value }));

let lostAt = null;
async function look() {
  try {
    const told = await get("summary");
    setNow(told.at);
    say($("name"), told.node);
    acts(told.alerts);
    await Promise.all([seal(), load(false)]);
    lostAt = null;
    document.body.classList.remove("lost");
    say($("live"), "live");
  } catch (error) {
    lostAt ??= now();
    document.body.classList.add("lost");
    say($("live"), `not live since ${clock(lostAt)}`);
  }
  setTimeout(() => (document.hidden ? document.addEventListener("visibilitychange", look, { once: true }) : look()), PAUSE);
}

const KEYS = [["/", "about whom"], ["j k  ↓ ↑", "next, previous"], ["Enter", "open"], ["C", "to the components"], ["A", "to what acts"], ["t", "light or dark"], ["?", "this"]];
const help = () => ask("Keys", [el("dl", { class: "keys" }, KEYS.flatMap(([key, does]) => [el("dt", null, el("kbd", null, key)), el("dd", null, does)]))]);
$("ask-help").onclick = help;
$("theme").onclick = turnTheme;

function step(by) {
  const all = [...document.querySelectorAll("#entries summary")];
  const at = all.indexOf(document.activeElement);
  all[Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || event.target.matches?.("input, select, textarea")) return;
  if (event.key === "/") $("subject").focus();
  else if (event.key === "j" || event.key === "ArrowDown") step(1);
  else if (event.key === "k" || event.key === "ArrowUp") step(-1);
  else if (event.key === "C") location.href = "/";
  else if (event.key === "A") location.href = "/act";
  else if (event.key === "t") turnTheme();
  else if (event.key === "?") help();
  else return;
  event.preventDefault();
});

start().catch(fail).then(look);
