// Small drawings of a story. Widths are shares of a fixed view box, so nothing is measured.

import { el, svg } from "./dom.js";
import { clock, duration, moment } from "./words.js";

const PHASES = ["dns", "connect", "tls", "first_byte", "body"];
const W = 600;

/** Where the time of an enquiry went. */
export function phases(times) {
  const known = PHASES.filter((name) => times[name] > 0);
  const total = known.reduce((sum, name) => sum + times[name], 0);
  if (!total) return null;
  let x = 0;
  const bars = known.map((name) => {
    const width = Math.max(1.5, (times[name] / total) * W);
    const bar = svg("rect", { class: `phase p-${name}`, x, y: 0, width: Math.max(1, width - 1), height: 8 });
    x += width;
    return bar;
  });
  const label = known.map((name) => `${name.replace("_", " ")} ${duration(times[name])}`).join(", ");
  return el("div", { class: "phases" },
    svg("svg", { viewBox: `0 0 ${Math.ceil(x)} 8`, preserveAspectRatio: "none", role: "img", "aria-label": label }, bars),
    el("div", { class: "legend" }, known.map((name) => el("span", null, el("i", { class: `p-${name}` }), `${name.replace("_", " ")} `, el("b", null, duration(times[name]))))));
}

/** The last enquiries: a bar each, as high as it took; what failed hangs below the line as well. */
export function history(asked) {
  if (asked.length < 2) return null;
  const top = Math.max(...asked.map((one) => one.seconds)) || 1;
  const width = W / Math.max(asked.length, 60);
  const bars = asked.map((one, n) => {
    const failed = one.outcome === "fail";
    const height = failed ? 24 : Math.max(1.5, (one.seconds / top) * 24);
    return svg("rect", { class: `o-${one.outcome}`, x: n * width, y: 24 - height, width: Math.max(1, width - 2), height: height + (failed ? 5 : 0) },
      svg("title", null, `${clock(one.at)} ${one.outcome}, ${duration(one.seconds)}`));
  });
  const failed = asked.filter((one) => one.outcome === "fail").length;
  return svg("svg", { class: "history", viewBox: `0 0 ${W} 30`, preserveAspectRatio: "none", role: "img",
    "aria-label": `last ${asked.length} enquiries, ${failed} failed, slowest ${duration(top)}` }, bars);
}

/** A day of verdicts as a band, the newest at the right. */
export function timeline(flips, verdict, now) {
  const oldest = flips.length ? flips[flips.length - 1].at : now - 500;
  const span = [600, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400].find((one) => now - oldest < one * 0.95) ?? 90 * 86400;
  const x = (at) => Math.max(0, (1 - (now - at) / span) * W);
  const parts = [];
  let end = now;
  let after = verdict;
  for (const flip of flips) {
    const from = x(flip.at);
    parts.push(svg("rect", { class: `v-${flip.after}`, x: from, y: 0, width: Math.max(1.5, x(end) - from), height: 14 },
      svg("title", null, `${moment(flip.at)} ${flip.before} → ${flip.after}: ${flip.reason}`)));
    end = flip.at;
    after = flip.before;
    if (from <= 0) break;
  }
  if (x(end) > 0) parts.push(svg("rect", { class: `v-${after}`, x: 0, y: 0, width: x(end), height: 14 }));
  return el("div", { class: "timeline" },
    svg("svg", { viewBox: `0 0 ${W} 14`, preserveAspectRatio: "none", role: "img",
      "aria-label": `${flips.length} changes of verdict in ${duration(span)}` }, parts.reverse()),
    el("div", { class: "axis" }, el("span", null, `−${duration(span)}`), el("span", null, "now")));
}
