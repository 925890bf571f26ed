// The page of rules: what each is, whether it fires, and how near it is to that.

import { $, el, named, say, since } from "./dom.js";
import { tick, turnTheme } from "./frame.js";
import { get, takeTokenFromAddress } from "./node.js";
import { duration, now, plural } from "./words.js";

const EVERY = 5000;
const ALERTS = 5; // alerts of a rule that are shown
const DRAWN = 500; // rules that are shown; the others are found by the filter
const CLOSE = 0.8;
takeTokenFromAddress();

const state = (rule) => (rule.lastError ? "failing" : rule.type === "recording" ? "recording" : rule.health === "unknown" ? "waiting" : rule.state);
const nearest = (rule) => Math.max(-1, ...(rule.near ?? []).map((one) => one.part ?? -1));
const seconds = (text) => Date.parse(text) / 1000;
const labels = (pairs) => Object.entries(pairs).filter(([key]) => key !== "alertname").map(([key, value]) => `${key} ${value}`).join(", ");

function bar(part, kind, label) {
  const width = Math.round(Math.min(1, Math.max(0, part)) * 1000) / 10, filled = el("i", { class: kind });
  filled.style.width = `${width}%`;
  return el("div", { class: "bar", role: "meter", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(width), "aria-label": label },
    filled);
}

/** The value against its threshold. */
function compared(one, rule) {
  const where = labels(one.labels);
  return el("div", { title: where ? `nearest of ${one.series}: ${where}` : null },
    el("div", { class: "words" }, el("span", null, one.value), el("span", { class: "soft" }, `${one.op} ${one.threshold}`)),
    one.part === null ? null : bar(one.part, one.part >= 1 && rule.state !== "inactive" ? "there" : one.part >= CLOSE ? "close" : "", `${one.value} of ${one.threshold}`));
}

/** How much of `for` has passed, for the alert that has waited longest. */
function waited(rule) {
  const waiting = rule.alerts.filter((alert) => alert.state === "pending");
  if (!waiting.length || !rule.duration) return null;
  const passed = Math.max(0, now() - Math.min(...waiting.map((alert) => seconds(alert.activeAt))));
  return el("div", null,
    el("div", { class: "words" }, el("span", null, `held for ${duration(Math.min(passed, rule.duration))}`), el("span", { class: "soft" }, `of ${duration(rule.duration)}`)),
    bar(passed / rule.duration, "time", "time that it has held"));
}

function fired(rule) {
  if (!rule.alerts?.length) return null;
  const rest = rule.count - ALERTS;
  return el("ul", { class: "fired soft" },
    rule.alerts.slice(0, ALERTS).map((alert) => el("li", null,
      el("span", { class: `state ${alert.state}` }, alert.state), " ", named(labels(alert.labels) || "without labels"), " · ", since(seconds(alert.activeAt)),
      alert.annotations.summary ? [" · ", named(alert.annotations.summary)] : "")),
    rest > 0 ? el("li", null, `and ${plural(rest, "more", "more")}`) : null);
}

function row(rule) {
  const about = [];
  if (rule.duration) about.push(`for ${duration(rule.duration)}`);
  if (rule.keepFiringFor) about.push(`goes on for ${duration(rule.keepFiringFor)}`);
  if (rule.owner) about.push([named(rule.owner), " answers"]);
  if (rule.review) about.push(`reviewed by ${rule.review}`);
  return el("div", { class: "rule" },
    el("span", { class: `state ${state(rule)}` }, state(rule)),
    el("div", null,
      el("span", { class: "name" }, named(rule.name)), about.length ? el("span", { class: "soft" }, about.map((one) => [" · ", one])) : null,
      el("p", null, el("code", null, el("a", { href: `/query#${new URLSearchParams({ q: rule.query })}`, title: "ask it" }, named(rule.query)))),
      rule.because ? el("p", { class: "soft" }, named(rule.because)) : null,
      rule.lastError ? el("p", { class: "bad" }, named(rule.lastError)) : null,
      fired(rule)),
    el("div", { class: "near" }, rule.type === "recording" ? null : [(rule.near ?? []).map((one) => compared(one, rule)), waited(rule)]));
}

let groups = [];
function draw() {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean), wanted = $("state").value;
  const fits = (rule) => words.every((word) => `${rule.name} ${rule.query} ${labels(rule.labels)} ${rule.owner}`.toLowerCase().includes(word))
    && (!wanted || wanted === "near" ? wanted !== "near" || rule.type === "alerting" : wanted === "error" ? rule.lastError : rule.state === wanted);
  const all = groups.flatMap((group) => group.rules);
  const count = (which) => all.filter((rule) => state(rule) === which).length;
  const told = [plural(all.length, "rule"), ...["firing", "pending", "failing"].map((which) => (count(which) ? `${count(which)} ${which}` : ""))];
  say($("count"), all.length ? told.filter(Boolean).join(" · ") : "");
  $("none").hidden = all.length > 0;
  let left = DRAWN;
  const take = (rules) => { const taken = rules.slice(0, left); left -= taken.length; return taken.map(row); };
  if (wanted === "near") {
    $("rules").replaceChildren(...take(all.filter(fits).sort((a, b) => nearest(b) - nearest(a))));
    return;
  }
  $("rules").replaceChildren(...groups.map((group) => [group, group.rules.filter(fits)]).filter(([, rules]) => rules.length && left > 0).flatMap(([group, rules]) => [
    el("h3", null, named(group.name), ` · ${group.file} · every ${duration(group.interval)}${group.evaluationTime ? ` · took ${(group.evaluationTime * 1000).toFixed(0)} ms` : ""}`),
    ...take(rules),
  ]));
}

let failed = false;
async function look() {
  if (!document.hidden) {
    try {
      groups = (await get("rules")).data.groups;
      failed = false;
      draw();
    } catch (error) {
      say($("count"), error.message);
      failed = true;
    }
  }
  $("count").classList.toggle("bad", failed);
  setTimeout(look, EVERY);
}

$("filter").oninput = draw;
$("state").onchange = draw;
$("choose").addEventListener("submit", (event) => event.preventDefault());
$("theme").onclick = turnTheme;
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || event.target.matches?.("input, select, textarea")) return;
  if (event.key === "/") $("filter").focus();
  else if (event.key === "C") location.href = "/";
  else if (event.key === "A") location.href = "/act";
  else if (event.key === "L") location.href = "/ledger";
  else if (event.key === "t") turnTheme();
  else return;
  event.preventDefault();
});
tick();
look();
