// The page of queries: expressions, their chart or their table. The address holds all of it.

import { completing } from "./complete.js";
import { $, el, named, say } from "./dom.js";
import { turnTheme } from "./frame.js";
import { get, takeTokenFromAddress } from "./node.js";
import { lines, look, plot, short } from "./plot.js";
import { moment, now, number, plural } from "./words.js";

const SPANS = { "15 min": 900, "1 h": 3600, "6 h": 21600, "1 d": 86400, "7 d": 604800, "30 d": 2592000 };
const POINTS = 300;
const MOST = 6; // expressions
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

/** What the address says: `q` once for each expression, `span`, `to` (where it is not now), `view`. */
function told() {
  const given = new URLSearchParams(location.hash.slice(1));
  return {
    queries: given.getAll("q").filter(Boolean).slice(0, MOST),
    span: given.get("span") in SPANS ? given.get("span") : "1 h",
    to: Number(given.get("to")) || null,
    view: given.get("view") === "table" ? "table" : "graph",
  };
}
function address({ queries, span, to, view }) {
  const text = new URLSearchParams(queries.map((q) => ["q", q]));
  text.set("span", span);
  if (to) text.set("to", to);
  if (view === "table") text.set("view", view);
  return `#${text}`;
}
function go(change) {
  const to = address({ ...told(), queries: written(), ...change });
  if (location.hash === to) ask(); else location.hash = to;
}

const inputs = () => [...$("expressions").querySelectorAll("input")];
const written = () => inputs().map((one) => one.value.trim()).filter(Boolean);

function row(text) {
  const input = el("input", { type: "text", class: "expression", placeholder: "rate(heartbeat_lost_total[5m])   /", "aria-label": "Expression", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 3000, enterkeyhint: "go" });
  input.value = text;
  const line = el("li", null, completing(input), el("button", { type: "button", class: "quiet", title: "Without this expression", "aria-label": "Without this expression", onclick: () => { line.remove(); if (!inputs().length) $("expressions").append(row("")); go({}); } }, "×"));
  return line;
}
function show(queries) {
  const texts = queries.length ? queries : [""];
  if (inputs().length === texts.length) inputs().forEach((one, n) => { if (one.value !== texts[n]) one.value = texts[n]; });
  else $("expressions").replaceChildren(...texts.map(row));
}

/** The labels as an expression writes them, without the name. */
const labels = (metric) => Object.entries(metric).filter(([key]) => key !== "__name__").map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(", ");
const pressed = (box, word) => [...box.children].forEach((one) => one.setAttribute("aria-pressed", String(one.textContent === word)));

/** An expression whose mistake has a place, with that place marked. */
function mistake(query, message) {
  const place = /(?:^|[^\d])(\d+):(\d+): parse error/.exec(message);
  const text = place ? query.split("\n")[place[1] - 1] ?? "" : "";
  const at = place ? Math.min(place[2] - 1, text.length) : 0;
  return el("div", { class: "mistake" },
    place ? el("code", null, text.slice(0, at), el("u", { class: "bad" }, /^[\w:]+|^[^\w:]/.exec(text.slice(at))?.[0] ?? " "), text.slice(at + (/^[\w:]+|^[^\w:]/.exec(text.slice(at))?.[0].length ?? 0))) : el("code", null, query),
    el("p", { class: "bad" }, named(message.replace(/^invalid parameter "query": /, ""))));
}

let cells = [];
/** The series, a row each, under its expression where there are several. */
function rows(answers, single) {
  let n = 0;
  cells = [];
  const made = answers.flatMap(({ query, result }) => [
    answers.length > 1 ? el("tr", { class: "of" }, el("th", { colspan: 2, scope: "colgroup" }, named(query))) : null,
    ...result.slice(0, LISTED).map(({ metric, value }) => {
      const hue = n < DRAWN && !single && !value ? el("i", { class: look(n) }) : null;
      const cell = el("td", { class: "number" }, value ? short(Number(value[1].replace("Inf", "Infinity"))) : "");
      if (value) cell.title = value[1];
      cells.push(cell);
      n++;
      return el("tr", null, el("td", null, hue, metric.__name__ ? el("span", { class: "name" }, named(metric.__name__)) : null, " ", el("span", { class: "soft" }, named(labels(metric) || (metric.__name__ ? "" : "{}")))), cell);
    })].filter(Boolean));
  $("series").hidden = !cells.length;
  $("rows").replaceChildren(...made);
}

