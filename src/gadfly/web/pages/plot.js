// A chart of lines over time, as SVG. Its text is HTML beside it, so that it never stretches; only the width of
// the drawing is looked at, by an observer.

import { el, named, say, svg } from "./dom.js";
import { clock, moment } from "./words.js";

const W = 1000, H = 200;
const HUES = 6, DASHES = 4;
/** The look of a line and of its mark: six hues, and then the same in other dashes: 24 that can be told apart. */
export const look = (n) => `hue-${n % HUES} dash-${Math.floor(n / HUES) % DASHES}`;

/** A number in at most four digits, with a letter for thousands. */
export function short(n) {
  if (!Number.isFinite(n)) return String(n);
  const size = Math.abs(n);
  for (const [unit, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
    if (size >= unit) return `${Number((n / (letter === "k" ? 1e3 : unit)).toPrecision(3))} ${letter}`;
  }
  return size && size < 1e-4 ? n.toExponential(1) : String(Number(n.toPrecision(size < 1 ? 2 : 4)));
}

/** Round numbers from below the least to above the most, four or five of them. */
function ticks(low, high) {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => span / one <= 4.001) ?? power * 10;
  const first = Math.floor(low / step + 1e-9), last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, n) => (first + n) * step);
}

/** Stretches of a line that are not interrupted: a gap of more than a step and a half breaks it. */
function path(points, x, y, step) {
  let text = "", last = -Infinity;
  for (const [at, value] of points) {
    if (!Number.isFinite(value)) { last = -Infinity; continue; }
    const joined = at - last <= step * 1.5;
    // A lone point is a short line, or nobody would see it.
    text += `${joined ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(2)}${joined ? "" : "h.1"}`;
    last = at;
  }
  return text;
}

/**
 * `series`: [{name, points: [[at, value]]}], times in seconds; `bands`: [[from, to]] in which something failed.
 * `write` makes words of a value; `zero` lets the scale begin there. `tell` is given the words of each series
 * where the pointer is (at the end, where it is nowhere), and then of each of `more`, which are not drawn;
 * without it they stand in a legend.
 */
export function plot({ series, more = [], bands = [], from, to, step, write = short, zero = true, tell, label }) {
  const values = series.flatMap((one) => one.points.map(([, value]) => value)).filter(Number.isFinite);
  const low = values.reduce((a, b) => Math.min(a, b), zero ? 0 : Infinity), high = values.reduce((a, b) => Math.max(a, b), zero ? 0 : -Infinity);
  const marks = ticks(Number.isFinite(low) ? low : 0, Number.isFinite(high) && (high || low) ? high : 1);
  const bottom = marks[0], top = marks.at(-1);
  const x = (at) => ((at - from) / (to - from)) * W, y = (value) => H - ((value - bottom) / (top - bottom)) * H;
  const lines = series.map((one, n) => svg("path", { class: `line ${look(n)}`, d: path(one.points, x, y, step) }));
  const hair = svg("line", { class: "hair", y1: 0, y2: H, visibility: "hidden" });
  const drawing = svg("svg", { viewBox: `0 0 ${W} ${H}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    marks.map((one) => svg("line", { class: "grid", x1: 0, x2: W, y1: y(one), y2: y(one) })),
    bands.map(([a, b]) => svg("rect", { class: "failed", x: x(a), y: 0, width: Math.max(3, x(b) - x(a)), height: H })),
    lines, hair);
  const scale = el("div", { class: "scale", "aria-hidden": "true" }, marks.map((one) => {
    const text = el("span", null, write(one));
    text.style.bottom = `${((one - bottom) / (top - bottom)) * 100}%`;
    return text;
  }));
  const told = el("div", { class: "axis" }, el("span", null, moment(from)), el("span", { class: "at", role: "status" }), el("span", null, moment(to)));
  const legend = !tell && (series.length > 1 || series[0]?.name)
    ? el("ul", { class: "legend" }, series.map((one, n) => el("li", null, el("i", { class: look(n) }), named(one.name), " ", el("b", null))))
    : null;
  const numbers = legend ? [...legend.querySelectorAll("b")] : [];
  const point = (at) => {
    hair.setAttribute("visibility", at === null ? "hidden" : "visible");
    for (const end of ["x1", "x2"]) hair.setAttribute(end, x(at ?? to));
    const found = [...series, ...more].map(({ points }) => {
      const near = at === null ? points.at(-1) : points.reduce((best, one) => (Math.abs(one[0] - at) < Math.abs(best[0] - at) ? one : best), [-Infinity]);
      return near && Math.abs(near[0] - (at ?? to)) <= step * 1.5 ? write(near[1]) : "–";
    });
    numbers.forEach((node, n) => say(node, found[n]));
    tell?.(found);
    say(told.children[1], at === null ? "" : `${clock(at)}${numbers.length || tell ? "" : `  ${found.join(", ")}`}`);
  };
  let width = 0;
  new ResizeObserver(([entry]) => { width = entry.contentRect.width; }).observe(drawing);
  drawing.addEventListener("pointermove", (event) => {
    if (!width) return;
    point(from + Math.round(((event.offsetX / width) * (to - from)) / step) * step);
  });
  drawing.addEventListener("pointerleave", () => point(null));
  point(null);
  return el("figure", { class: "plot" }, scale, drawing, told, legend);
}

/** What a range query gave, as series of a chart; `name` makes a word of the labels. */
export const lines = (data, name) => data.result.map(({ metric, values }) => ({
  name: name(metric), points: values.map(([at, value]) => [at, value === "+Inf" ? Infinity : value === "-Inf" ? -Infinity : Number(value)]),
}));

let styled = false;
/** The look of a chart, on a page that has none at the start. */
export function style() {
  if (styled || document.querySelector('link[href="/page/plot.css"]')) return;
  styled = true;
  document.head.append(el("link", { rel: "stylesheet", href: "/page/plot.css" }));
}
