// The numbers that a question stands on: figures beside the sentence, a small picture where they are a series.

import { el, named, svg } from "./dom.js";
import { moment, number } from "./words.js";

const W = 280, H = 44;
const ROWS = 50;

/** A value of the evidence as people read it: whole numbers whole, others in three digits. */
export function value(one) {
  if (one === null || one === undefined) return "–";
  if (typeof one === "boolean") return one ? "yes" : "no";
  if (typeof one !== "number") return Array.isArray(one) || typeof one === "object" ? JSON.stringify(one) : String(one);
  return Number.isInteger(one) ? number(one) : Math.abs(one) >= 1000 ? number(Math.round(one)) : String(Number(one.toPrecision(3)));
}

const words = (name) => name.replaceAll("_", " ");

export const figures = (found) => Object.entries(found).map(([name, one]) => el("div", { class: "figure" },
  el("span", { class: "soft" }, words(name)), el("b", { class: typeof one === "string" && !/^[\d.,\u2212 -]+\w*/.test(one) ? "words" : null }, named(value(one)))));

/** A line for many numbers, bars for few; the least and the greatest stand beneath. */
export function picture(name, numbers) {
  const known = numbers.filter(Number.isFinite);
  if (known.length < 2) return null;
  const low = Math.min(0, ...known), high = Math.max(0, ...known), span = high - low || 1;
  const y = (one) => H - ((one - low) / span) * H;
  const step = W / numbers.length;
  const few = numbers.length <= 14;
  const drawn = few
    ? numbers.map((one, n) => (Number.isFinite(one) ? svg("rect", { x: (n * step + step * 0.14).toFixed(1), width: (step * 0.72).toFixed(1), y: Math.min(y(one), y(0)).toFixed(1), height: Math.max(1, Math.abs(y(one) - y(0))).toFixed(1) }) : null))
    : svg("path", { d: numbers.map((one, n) => (Number.isFinite(one) ? `${n && Number.isFinite(numbers[n - 1]) ? "L" : "M"}${((n / (numbers.length - 1)) * W).toFixed(1)} ${y(one).toFixed(1)}` : "")).join("") });
  const told = `${words(name)}: ${known.length} values from ${value(Math.min(...known))} to ${value(Math.max(...known))}`;
  return el("figure", { class: "picture" },
    svg("svg", { viewBox: `0 0 ${W} ${H}`, preserveAspectRatio: "none", role: "img", "aria-label": told }, svg("title", null, told), svg("line", { x1: 0, x2: W, y1: y(0), y2: y(0) }), drawn),
    el("figcaption", null, el("span", null, named(words(name))), el("span", null, `${value(Math.min(...known))} – ${value(Math.max(...known))}`)));
}

/** Everything that was known when it was asked, and what came after. */
export function whole(one) {
  const { evidence } = one;
  const names = [...new Set(evidence.rows.flatMap((row) => Object.keys(row)))];
  const numeric = (name) => evidence.rows.every((row) => row[name] === null || row[name] === undefined || typeof row[name] === "number");
  return [
    el("div", { class: "evidence" }, el("table", null,
      el("thead", null, el("tr", null, names.map((name) => el("th", { class: numeric(name) ? "number" : null, scope: "col" }, named(words(name)))))),
      el("tbody", null, evidence.rows.slice(0, ROWS).map((row) => el("tr", null, names.map((name) => el("td", { class: numeric(name) ? "number" : null }, named(value(row[name])))))))),
    evidence.total > ROWS ? el("p", { class: "soft" }, `${number(evidence.total - Math.min(ROWS, evidence.rows.length))} more rows`) : null),
    el("dl", { class: "facts" },
      el("dt", null, "assumed"), el("dd", null, named(one.assumed)),
      one.change ? [el("dt", null, "could change"), el("dd", null, named(one.change))] : null,
      el("dt", null, "looked at"), el("dd", null, evidence.start === null || evidence.start === undefined ? moment(evidence.end) : `${moment(evidence.start)} to ${moment(evidence.end)}`),
      Object.keys(evidence.params).length ? [el("dt", null, "thresholds"), el("dd", null, named(Object.entries(evidence.params).map(([name, one]) => `${name} ${value(one)}`).join(", ")))] : null,
      evidence.told && evidence.told.length ? [el("dt", null, "told"), el("dd", null, named(evidence.told.map((one) => `${one.table}: ${number(one.rows)} ${one.rows === 1 ? "row" : "rows"} by ${one.by}`).join(", ")))] : null,
      el("dt", null, "frozen"), el("dd", null, evidence.unchanged === false ? el("b", { class: "bad" }, "It was changed afterwards; this is not its hash: ") : null, el("code", null, evidence.sha256), " · ", el("a", { href: `/ledger#${new URLSearchParams({ about: `question:${one.id}` })}` }, "in the ledger"))),
    el("pre", { tabindex: 0, "aria-label": "Query" }, evidence.query),
    one.history.length ? el("ul", { class: "life soft" }, one.history.map((then) => el("li", null, el("a", { href: `/ledger#${then.entry}` }, moment(then.at)), " ", named(then.words)))) : null,
  ];
}