/** One answer, as a list of series whatever its type. */
function listed(data) {
  if (data.resultType === "scalar" || data.resultType === "string") return [{ metric: {}, value: data.result }];
  return data.result.map((one) => (one.value || !one.values ? one : { ...one, value: one.values.at(-1) }));
}

let current = null;
async function ask() {
  const { queries, span: word, to: until, view } = told();
  show(queries);
  pressed($("spans"), word);
  pressed($("views"), view);
  $("later").hidden = !until;
  $("spans").hidden = $("earlier").hidden = view === "table" && !until;
  current?.abort();
  if (!queries.length) { $("answer").hidden = true; return; }
  const stop = current = new AbortController();
  const span = SPANS[word], step = Math.max(5, Math.ceil(span / POINTS / 5) * 5);
  const to = until ?? Math.floor(now() / step) * step, from = to - span;
  $("answer").hidden = false;
  say($("about"), "asking");
  const began = performance.now();
  const found = await Promise.all(queries.map((query) => {
    const path = view === "table" ? `query?${new URLSearchParams({ query, time: until ?? now() })}` : `query_range?${new URLSearchParams({ query, start: from, end: to, step })}`;
    return get(path, stop.signal).then(({ data, warnings }) => ({ query, warnings, result: view === "table" ? listed(data) : data.result }), (error) => ({ query, error: error.message, result: [] }));
  }));
  if (stop.signal.aborted) return;
  const took = performance.now() - began, count = found.reduce((sum, { result }) => sum + result.length, 0);
  const graph = view === "graph";
  const shown = graph ? lines({ result: found.flatMap(({ result }) => result.slice(0, LISTED)) }, () => "") : []; // one for each row
  rows(found, count === 1);
  const bad = found.filter(({ error }) => error);
  const less = graph && count > DRAWN ? `, the first ${DRAWN} are drawn` : "";
  const when = graph ? `one point every ${number(step)} s` : `at ${moment(until ?? now())}`;
  say($("about"), count ? `${plural(count, "series", "series")}${less} · ${when} · ${took.toFixed(0)} ms` : bad.length ? "" : "no series has a sample there");
  $("chart").replaceChildren(
    ...bad.map(({ query, error }) => mistake(query, error)),
    ...[...new Set(found.flatMap(({ warnings }) => warnings ?? []))].map((one) => el("p", { class: "lacking" }, named(one))),
    ...(shown.length ? [plot({ series: shown.slice(0, DRAWN), more: shown.slice(DRAWN), from, to, step, zero: false, tell: (texts) => cells.forEach((cell, n) => say(cell, texts[n] ?? "")), label: `${queries.join(", ")}: ${count} series` })] : []));
}

for (const text of EXAMPLES) $("examples").append(el("a", { href: address({ ...told(), queries: [text], to: null }) }, text));
for (const word of Object.keys(SPANS)) $("spans").append(el("button", { type: "button", class: "chip", onclick: () => go({ span: word }) }, word));
for (const word of ["graph", "table"]) $("views").append(el("button", { type: "button", class: "chip", onclick: () => go({ view: word }) }, word));
const shifted = (by) => {
  const { to, span } = told(), next = Math.round((to ?? now()) + by * SPANS[span] / 2);
  go({ to: next >= now() - SPANS[span] / 20 ? null : next });
};
$("earlier").onclick = () => shifted(-1);
$("later").onclick = () => shifted(1);
$("more").onclick = () => {
  if (inputs().length < MOST) $("expressions").append(row(""));
  inputs().at(-1).focus();
};
$("ask").addEventListener("submit", (event) => { event.preventDefault(); go({}); });
addEventListener("hashchange", () => { takeTokenFromAddress(); ask(); });
$("theme").onclick = turnTheme;
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || event.target.matches?.("input, select, textarea")) return;
  if (event.key === "/") inputs()[0].focus();
  else if (event.key === "C") location.href = "/";
  else if (event.key === "A") location.href = "/act";
  else if (event.key === "L") location.href = "/ledger";
  else if (event.key === "t") turnTheme();
  else return;
  event.preventDefault();
});
ask();
