// The page of functions: what there is, when it ran, what it may and did use, and every call with what it wrote.

import { $, el, named, say, since, svg } from "./dom.js";
import { tick, turnTheme } from "./frame.js";
import { row } from "./invocations.js";
import { get, takeTokenFromAddress } from "./node.js";
import { put, when } from "./section.js";
import { now, plural } from "./words.js";

const EVERY = 3000;
const PAGE = 100;
const LANE = 400; // calls that the timelines are drawn from
const SPANS = [900, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400]; // the shortest that holds all of them is drawn
const WORDS = { 900: "15 min", 3600: "hour", 21600: "6 h", 86400: "day", 604800: "week", 2592000: "month" };
takeTokenFromAddress();

let functions = [], lately = [], calls = [], earlier = [], story = null;
const chosen = () => new URLSearchParams(location.hash.slice(1)).get("fn") ?? "";
const used = (one) => one.grants.filter((grant) => grant.count).length;

function choose(name) {
  history.replaceState(null, "", name ? `#${new URLSearchParams({ fn: name })}` : location.pathname);
  earlier = [];
  story = null;
  once();
}

const span = () => {
  const oldest = Math.min(...lately.map((one) => one.created), now());
  return SPANS.find((seconds) => now() - oldest <= seconds) ?? SPANS.at(-1);
};

/** One lane of time: a mark for each call, worse ones over better ones. */
function lane(name, seconds) {
  const order = { done: 0, skipped: 1, waiting: 2, running: 2, dead: 3 };
  const own = lately.filter((one) => one.function === name && now() - one.created <= seconds).sort((a, b) => order[a.state] - order[b.state]);
  const words = `${plural(own.length, "call")} in the last ${WORDS[seconds]}, ${own.filter((one) => one.state === "dead").length} dead letters`;
  return svg("svg", { class: "lane", viewBox: "0 0 400 22", preserveAspectRatio: "none", role: "img", "aria-label": words },
    svg("title", null, words),
    svg("line", { x1: 0, x2: 400, y1: 21, y2: 21 }),
    ...own.map((one) => {
      const x = 396 - ((now() - one.created) / seconds) * 396, high = one.state === "dead" ? 18 : one.state === "skipped" ? 6 : 12;
      return svg("rect", { class: `c-${one.state}`, x: Math.max(0, x).toFixed(1), y: 21 - high, width: 3, height: high });
    }));
}

function line(one, seconds) {
  const grants = one.grants.length ? `${used(one)} of ${plural(one.grants.length, "grant")} used` : "no grants";
  return el("div", { class: "fn", tabindex: 0, role: "button", "data-key": `fn-${one.name}`, "aria-current": chosen() === one.name ? "true" : null, onclick: () => choose(one.name), onkeydown: (event) => { if (event.key === "Enter") choose(one.name); } },
    el("div", null,
      el("span", { class: "title" }, named(one.name)), el("span", { class: "soft" }, " · ", named(one.owner), one.waiting ? ` · ${one.waiting} wait` : ""),
      one.deployed ? null : el("span", { class: "bad" }, " · not deployed"),
      el("p", { class: "soft" }, named(one.purpose)),
      el("p", { class: "soft" }, el("code", null, one.on.join("; ") || "by hand"))),
    el("div", { class: "drawn" }, lane(one.name, seconds)),
    el("div", { class: "grants soft" }, grants));
}

function drawFunctions() {
  const seconds = span();
  say($("count"), functions.length ? `${plural(functions.length, "function")} · the last ${WORDS[seconds]}` : "");
  $("none").hidden = functions.length > 0;
  put($("functions"), functions.map((one) => line(one, seconds)));
}

