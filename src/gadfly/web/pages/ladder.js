// The ladder: what each automation may do, what record that rests on, and how much of its budgets is used.

import { $, ask, el, named, say, svg } from "./dom.js";
import { act } from "./node.js";
import { ago, number, plural } from "./words.js";
import { press, put, reason, when } from "./section.js";
import { stopSome } from "./stopping.js";

const LEVELS = ["observe", "suggest", "approve", "act-small", "act"];
const MEANS = {
  observe: "looks, and says nothing",
  suggest: "says what it would do",
  approve: "acts when somebody approved",
  "act-small": "acts alone within a small reversible radius",
  act: "acts alone within its budgets",
};

function rungs(level, declared) {
  const at = LEVELS.indexOf(level), most = LEVELS.indexOf(declared);
  return svg("svg", { class: "rungs", viewBox: "0 0 54 10", "aria-hidden": "true" },
    LEVELS.map((_, n) => svg("rect", { x: n * 11 + 0.5, y: 0.5, width: 8, height: 9, rx: 1.5, class: n <= at ? "full" : n <= most ? "open" : "never" })));
}

const amount = (one) => (one.unit === "share" ? `${Math.round(one.used * 100)} of ${Math.round(one.most * 100)} %` : `${number(one.used)} of ${number(one.most)}${one.unit ? ` ${one.unit}` : ""}`);

export function budget(one) {
  const share = one.most > 0 ? Math.min(1, one.used / one.most) : one.used > 0 ? 1 : 0;
  return el("span", { class: "budget" },
    svg("svg", { viewBox: "0 0 40 4", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { width: 40, height: 4, class: "never" }), svg("rect", { width: 40 * share, height: 4, class: share >= 1 ? "spent" : "full" })),
    el("span", { class: share >= 1 ? "bad" : "" }, amount(one)), ` ${one.name}`);
}

export const record = (one) => (one.runs ? [el("b", null, `${number(one.verified)} of ${number(one.runs)}`), el("span", { class: "soft" }, ` verified, ≥ ${Math.floor(one.bound * 100)} %`)] : el("span", { class: "soft" }, "no run yet"));

async function raise(one, refresh) {
  const given = await ask(`Raise ${one.name} to ${one.proposed}`, [
    el("p", null, `${number(one.verified)} of ${number(one.runs)} runs were verified: with 95 % confidence more than ${Math.floor(one.bound * 100)} % succeed.`),
    el("p", { class: "soft" }, `Then it ${MEANS[one.proposed]}. Whoever speaks for the owner of ${one.owner} may raise it; its next failure lowers it again.`),
    reason("Because"),
  ], "Raise");
  if (given && (await act(`act/automations/${encodeURIComponent(one.name)}/raise`, "POST", { reason: given.reason }))) refresh();
}

function row(one, refresh) {
  const ill = one.state !== "ready";
  return el("tr", null,
    el("th", { scope: "row" }, el("a", { href: `#a=${encodeURIComponent(one.name)}`, "data-key": `story ${one.name}` }, named(one.name)),
      el("div", { class: "soft" }, one.owner ? [named(one.owner), " answers"] : "nobody answers for it")),
    el("td", null, el("span", { title: `${one.level}: ${MEANS[one.level]}; declared: ${one.declared}` }, rungs(one.level, one.declared), ill ? el("strong", { class: "bad" }, one.state) : one.level),
      one.why && ill ? el("div", { class: "soft" }, named(one.why)) : one.proposed ? el("div", { class: "good" }, `its record allows ${one.proposed} `, press(`raise ${one.name}`, "raise", () => raise(one, refresh), { "aria-label": `Raise ${one.name} to ${one.proposed}` })) : one.level !== one.declared ? el("div", { class: "soft" }, `declared ${one.declared}`) : null),
    el("td", null, record(one), one.last ? el("div", { class: "soft" }, `${one.outcome} ${ago(one.last)} ago`) : null),
    el("td", { class: "wide" }, el("div", { class: "budgets" }, one.budgets.map(budget))),
    el("td", { class: "wide" }, !one.review ? "–" : el("span", { class: one.overdue ? "bad" : "" }, one.overdue ? "overdue since " : "", one.review),
      one.expires ? el("div", { class: one.state === "expired" ? "bad" : "soft" }, `${one.state === "expired" ? "expired with" : "expires with"} ${one.expires}`) : null),
    el("td", { class: "press" }, press(`stop ${one.name}`, "stop", () => stopSome("automation", one.name, refresh), { "aria-label": `Stop ${one.name}`, disabled: one.state === "stopped" })));
}

export function show({ automations }, refresh) {
  say($("ladder-about"), automations.length ? `${plural(automations.length, "automation")}: what each may do, on what record` : "");
  when("ladder", automations, (box) => put(box.querySelector("tbody"), automations.length ? automations.map((one) => row(one, refresh))
    : [el("tr", null, el("td", { class: "soft", colspan: 6 }, "None is declared; docs/act.md shows how one is written."))]));
}
