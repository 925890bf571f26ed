// The page of predictions: what is foreseen, how it will go on, and how often that was right.

import { $, el, named, say, since } from "./dom.js";
import { draw as fan } from "./fan.js";
import { acts, tick, turnTheme } from "./frame.js";
import { get, takeTokenFromAddress } from "./node.js";
import { short } from "./plot.js";
import { row as score } from "./scores.js";
import { when } from "./section.js";
import { duration as brief, moment, number, plural, setNow } from "./words.js";

const EVERY = 15000;
const AGES = 1000 * 365 * 86400;
const duration = (seconds) => (seconds > AGES ? "more than a thousand years" : brief(seconds));
const DRAWN = 300;
takeTokenFromAddress();

const STATES = { told: "told", withheld: "withheld: the budget is spent", silent: "silent", quiet: "" };
const key = (one) => `${one.predictor}\n${one.series}`;
let found = { standing: [], predictors: [], total: 0 };
let chosen = "";

function chance(part) {
  if (part === null) return el("div", { class: "chance soft" }, "too little to say");
  const filled = el("i", { class: part >= 0.5 ? "there" : part >= 0.1 ? "close" : "" }), hundred = part * 100;
  filled.style.width = `${hundred}%`;
  const words = hundred > 0 && hundred < 1 ? "< 1 %" : hundred > 99 && hundred < 100 ? "> 99 %" : `${Math.round(hundred)} %`;
  return el("div", { class: "chance" }, el("b", null, words), el("div", { class: "bar", "aria-hidden": "true" }, filled));
}

/** When it is expected, from the soonest to the latest of eight in ten cases. */
function expected(one) {
  const [soonest, median, latest] = ["0.1", "0.5", "0.9"].map((level) => one.within[level] ?? null);
  if (median === 0) return "now";
  const by = one.probability === null ? [] : [`by ${moment(one.deadline)}`];
  if (median !== null) by.push(`most likely in ${duration(median)}${latest === null ? "" : ` (${duration(soonest)} to ${duration(latest)})`}`);
  else if (soonest !== null) by.push(`at the soonest in ${duration(soonest)}`);
  return by.join(" · ");
}

function row(one) {
  const drawn = one.kind === "capacity" && one.probability !== null;
  return el("div", { class: "seen", "aria-current": key(one) === chosen ? "true" : null },
    chance(one.probability),
    el("div", null,
      drawn ? el("button", { type: "button", class: "title", "data-key": key(one), onclick: () => choose(one) }, named(one.series)) : el("span", { class: "title" }, named(one.series)),
      el("p", { class: "soft" }, named(one.why || expected(one)), one.why && one.probability !== null && one.kind === "capacity" ? ` · ${expected(one)}` : "")),
    el("div", { class: "by soft" },
      one.state === "quiet" ? null : el("span", { class: `state ${one.state}` }, STATES[one.state], one.since === null ? "" : [" ", since(one.since)]),
      el("span", null, named(one.predictor), one.owner ? [" · ", named(one.owner)] : ""),
      one.component ? el("a", { href: `/#c=${encodeURIComponent(one.component)}` }, named(one.component)) : null));
}

function draw() {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (one) => words.every((word) => `${one.series} ${one.predictor} ${one.owner} ${one.component} ${one.state}`.toLowerCase().includes(word));
  const shown = found.standing.filter(fits).slice(0, DRAWN);
  const likely = found.standing.filter((one) => one.probability !== null && one.probability >= 0.5).length;
  say($("count"), found.predictors.length ? [plural(found.total, "series", "series"), likely ? `${number(likely)} more likely than not` : "", found.total > DRAWN ? `${number(DRAWN)} shown` : ""].filter(Boolean).join(" · ") : "");
  $("none").hidden = found.predictors.length > 0;
  const troubled = found.predictors.filter((one) => one.trouble || one.left_out || one.silent);
  when("foreseen", [shown, troubled, chosen], (box) => box.replaceChildren(
    ...troubled.map((one) => el("p", { class: "bad trouble" }, named(one.name), one.trouble ? " cannot look: " : one.left_out ? " has " : " is silent: ", named(one.trouble || one.left_out || one.why))),
    ...shown.map(row),
    ...(found.predictors.length && !shown.length ? [el("p", { class: "soft" }, words.length ? "Nothing fits." : "Nothing is foreseen yet: a few hours of a series are needed first.")] : [])));
}