function drawOne(box, one) {
  const facts = [["purpose", one.purpose], ["owner", one.owner], ["called by", one.on.join("; ") || "people and automations"], ["file", one.path],
    ["limits", `${one.limits.seconds} s, ${one.limits.memory / 2 ** 20} MiB, ${one.limits.at_once} at once${one.scratch ? `, ${one.scratch / 2 ** 20} MiB scratch` : ""}`],
    ["review", one.review]];
  put(box, [
    el("dl", null, ...facts.flatMap(([key, value]) => [el("dt", null, key), el("dd", null, named(value))])),
    one.deployed && one.file ? el("p", { class: "soft" }, "Its file: ", named(one.file), el("span", null, ". ", el("code", null, `gadfly fn deploy ${one.name}`), " would call what it holds.")) : null,
    ...one.findings.map((words) => el("p", { class: "bad" }, named(words))),
    el("h3", null, one.grants.length ? `grants · ${used(one)} of ${one.grants.length} used` : "It may ask for nothing."),
    ...one.grants.map((grant) => el("div", { class: "grant" }, el("code", null, grant.line),
      grant.count ? el("span", { class: "soft" }, `${grant.count} × · `, since(grant.last, " ago")) : el("span", { class: "never" }, "never used"))),
    el("h3", null, plural(one.versions.length, "version")),
    ...one.versions.slice(0, 10).map((version) => el("div", { class: "grant" }, el("code", null, version.hash.slice(0, 12), version.hash === one.deployed ? " · called" : ""),
      el("span", { class: "soft" }, named(version.who), " · ", since(version.at, " ago")))),
  ].filter(Boolean));
}

function drawCalls() {
  const all = [...calls, ...earlier];
  const dead = lately.filter((one) => one.state === "dead" && (!chosen() || one.function === chosen())).length;
  say($("shown"), all.length ? [plural(all.length, "call"), dead ? `${plural(dead, "dead letter")}` : ""].filter(Boolean).join(" · ") : "none");
  when("calls", all, (box) => put(box, all.map((one) => row(one, once))));
}

const path = (before) => {
  const query = new URLSearchParams({ limit: PAGE });
  if (chosen()) query.set("function", chosen());
  if ($("state").value) query.set("state", $("state").value);
  if (before) query.set("before", before);
  return `invocations?${query}`;
};

async function once() {
  try {
    const name = chosen();
    const [all, recent, page, one] = await Promise.all([get("functions"), get(`invocations?limit=${LANE}`), get(path()), name ? get(`functions/${encodeURIComponent(name)}`).catch(() => null) : null]);
    if (name !== chosen()) return;
    functions = all.functions;
    lately = recent.invocations;
    const last = calls.at(-1)?.id;
    calls = page.invocations;
    if (earlier.length && last !== undefined) earlier = earlier.filter((call) => call.id < (calls.at(-1)?.id ?? 0));
    story = one;
    $("more").hidden = (earlier.length ? earlier : calls).length < PAGE;
    drawFunctions();
    $("one").hidden = story === null;
    if (story) {
      say($("one-title"), story.name);
      say($("one-version"), story.deployed ? `version ${story.deployed.slice(0, 12)}` : "not deployed");
      when("about", story, drawOne);
    }
    drawCalls();
    $("count").classList.remove("bad");
  } catch (error) {
    say($("count"), error.message);
    $("count").classList.add("bad");
  }
}

async function look() {
  if (!document.hidden) await once();
  setTimeout(look, EVERY);
}

$("more").onclick = async () => {
  const all = [...calls, ...earlier];
  earlier = [...earlier, ...(await get(path(all.at(-1).id))).invocations];
  $("more").hidden = earlier.length < PAGE;
  drawCalls();
};
$("state").onchange = () => { earlier = []; once(); };
$("close").onclick = () => choose("");
$("theme").onclick = turnTheme;
addEventListener("hashchange", () => { earlier = []; once(); });
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || event.target.matches?.("input, select, textarea")) return;
  if (event.key === "Escape") choose("");
  else if (event.key === "C") location.href = "/";
  else if (event.key === "t") turnTheme();
  else return;
  event.preventDefault();
});
tick();
look();
