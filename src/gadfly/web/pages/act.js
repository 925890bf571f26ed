// The page of acts: who may do what, who is asked, and the one button that ends it.

import { $, ask, el, say, toast } from "./dom.js";
import { acts, tick, turnTheme } from "./frame.js";
import { follow, get, takeTokenFromAddress } from "./node.js";
import { clock, now, setNow } from "./words.js";
import * as approvals from "./approvals.js";
import { Story } from "./automation.js";
import * as duties from "./duties.js";
import * as ladder from "./ladder.js";
import * as owners from "./owners.js";
import { Stopping } from "./stopping.js";

const RARELY = 60000; // ms; loads and reports look back over days
const PAUSE = 10000; // ms; budgets free themselves and approvals end without anybody doing anything
takeTokenFromAddress();
tick();

const refresh = () => read().catch((error) => toast(error.message));
const stopping = new Stopping(refresh);

let opener = null;
const story = new Story(() => {
  story.shut();
  history.replaceState(null, "", location.pathname);
  (opener?.isConnected ? opener : $("stop")).focus({ preventScroll: true });
  opener = null;
});

let newest = 0;
/** Fetch the board; an answer that was overtaken by a newer one is not shown. */
async function read() {
  const number = ++newest;
  const board = await get("act");
  if (number !== newest) return;
  setNow(board.at);
  stopping.show(board);
  approvals.show(board, refresh);
  duties.show(board, refresh);
  ladder.show(board, refresh);
  const stopped = board.stops.some((one) => one.scope === "everything");
  document.title = `${stopped ? "STOPPED · " : board.waiting ? `${board.waiting} to approve · ` : ""}act · ${$("name").textContent}`;
  if (story.name !== null) story.open(story.name);
}

const accounts = () => Promise.all([owners.show(refresh), owners.report()]);

function readAddress() {
  takeTokenFromAddress();
  const name = new URLSearchParams(location.hash.slice(1)).get("a");
  if (name === story.name) return;
  if (name === null) story.shut();
  else {
    opener ??= document.activeElement;
    story.open(name);
  }
}
addEventListener("hashchange", readAddress);

let soon = null, lostAt = null;
follow({
  async load() {
    const told = await get("summary");
    setNow(told.at);
    say($("name"), told.node);
    acts(told.alerts);
    await Promise.all([read(), accounts()]);
    return told.version;
  },
  event(name, data) {
    if (name === "hello") acts(data.alerts);
    if (name !== "alerts") return;
    acts(data);
    // However often alerts change, the board is asked four times a second at most.
    soon ??= setTimeout(() => { soon = null; refresh(); }, 250);
  },
  live() {
    if (lostAt !== null) refresh();
    lostAt = null;
    document.body.classList.remove("lost");
    say($("live"), "live");
  },
  rest() {
    lostAt ??= now();
    say($("live"), `resting since ${clock(lostAt)}`);
  },
  lost() {
    lostAt ??= now();
    document.body.classList.add("lost");
    say($("live"), `not live since ${clock(lostAt)}`);
    say($("stop-state"), "Not known: the node does not answer. Executors act no longer than 30 s without it.");
  },
});
const seen = () => !document.hidden && lostAt === null;
setInterval(() => { if (seen()) refresh(); }, PAUSE);
setInterval(() => { if (seen()) accounts().catch((error) => toast(error.message)); }, RARELY);

const KEYS = [["S", "to the stop button; Enter presses it"], ["Esc", "close"], ["C", "to the components"], ["L", "to the ledger"], ["t", "light or dark"], ["?", "this"]];
const help = () => ask("Keys", [el("dl", { class: "keys" }, KEYS.flatMap(([key, does]) => [el("dt", null, el("kbd", null, key)), el("dd", null, does)]))]);
$("ask-help").onclick = help;
$("theme").onclick = turnTheme;

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || event.target.matches?.("input, select, textarea")) return;
  if (event.key === "Escape" && story.name !== null) story.close();
  else if (event.key === "S") ($("stop").hidden ? $("stops").querySelector("button") : $("stop"))?.focus();
  else if (event.key === "C") location.href = "/";
  else if (event.key === "L") location.href = "/ledger";
  else if (event.key === "t") turnTheme();
  else if (event.key === "?") help();
  else return;
  event.preventDefault();
});

readAddress();
