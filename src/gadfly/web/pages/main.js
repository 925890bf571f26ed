// Joins the parts: what is in the address, what the node tells, and the keys.

import { $, ask, el, mark, named, say, toast } from "./dom.js";
import { acts, tick, turnTheme } from "./frame.js";
import { Grid } from "./grid.js";
import { Incidents } from "./incidents.js";
import { List } from "./list.js";
import { follow, get, request, takeTokenFromAddress } from "./node.js";
import { clock, MEANS, now, number, setNow, VERDICTS } from "./words.js";
import { Story } from "./story.js";

const FACETS = ["owner", "group", "host", "kind"];
takeTokenFromAddress();

// --- what is looked at: all of it stands in the address, so that it can be sent to somebody ---------------------

const state = { q: "", only: new Set(), facets: {}, offset: 0, order: "verdict", open: null };

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  state.q = given.get("q") ?? "";
  state.only = new Set((given.get("v") ?? "").split(",").filter((word) => VERDICTS.includes(word)));
  state.facets = Object.fromEntries(FACETS.filter((key) => given.has(key)).map((key) => [key, given.get(key)]));
  state.open = given.get("c");
}

function address(open) {
  const words = new URLSearchParams();
  if (state.q) words.set("q", state.q);
  if (state.only.size) words.set("v", [...state.only].join(","));
  for (const [key, value] of Object.entries(state.facets)) words.set(key, value);
  if (open) words.set("c", open);
  return `#${words}`;
}

function changed() {
  history.replaceState(null, "", location.pathname + address(state.open));
  show();
}

/** What a link asks for is added to what is filtered already. */
addEventListener("hashchange", () => {
  takeTokenFromAddress();
  const before = { q: state.q, only: state.only, facets: state.facets };
  readAddress();
  if (state.open && !state.q && !state.only.size && !Object.keys(state.facets).length) Object.assign(state, before);
  history.replaceState(null, "", location.pathname + address(state.open));
  show();
});

let opener = null;
function close() {
  state.open = null;
  story.shut();
  history.replaceState(null, "", location.pathname + address(null));
  (opener?.isConnected ? opener : $("list-card")).focus({ preventScroll: true });
  opener = null;
}

function open(name) {
  opener ??= document.activeElement;
  location.hash = address(name);
}

// --- the parts ----------------------------------------------------------------------------------------------------

const rows = new Map();
async function row(slot) {
  const verdict = grid.verdicts[slot];
  const kept = rows.get(slot);
  if (kept && kept[0] === verdict && now() - kept[2] < 5) return kept[1];
  const found = await get(`slots/${slot}`);
  if (rows.size > 500) rows.clear();
  rows.set(slot, [verdict, found, now()]);
  return found;
}

const story = new Story(close);
const incidents = new Incidents();
const list = new List(state, changed);
const grid = new Grid(
  { box: $("grid-box"), canvas: $("grid"), labels: $("labels"), cursor: $("cursor"), tip: $("tip") },
  { row, open, arranged: about });

let total = 0;
function about() {
  const per = grid.per > 1 ? `, ${number(grid.per)} a cell, the worst shows` : "";
  say($("grid-about"), `${number(total)} by ${$("grid-by").value || "slot"}${per}`);
}

$("grid-by").addEventListener("change", arrange);
async function arrange() {
  const by = $("grid-by").value;
  if (!by) grid.by(null);
  else {
    try {
      const body = await (await request(`grid/order?by=${by}`)).arrayBuffer();
      const head = new DataView(body).getUint32(0, true);
      const { labels } = JSON.parse(new TextDecoder().decode(new Uint8Array(body, 4, head)));
      let at = 4 + head;
      grid.by(labels.map(([label, count]) => {
        const slots = new Uint32Array(body, at, count);
        at += count * 4;
        return [label, slots];
      }));
    } catch (error) { toast(error.message); }
  }
  about();
}

const chips = new Map();
for (const verdict of ["healthy", ...VERDICTS.slice(0, -1)]) {
  const chip = el("button", { type: "button", class: "chip", "aria-pressed": "false", title: MEANS[verdict], hidden: true, onclick: () => {
    if (!state.only.delete(verdict)) state.only.add(verdict);
    state.offset = 0;
    changed();
  } }, mark(verdict), el("b", null, "0"), ` ${verdict}`);
  chips.set(verdict, chip);
  $("counts").append(chip);
}

function count(counts) {
  VERDICTS.forEach((verdict, n) => {
    const chip = chips.get(verdict);
    say(chip.querySelector("b"), number(counts[n]));
    chip.hidden = counts[n] === 0 && verdict !== "healthy" && !state.only.has(verdict);
  });
  total = counts.reduce((sum, n) => sum + n, 0);
  const ill = counts.slice(0, 5).reduce((sum, n) => sum + n, 0);
  document.title = `${ill ? `${number(ill)} not well · ` : ""}${$("name").textContent}`;
  about();
}

