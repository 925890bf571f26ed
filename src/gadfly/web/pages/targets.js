// The page of targets: what is scraped, how it went, and what is wrong where it did not.

import { $, el, named, say, since } from "./dom.js";
import { tick, turnTheme } from "./frame.js";
import { get, takeTokenFromAddress } from "./node.js";
import { plural } from "./words.js";

const EVERY = 5000;
const DRAWN = 500; // targets that are shown; the others are found by the filter
const ORDER = { down: 0, unknown: 1, up: 2 };
takeTokenFromAddress();

const labels = (pairs) => Object.entries(pairs).filter(([key]) => key !== "job" && key !== "instance").map(([key, value]) => `${key} ${value}`).join(", ");
const asked = (target) => Date.parse(target.lastScrape) / 1000;

function row(target) {
  const when = asked(target), about = labels(target.labels);
  return el("div", { class: "target" },
    el("span", { class: `state ${target.health}` }, target.health),
    el("div", null,
      el("span", { class: "name" }, el("a", { href: `/query#${new URLSearchParams({ q: `up{job=${JSON.stringify(target.scrapePool)},instance=${JSON.stringify(target.labels.instance ?? "")}}` })}`, title: "ask for its series" }, named(target.labels.instance ?? target.scrapeUrl))),
      about ? el("span", { class: "soft" }, " · ", about) : null,
      el("p", { class: "soft" }, target.scrapeUrl),
      target.lastError ? el("p", { class: "bad" }, named(target.lastError)) : null),
    el("div", { class: "when soft" }, when > 0 ? [since(when), ` · ${(target.lastScrapeDuration * 1000).toFixed(0)} ms`] : "not asked yet", el("br"), `every ${target.scrapeInterval}`));
}

const dropped = (one) => el("div", { class: "target" },
  el("span", { class: "state unknown" }, "dropped"),
  el("div", null, el("span", { class: "name" }, named(one.discoveredLabels.__address__ ?? "")), el("p", { class: "soft" }, labels(one.discoveredLabels))));

let found = { activeTargets: [], droppedTargets: [] };
function draw() {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean), wanted = $("state").value;
  const fits = (text) => words.every((word) => text.toLowerCase().includes(word));
  const all = found.activeTargets, down = all.filter((one) => one.health === "down").length;
  say($("count"), all.length ? [plural(all.length, "target"), down ? `${down} down` : ""].filter(Boolean).join(" · ") : "");
  $("none").hidden = all.length + found.droppedTargets.length > 0;
  if (wanted === "dropped") {
    $("targets").replaceChildren(...found.droppedTargets.filter((one) => fits(JSON.stringify(one.discoveredLabels))).slice(0, DRAWN).map(dropped));
    return;
  }
  const jobs = new Map();
  const shown = all.filter((one) => (!wanted || one.health === wanted) && fits(`${one.scrapePool} ${one.scrapeUrl} ${JSON.stringify(one.labels)} ${one.lastError}`))
    .sort((a, b) => ORDER[a.health] - ORDER[b.health]);
  for (const one of shown.slice(0, DRAWN)) jobs.set(one.scrapePool, [...(jobs.get(one.scrapePool) ?? []), one]);
  const count = (job, health) => all.filter((one) => one.scrapePool === job && (!health || one.health === health)).length;
  $("targets").replaceChildren(...[...jobs].flatMap(([job, targets]) => [
    el("h3", null, named(job), ` · ${count(job, "up")} of ${count(job)} up`), ...targets.map(row)]),
    ...(shown.length > DRAWN ? [el("p", { class: "soft" }, `and ${shown.length - DRAWN} more; the filter finds them`)] : []));
}

let failed = false;
async function look() {
  if (!document.hidden) {
    try {
      found = (await get("targets")).data;
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
  else if (event.key === "t") turnTheme();
  else return;
  event.preventDefault();
});
tick();
look();
