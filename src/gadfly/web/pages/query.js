// The page of queries: an expression, its chart, and what each series is now.

import { $, el, named, say } from "./dom.js";
import { turnTheme } from "./frame.js";
import { get, takeTokenFromAddress } from "./node.js";
import { HUES, lines, plot } from "./plot.js";
import { now, number, plural } from "./words.js";

const SPANS = { "15 min": 900, "1 h": 3600, "6 h": 21600, "1 d": 86400, "7 d": 604800, "30 d": 2592000 };
const POINTS = 300;
const DRAWN = 20; // lines that an eye tells apart, and then some
const LISTED = 200;
const EXAMPLES = [
  "probe_duration_seconds{phase=\"\"}",
  "sum by (component) (rate(heartbeat_lost_total[5m]))",
  "avg_over_time(probe_success[1h])",
  "heartbeat_up == 0",
  "rate(process_cpu_seconds_total[1m])",
];
takeTokenFromAddress();

const address = (q, span) => `#${new URLSearchParams({ q, span })}`;
for (const text of EXAMPLES) $("examples").append(el("a", { href: address(text, "1 h") }, text));

/** The labels as an expression writes them, without the name. */
const labels = (metric) => Object.entries(metric).filter(([key]) => key !== "__name__").map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(", ");

let current = null;
function answer(about, bad, ...drawn) {
  $("answer").hidden = false;
  say($("about"), about);
  $("about").classList.toggle("bad", bad);
  $("chart").replaceChildren(...drawn);
}

function rows(found, single) {
  const shown = found.slice(0, LISTED);
  $("series").hidden = !shown.length;
  $("rows").replaceChildren(...shown.map(({ metric }, n) => el("tr", null,
    el("td", null, n < DRAWN && !single ? el("i", { class: `hue-${n % HUES}` }) : null, metric.__name__ ? el("span", { class: "name" }, named(metric.__name__)) : null, " ", el("span", { class: "soft" }, named(labels(metric) || (metric.__name__ ? "" : "{}")))),
    el("td", { class: "number" }))));
}

/** What each drawn series is where the pointer is. */
function values(words) {
  [...$("rows").children].forEach((row, n) => say(row.lastChild, words[n] ?? ""));
}

async function ask() {
  const given = new URLSearchParams(location.hash.slice(1));
  const query = given.get("q") ?? "";
  $("expression").value = query;
  $("span").value = given.get("span") in SPANS ? given.get("span") : "1 h";
  current?.abort();
  if (!query) { $("answer").hidden = true; return; }
  const stop = current = new AbortController();
  const span = SPANS[$("span").value], step = Math.max(5, Math.ceil(span / POINTS / 5) * 5);
  const to = Math.floor(now() / step) * step, from = to - span;
  answer("asking", false);
  const began = performance.now();
  try {
    const { data } = await get(`query_range?${new URLSearchParams({ query, start: from, end: to, step })}`, stop.signal);
    const took = performance.now() - began, count = data.result.length;
    const drawn = { result: data.result.slice(0, DRAWN) };
    rows(data.result, count === 1);
    const less = count > DRAWN ? `, the first ${DRAWN} are drawn` : "";
    answer(count ? `${plural(count, "series", "series")}${less} · one point every ${number(step)} s · ${took.toFixed(0)} ms` : "no series has a sample there", false,
      ...(count ? [plot({ series: lines(drawn, () => ""), from, to, step, zero: false, tell: values, label: `${query}: ${count} series` })] : []));
  } catch (error) {
    if (stop.signal.aborted) return;
    answer(error.message, true);
    rows([], true);
  }
}

async function suggest() {
  try {
    const { data } = await get("label/__name__/values");
    $("names").replaceChildren(...data.slice(0, 2000).map((name) => el("option", { value: name })));
  } catch { /* then without suggestions */ }
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const to = address($("expression").value.trim(), $("span").value);
  if (location.hash === to) ask(); else location.hash = to;
});
$("span").onchange = () => $("ask").requestSubmit();
addEventListener("hashchange", () => { takeTokenFromAddress(); ask(); });
$("theme").onclick = turnTheme;
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || event.target.matches?.("input, select, textarea")) return;
  if (event.key === "/") $("expression").focus();
  else if (event.key === "C") location.href = "/";
  else if (event.key === "A") location.href = "/act";
  else if (event.key === "L") location.href = "/ledger";
  else if (event.key === "t") turnTheme();
  else return;
  event.preventDefault();
});
ask();
suggest();