function show() {
  for (const [verdict, chip] of chips) {
    chip.setAttribute("aria-pressed", String(state.only.has(verdict)));
    if (state.only.has(verdict)) chip.hidden = false;
  }
  if (document.activeElement !== $("search")) $("search").value = state.q;
  const facets = Object.entries(state.facets);
  $("facets").hidden = facets.length === 0;
  $("facets").replaceChildren(...facets.map(([key, value]) => el("button", { type: "button", class: "chip", "aria-label": `no longer only ${key} ${value}`, onclick: () => {
    delete state.facets[key];
    state.offset = 0;
    changed();
  } }, `${key} `, named(value), " ✕")));
  grid.filter(new Set([...state.only].map((word) => VERDICTS.indexOf(word))));
  const asked = JSON.stringify([state.q, [...state.only], state.facets]);
  if (asked !== show.last) {
    if (show.last !== undefined) state.offset = 0;
    show.last = asked;
    list.refresh();
  }
  if (state.open !== null) {
    opener ??= document.activeElement;
    if (state.open !== story.name) story.open(state.open);
  } else if (story.name !== null) close();
}

// --- what the node tells ------------------------------------------------------------------------------------------

let lostAt = null;
async function summarise() {
  const told = await get("summary");
  setNow(told.at);
  say($("name"), told.node);
  say($("warnings"), told.warnings.join(" · "));
  $("warnings").hidden = told.warnings.length === 0;
  return told;
}

let refreshing = 0;
function alertsChanged() {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => { incidents.refresh().catch((error) => toast(error.message)); story.stale(); list.stale(); }, 60);
}

follow({
  async load(signal) {
    const [told, answer] = await Promise.all([summarise(), request("grid", { signal })]);
    grid.load(new Uint8Array(await answer.arrayBuffer()));
    count(VERDICTS.map((verdict) => told.counts[verdict]));
    list.stale();
    alertsChanged();
    return Number(answer.headers.get("gadfly-version"));
  },
  event(name, data) {
    if (name === "hello") { count(data.counts); acts(data.alerts); }
    if (name === "alerts") { acts(data); alertsChanged(); }
    if (name !== "change") return;
    const bytes = Uint8Array.from(atob(data.s), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const length = bytes.length / 5;
    const slots = new Uint32Array(length), verdicts = new Uint8Array(length);
    for (let n = 0; n < length; n++) {
      slots[n] = view.getUint32(n * 5, true);
      verdicts[n] = bytes[n * 5 + 4];
      if (slots[n] === story.slot) story.stale();
    }
    grid.change(data.n, slots, verdicts);
    count(data.c);
    list.stale();
  },
  live() {
    const again = lostAt !== null;
    lostAt = null;
    document.body.classList.remove("lost");
    say($("live"), "live");
    if (again) { summarise().catch(() => {}); alertsChanged(); list.stale(); }
  },
  rest() {
    lostAt ??= now();
    say($("live"), `resting since ${clock(lostAt)}`);
    document.title = `resting · ${$("name").textContent}`;
  },
  lost() {
    lostAt ??= now();
    document.body.classList.add("lost");
    say($("live"), `not live since ${clock(lostAt)}`);
  },
});

tick();

// --- keys and theme -----------------------------------------------------------------------------------------------

const KEYS = [["/", "search"], ["j k  ↓ ↑", "next, previous in the list"], ["Enter", "open the story"], ["Esc", "close, or leave the search"],
  ["g", "to the grid; arrows move, n and p go to what is not well"], ["A", "to what acts: approvals, the ladder, the stop button"], ["x", "drop all filters"], ["t", "light or dark"], ["?", "this"]];

const help = () => ask("Keys", [el("dl", { class: "keys" }, KEYS.flatMap(([key, does]) => [el("dt", null, el("kbd", null, key)), el("dd", null, does)])),
  el("h2", null, "Verdicts"), el("dl", { class: "keys" }, VERDICTS.flatMap((word) => [el("dt", null, mark(word), ` ${word}`), el("dd", null, MEANS[word])]))]);
$("ask-help").onclick = help;

function turn() {
  turnTheme();
  grid.restyle();
}
$("theme").onclick = turn;
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => grid.restyle());

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open) return;
  const typing = event.target.matches?.("input, select, textarea");
  if (event.key === "Escape") {
    if (typing) event.target.blur();
    else if (story.name !== null) close();
    return;
  }
  if (typing) {
    if (event.key === "Enter" || event.key === "ArrowDown") list.step(1);
    else return;
  } else if (event.key === "/") $("search").focus();
  else if (event.key === "j" || event.key === "ArrowDown") list.step(1);
  else if (event.key === "k" || event.key === "ArrowUp") list.step(-1);
  else if (event.key === "g") $("grid").focus();
  else if (event.key === "t") turn();
  else if (event.key === "A") location.href = "/act";
  else if (event.key === "?") help();
  else if (event.key === "x") { Object.assign(state, { q: "", only: new Set(), facets: {}, offset: 0 }); $("search").value = ""; changed(); }
  else return;
  event.preventDefault();
});

readAddress();
show();
