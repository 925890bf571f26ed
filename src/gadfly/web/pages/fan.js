// How a series went and how it will go on: the past as a line, the future as bands that hold ever more of it.

import { el, svg } from "./dom.js";
import { moment } from "./words.js";
import { short } from "./plot.js";

const W = 1000, H = 220;
/** So many times as much past as future: of four weeks beside half a day nothing of the half day would be seen. */
const PAST = 3;

const finite = (list) => list.filter((one) => one !== null && Number.isFinite(one));

/** Stretches of the past; where nothing is known there is no line. */
function past(points, x, y) {
  let text = "", joined = false;
  points.at.forEach((at, n) => {
    const value = points.value[n];
    if (value === null || !Number.isFinite(value)) { joined = false; return; }
    text += `${joined ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}${joined ? "" : "h.1"}`;
    joined = true;
  });
  return text;
}

/** The area between two quantiles. */
function band(ahead, low, high, x, y) {
  const over = ahead.at.map((at, n) => `${x(at).toFixed(1)} ${y(ahead.values[n][high]).toFixed(1)}`);
  const under = ahead.at.map((at, n) => `${x(at).toFixed(1)} ${y(ahead.values[n][low]).toFixed(1)}`).reverse();
  return `M${over.join("L")}L${under.join("L")}Z`;
}

/** `fan`: what the API gives. The bands hold 20, 40, 60 and 80 in a hundred futures. */
export function draw(fan) {
  const { ahead, limit, deadline } = fan;
  const to = Math.max(ahead.at.at(-1), deadline), first = fan.past.at.findIndex((at) => at >= ahead.at[0] - PAST * (to - ahead.at[0]));
  const gone = first < 0 ? { at: [], value: [] } : { at: fan.past.at.slice(first), value: fan.past.value.slice(first) };
  const from = gone.at[0] ?? ahead.at[0];
  const values = [...finite(gone.value), ...finite(ahead.values.flat()), ...(limit === null ? [] : [limit])];
  const low = Math.min(...values), high = Math.max(...values), room = (high - low || Math.abs(high) || 1) * 0.06;
  const x = (at) => ((at - from) / (to - from || 1)) * W, y = (value) => H - ((value - low + room) / (high - low + 2 * room)) * H;
  const last = ahead.levels.length - 1, middle = Math.floor(last / 2);
  const bands = [];
  for (let n = 0; n < middle; n += 1) bands.push(svg("path", { class: "band", d: band(ahead, n, last - n, x, y) }));
  const median = `M${ahead.at.map((at, n) => `${x(at).toFixed(1)} ${y(ahead.values[n][middle]).toFixed(1)}`).join("L")}`;
  const inside = deadline >= from && deadline <= to;
  const words = `until ${moment(to)}: ${short(ahead.values.at(-1)[0])} to ${short(ahead.values.at(-1)[last])} in 80 of 100 cases${limit === null ? "" : `; the limit is ${short(limit)}`}`;
  const mark = (value, text, kind = "") => {
    const node = el("span", { class: kind }, text);
    node.style.bottom = `${(1 - y(value) / H) * 100}%`;
    return node;
  };
  const ends = [mark(high, short(high)), mark(low, short(low))];
  return el("figure", { class: "fan" },
    el("div", { class: "scale", "aria-hidden": "true" }, ends, limit !== null && limit !== high && limit !== low ? mark(limit, short(limit), "bad") : null),
    svg("svg", { viewBox: `0 0 ${W} ${H}`, preserveAspectRatio: "none", role: "img", "aria-label": words },
      bands, svg("path", { class: "median", d: median }), svg("path", { class: "gone", d: past(gone, x, y) }),
      limit === null ? null : svg("line", { class: "limit", x1: 0, x2: W, y1: y(limit), y2: y(limit) }),
      inside ? svg("line", { class: "deadline", x1: x(deadline), x2: x(deadline), y1: 0, y2: H }) : null),
    el("div", { class: "axis" }, el("span", null, moment(from)), el("span", null, moment(to))),
    el("ul", { class: "legend" },
      el("li", null, el("i", { class: "k-gone" }), "as it went"), el("li", null, el("i", { class: "k-median" }), "as likely above as below"),
      el("li", null, el("i", { class: "k-band" }), "20, 40, 60, 80 of 100 futures"),
      limit === null ? null : el("li", null, el("i", { class: "k-limit" }), `full at ${short(limit)}`),
      inside ? el("li", null, el("i", { class: "k-deadline" }), `what its owner needs: until ${moment(deadline)}`) : null));
}
