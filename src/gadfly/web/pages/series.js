// The charts of a component's story: how long its probes took and when they failed, and what was lost of its beats.

import { el, named } from "./dom.js";
import { get } from "./node.js";
import { lines, plot, style } from "./plot.js";
import { duration, now } from "./words.js";

const SPANS = { "1 h": 3600, "6 h": 21600, "1 d": 86400, "7 d": 604800 };
const POINTS = 240;
const EVERY = 15; // s between samples of heartbeats
const LINES = 6;
const LEAST = 600; // s that a chart shows, though there be samples of less
let chosen = "1 h";
let picked = ""; // a metric to be seen beside what is always drawn

const quoted = (text) => JSON.stringify(text);
const ask = (query, from, to, step) => get(`query_range?${new URLSearchParams({ query, start: from, end: to, step })}`).then((told) => told.data);
const whole = (metric) => [metric.probe, metric.check].filter(Boolean).join(" ");
const percent = (share) => `${Number((share * 100).toPrecision(2))} %`;

/** Stretches of time in which a 0/1 series was below one. */
function failures(data, step) {
  const found = [];
  for (const { values } of data.result) {
    for (const [at, value] of values) {
      if (Number(value) >= 1) continue;
      const last = found.at(-1);
      if (last && at - last[1] <= step * 1.5 && at >= last[0]) last[1] = at + step / 2;
      else found.push([at - step / 2, at + step / 2]);
    }
  }
  return found;
}

/** What is drawn of a metric: the rate of what only grows, else what it is. */
function drawnOf(metric, one, window, every) {
  return /_(total|count|sum|bucket)$/.test(metric)
    ? { query: `rate(${metric}{${one}}[${window}s])`, words: "a second" }
    : { query: `last_over_time(${metric}{${one}}[${every}s])`, words: "" };
}

/** A line's name: the labels in which the series differ. */
function differing(data) {
  const all = data.result.map(({ metric }) => metric);
  const keys = [...new Set(all.flatMap(Object.keys))].filter((key) => key !== "__name__" && all.some((one) => one[key] !== all[0][key]));
  return (metric) => keys.filter((key) => metric[key]).map((key) => metric[key]).join(" ");
}

/** The names of a component's metrics, as something to choose from, and the chart of the chosen one. */
async function choice(name, draws, { from, to, step, window, asking }) {
  const one = `component=${quoted(name)}`;
  const { data: metrics } = await get(`label/__name__/values?${new URLSearchParams({ "match[]": `{${one}}`, start: from, end: to })}`);
  if (!metrics.length) return [];
  const select = el("select", { "aria-label": "Another metric", onchange: (event) => { picked = event.target.value; draws(); } },
    el("option", { value: "" }, "another metric"), metrics.map((metric) => el("option", { value: metric, selected: metric === picked }, metric)));
  if (!metrics.includes(picked)) return [el("h4", null, select)];
  const { query, words } = drawnOf(picked, one, window, asking);
  const data = await ask(query, from, to, step);
  const shown = { result: data.result.slice(0, LINES) };
  const more = data.result.length - shown.result.length;
  return [el("h4", null, select, " ", el("span", { class: "soft" }, [words, more > 0 ? `${more} more series` : ""].filter(Boolean).join(", "))),
    ...(shown.result.length ? [plot({ from, to, step, zero: false, series: lines(shown, differing(shown)), label: picked })] : [])];
}

async function draw(name, every, draws) {
  const span = SPANS[chosen];
  const step = Math.max(EVERY, Math.ceil(span / POINTS / EVERY) * EVERY);
  const to = Math.floor(now() / step) * step, asked = to - span;
  const one = `component=${quoted(name)}`, window = Math.max(300, step * 2);
  // Wide enough for one sample at least, though it come a little late; or the line would have holes.
  const asking = Math.max(step, Math.ceil(every * 1.5) + 5), beating = Math.max(step, EVERY + 10);
  const over = (metric) => `rate(${metric}{${one}}[${window}s])`;
  const [took, passed, lost, up] = await Promise.all([
    `max_over_time(probe_duration_seconds{${one},phase=""}[${asking}s])`,
    `min_over_time(probe_success{${one}}[${asking}s])`,
    `${over("heartbeat_lost_total")} / (${over("heartbeat_lost_total")} + ${over("heartbeat_received_total")})`,
    `min_over_time(heartbeat_up{${one}}[${beating}s])`,
  ].map((query) => ask(query, asked, to, step)));
  const first = Math.min(...[took, up].flatMap(({ result }) => result.map(({ values }) => values[0][0])));
  const from = Math.max(asked, Math.min(first - step, to - LEAST));
  const failed = failures(passed, step), silent = failures(up, step);
  const common = { from, to, step };
  const parts = [];
  if (took.result.length) {
    const all = lines(took, whole);
    parts.push(el("h4", null, "probes ", el("span", { class: "soft" }, failed.length ? "seconds taken; failed where red" : "seconds taken; none failed")),
      plot({ ...common, series: all.length > 1 ? all : all.map((line) => ({ ...line, name: "" })), bands: failed, write: (v) => (v ? duration(v) : "0"), label: "How long the probes took" }));
  }
  if (up.result.length) {
    parts.push(el("h4", null, "heartbeats lost ", el("span", { class: "soft" }, silent.length ? "share of those sent; silent where red" : "share of those sent")),
      plot({ ...common, series: lines(lost, () => ""), bands: silent, write: percent, label: "Share of heartbeats lost" }));
  }
  if (parts.length) parts.push(...await choice(name, draws, { ...common, window, asking }));
  return parts;
}

/**
 * Fill the box with the charts of a component; it stays away where there is nothing to draw. `every`: seconds
 * between two enquiries of its slowest probe.
 */
export async function charts(box, name, every) {
  style();
  let parts;
  try {
    parts = await draw(name, every, () => charts(box, name, every));
  } catch (error) {
    parts = [el("p", { class: "soft" }, named(error.message))];
  }
  if (box.dataset.name !== name) return;
  const spans = el("div", { class: "spans end", role: "group", "aria-label": "How far back" }, Object.keys(SPANS).map((span) =>
    el("button", { type: "button", class: "chip", "aria-pressed": String(span === chosen), onclick: () => { chosen = span; charts(box, name, every); } }, span)));
  const focused = [...box.querySelectorAll("button, select")].indexOf(document.activeElement);
  box.hidden = !parts.length;
  box.replaceChildren(el("div", { class: "head" }, el("h3", null, "series"),
    el("a", { class: "soft", href: `/query#q=${encodeURIComponent(`{component=${quoted(name)}}`)}` }, "query ›"), spans), ...parts);
  if (focused >= 0) box.querySelectorAll("button, select")[focused]?.focus({ preventScroll: true });
}
