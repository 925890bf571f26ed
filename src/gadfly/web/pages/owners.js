// Who answers for how much, and what their automations did.

import { $, el, named } from "./dom.js";
import { get } from "./node.js";
import { number, plural } from "./words.js";
import { press, put, when } from "./section.js";
import { stopSome } from "./stopping.js";

const SHOWN = [["components", "wide"], ["checks", "wide"], ["pages", ""], ["night", "wide"], ["approvals", ""]];

function row(one, refresh) {
  const lines = new Map(one.lines.map((line) => [line.what, line]));
  const ill = one.state === "over" ? "bad" : "";
  return [el("tr", null,
    el("th", { scope: "row" }, el("a", { href: `/ledger#about=${encodeURIComponent(`owner:${one.owner}`)}`, "data-key": `owner ${one.owner}` }, named(one.owner))),
    SHOWN.map(([what, extra]) => el("td", { class: `number ${extra} ${lines.get(what)?.state === "over" ? "bad" : ""}` }, number(lines.get(what)?.used ?? 0))),
    el("td", { class: `number ${ill}` }, `${number(Math.round(one.share * 100))} %`),
    el("td", { class: "press" }, press(`stop owner ${one.owner}`, "stop", () => stopSome("owner", one.owner, refresh), { "aria-label": `Stop everything that ${one.owner} owns` }))),
  one.words ? el("tr", { class: "over" }, el("td", { colspan: 8, class: ill }, `${one.state === "over" ? "too much" : "soon too much"}: `, named(one.words))) : null].filter(Boolean);
}

/** Asked for apart from the board: loads look back over weeks, and change seldom. */
export async function show(refresh) {
  const { load } = await get("act/load");
  when("owners", load, (box) => put(box.querySelector("tbody"), load.length ? load.flatMap((one) => row(one, refresh))
    : [el("tr", null, el("td", { class: "soft", colspan: 8 }, "No owner is declared."))]));
}

const did = (one) => el("li", null, el("strong", null, named(one.automation)), ` acted ${plural(one.runs, "time")} on ${plural(one.targets, "target")}: ${number(one.verified)} verified`,
  one.failed ? [", ", el("span", { class: "bad" }, `${number(one.failed)} failed`)] : "", one.refused ? `, ${number(one.refused)} refused` : "", one.words ? ["; ", named(one.words)] : "");

export async function report() {
  const { reports } = await get("act/report?days=7");
  when("report", reports.map(({ owner, lines, woken }) => ({ owner, lines, woken })), (box, found) => {
    const told = found.filter((one) => one.lines.length || one.woken.length);
    put(box, told.length ? told.map((one) => el("article", null, el("h3", null, named(one.owner)),
      el("ul", null, one.lines.map(did), one.woken.map((words) => el("li", { class: "soft" }, named(words))))))
      : [el("p", { class: "soft" }, "Nothing acted, and nobody was woken.")]);
  });
}