async function choose(one) {
  chosen = key(one);
  history.replaceState(null, "", `#${new URLSearchParams({ p: one.predictor, s: one.series })}`);
  say($("one-title"), one.series);
  $("one").hidden = false;
  draw();
  try {
    const told = await get(`predictions/fan?${new URLSearchParams({ predictor: one.predictor, series: one.series })}`);
    if (chosen !== key(one)) return;
    $("fan").replaceChildren(fan(told), el("p", { class: "soft" }, named(told.why)));
  } catch (error) {
    if (chosen === key(one)) $("fan").replaceChildren(el("p", { class: "soft" }, error.message));
  }
}

function leave() {
  chosen = "";
  history.replaceState(null, "", location.pathname);
  $("one").hidden = true;
  draw();
}

const OUTCOMES = { "": "open", "came true": "came true", "did not": "did not", void: "void" };
function promise(one) {
  return el("div", { class: "made" },
    el("span", { class: `state ${one.outcome === "came true" ? "true" : one.outcome === "" ? "open" : ""}` }, OUTCOMES[one.outcome]),
    el("div", null,
      el("span", null, named(one.series)), one.told ? el("span", { class: "soft" }, " · told") : null,
      el("p", { class: "soft" }, `${Math.round(one.probability * 100)} % by ${moment(one.deadline)}, guess ${Math.round(one.base * 100)} %`, one.why ? [" · ", named(one.why)] : "")),
    el("div", { class: "by soft" }, el("span", null, named(one.predictor)), one.entry === null ? since(one.made) : el("a", { href: `/ledger#${one.entry}` }, since(one.made))));
}

/** Where it stands; of what ends, the value is the seconds that are left. */
function stands(one) {
  if (one.kind === "ends") return one.value > 0 ? `ends ${moment(found.at + one.value)}` : "has ended";
  return `${short(one.value)} now, full at ${short(one.limit)}, ${one.a_day > 0 ? "+" : ""}${short(one.a_day)} a day`;
}

function plan(one) {
  const time = one.median === null ? (one.soonest === null ? "not foreseen" : `in ${duration(one.soonest)} or later`) : one.median === 0 ? "now" : `in ${duration(one.median)}`;
  return el("div", { class: "item" },
    el("b", null, time),
    el("div", null, el("span", null, named(one.series)), el("p", { class: "soft" }, named(one.takes))),
    el("div", { class: "by soft" }, el("span", null, stands(one)), el("span", null, named(one.owner))));
}

let failed = false;
let turns = 0;
async function look() {
  if (!document.hidden) {
    try {
      found = await get("predictions?limit=300");
      setNow(found.at);
      failed = false;
      draw();
      if (turns % 4 === 0) await lookBack();
      turns += 1;
    } catch (error) {
      say($("count"), error.message);
      failed = true;
    }
  }
  $("count").classList.toggle("bad", failed);
  setTimeout(look, EVERY);
}

async function lookBack() {
  const [card, past, ahead, glance] = await Promise.all([get("scorecard"), get(`predictions/history?${$("which").value || "limit=100"}`), get("predictions/report"), get("summary")]);
  acts(glance.alerts);
  say($("window"), `of the last ${duration(card.window)}`);
  when("scores", card.predictors, (box, scores) => box.replaceChildren(...(scores.length ? scores.map(score) : [el("p", { class: "soft" }, "No prediction was made yet.")])));
  $("plan-card").hidden = !ahead.items.length;
  when("plan", ahead.items, (box, items) => box.replaceChildren(...items.map(plan)));
  say($("shown"), past.predictions.length ? `the newest ${number(past.predictions.length)}` : "");
  when("made", past.predictions, (box, made) => box.replaceChildren(...(made.length ? made.map(promise) : [el("p", { class: "soft" }, "There is none like that.")])));
}

$("filter").oninput = draw;
$("close").onclick = leave;
$("which").onchange = () => lookBack().catch((error) => say($("shown"), error.message));
$("theme").onclick = turnTheme;
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || event.target.matches?.("input, select, textarea")) return;
  if (event.key === "/") $("filter").focus();
  else if (event.key === "Escape") leave();
  else if (event.key === "C") location.href = "/";
  else if (event.key === "A") location.href = "/act";
  else if (event.key === "L") location.href = "/ledger";
  else if (event.key === "t") turnTheme();
  else return;
  event.preventDefault();
});
tick();
const asked = new URLSearchParams(location.hash.slice(1));
await look();
if (asked.has("p")) await choose({ predictor: asked.get("p"), series: asked.get("s") ?? "" });
