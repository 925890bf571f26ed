// Who answers for how much, and what their automations did.

import { $, el, named } from "./dom.js";
import { get } from "./node.js";
import { number, plural } from "./words.js";
import { press, put, when } from "./section.js";
import { stopSome } from "./stopping.js";

const cell = (value, extra = "") => el("td", { class: `number ${extra}` }, number(value));

function row(one, refresh) {
  const share = one.budget ? Math.round((one.load / one.budget) * 100) : null;
  return [el("tr", null,
    el("th", { scope: "row" }, named(one.owner)),
    cell(one.components, "wide"), cell(one.rules, "wide"), cell(one.pages), cell(one.night_pages, "wide"), cell(one.approvals),
    el("td", { class: `number ${one.over ? "bad" : ""}` }, share === null ? number(Math.round(one.load)) : `${number(share)} %`),
    el("td", { class: "press" }, press(`stop owner ${one.owner}`, "stop", () => stopSome("owner", one.owner, refresh), { "aria-label": `Stop everything that ${one.owner} owns` }))),
  one.over ? el("tr", { class: "over" }, el("td", { colspan: 8, class: "bad" }, "too much: ", named(one.over))) : null].filter(Boolean);
}

export function show({ load }, refresh) {
  when("owners", load, (box) => put(box.querySelector("tbody"), load.length ? load.flatMap((one) => row(one, refresh))
    : [el("tr", null, el("td", { class: "soft", colspan: 8 }, "No owner is declared."))]));
}

const did = (one) => el("li", null, el("strong", null, named(one.automation)), ` acted ${plural(one.runs, "time")} on ${plural(one.targets, "target")}: ${number(one.verified)} verified`,
  one.failed ? [", ", el("span", { class: "bad" }, `${number(one.failed)} failed`)] : "", one.refused ? `, ${number(one.refused)} refused` : "", one.words ? ["; ", named(one.words)] : "");

/** Asked for apart from the board: it looks back, and changes seldom. */
export async function report() {
  const { reports } = await get("act/report?days=7");
  when("report", reports.map(({ owner, lines, woken }) => ({ owner, lines, woken })), (box, found) => {
    const told = found.filter((one) => one.lines.length || one.woken.length);
    put(box, told.length ? told.map((one) => el("article", null, el("h3", null, named(one.owner)),
      el("ul", null, one.lines.map(did), one.woken.map((words) => el("li", { class: "soft" }, named(words))))))
      : [el("p", { class: "soft" }, "Nothing acted, and nobody was woken.")]);
  });
}
