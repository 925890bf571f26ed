// The record of predictors: a row each, and whether what they call likely happens.

import { el, named, svg } from "./dom.js";
import { duration, number } from "./words.js";

const SIDE = 150;
const percent = (part) => (part === null ? "–" : `${Math.round(part * 100)} %`);
const figure = (value) => (value === null ? "–" : value.toFixed(3));

/** How probable it was called, across; how often it then happened, upwards. On the line, both are the same. */
export function reliability(bins) {
  const known = bins.filter((bin) => bin.count > 0);
  const most = Math.max(1, ...known.map((bin) => bin.count));
  const at = (part) => 8 + part * (SIDE - 16);
  const dots = known.map((bin) => svg("circle", { cx: at(bin.foretold), cy: SIDE - at(bin.happened), r: 2.5 + 6 * Math.sqrt(bin.count / most) },
    svg("title", null, `called ${percent(bin.foretold)}, happened ${percent(bin.happened)} of ${number(bin.count)}`)));
  const words = known.map((bin) => `called ${percent(bin.foretold)}, happened ${percent(bin.happened)} of ${bin.count}`).join("; ");
  return el("figure", { class: "reliability" },
    svg("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img", "aria-label": words || "nothing was resolved yet" },
      svg("line", { class: "grid", x1: at(0), y1: SIDE - at(0), x2: at(1), y2: SIDE - at(1) }),
      svg("path", { class: "frame", d: `M${at(0)} ${SIDE - at(1)}V${SIDE - at(0)}H${at(1)}` }), dots),
    el("figcaption", { class: "soft" }, "called, across; happened, upwards"));
}

const cell = (label, value, title, kind = "") => el("div", { class: `figure ${kind}`, title }, el("span", { class: "soft" }, label), el("b", null, value));

/** One predictor's record. */
export function row(score) {
  const over = score.budget !== null && score.alarms_a_week > score.budget;
  return el("div", { class: "score" },
    el("div", { class: "who" },
      el("span", { class: "title" }, named(score.name)), el("span", { class: "soft" }, ` · ${score.kind}`),
      el("p", { class: "soft" }, `${number(score.resolved)} came to their time: ${number(score.came_true)} came true, ${number(score.did_not)} did not; ${number(score.open)} open${score.void ? `, ${number(score.void)} void` : ""}`),
      score.silent ? el("p", { class: "bad" }, "silent: ", named(score.why)) : null,
      el("div", { class: "figures" },
        cell("skill", score.skill === null ? "–" : percent(score.skill), "How much better than the naive guess: 100 % is perfect, below 0 is worse than guessing", score.skill !== null && score.skill < 0 ? "worse" : ""),
        cell("Brier", figure(score.brier), `Mean squared error of the probabilities; the naive guess has ${figure(score.naive)}`),
        cell("alarms a week", `${score.alarms_a_week.toFixed(1)}${score.budget === null ? "" : ` of ${Number(score.budget.toFixed(1))}`}`, "Those that were told, and the budget", over ? "worse" : ""),
        cell("right", percent(score.precision), "Alarms after which it happened"),
        cell("ahead by", score.lead === null ? "–" : duration(score.lead), "Median time between an alarm and what it foretold"))),
    score.reliability.some((bin) => bin.count) ? reliability(score.reliability) : null);
}
