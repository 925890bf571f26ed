// One automation, on a sheet at the side: why it exists, what it may, what it did.

import { $, el, named, since, toast } from "./dom.js";
import { get } from "./node.js";
import { moment, plural } from "./words.js";
import { budget, record } from "./ladder.js";
import { put } from "./section.js";

const section = (title, ...content) => el("section", null, el("h3", null, title), ...content);
const facts = (pairs) => el("dl", null, pairs.filter(Boolean).flatMap(([key, value]) => [el("dt", null, key), el("dd", null, value)]));

function runs(all) {
  if (!all.length) return section("what it did", el("p", { class: "soft" }, "Nothing yet."));
  return section("what it did", el("ul", { class: "runs" }, all.map((one) => el("li", null, el("div", null,
    el("div", { class: "cause" }, el("strong", { class: ["failed", "partial", "unverified", "unknown"].includes(one.state) ? "bad" : "" }, one.state), el("span", { class: "soft" }, moment(one.at)),
      el("span", { class: "soft aside" }, `intent ${one.intent}`)),
    el("div", null, plural(one.count, "target"), one.targets.length ? [": ", named(one.targets.slice(0, 5).join(", ")), one.count > 5 ? " …" : ""] : ""),
    el("div", { class: "soft" }, "asked by ", named(one.who), one.approved ? [", approved by ", named(one.approved)] : "", one.words ? [" · ", named(one.words)] : "", one.measured_by ? [", measured by ", named(one.measured_by)] : ""))))));
}

export class Story {
  constructor(close) {
    this.box = $("story");
    this.close = close;
    this.name = null;
  }

  async open(name) {
    const fresh = name !== this.name;
    this.name = name;
    let told;
    try {
      told = await get(`act/automations/${encodeURIComponent(name)}`);
    } catch (error) {
      toast(error.message);
      if (fresh) this.close();
      return;
    }
    if (this.name !== name) return;
    put(this.box, this.draw(told));
    this.box.hidden = false;
    if (fresh) this.box.querySelector("h2").focus({ preventScroll: true });
  }

  shut() {
    this.name = null;
    this.box.hidden = true;
    this.box.replaceChildren();
  }

  draw({ automation: one, limits, expect, undo, answers, runs: did }) {
    return [
      el("div", { class: "head" }, el("h2", { tabindex: -1, "data-key": "title" }, named(one.name)),
        el("button", { type: "button", class: "quiet end", "data-key": "close", "aria-label": "Close (Esc)", title: "Close (Esc)", onclick: this.close }, "✕")),
      el("p", { class: "reason" }, named(one.purpose)),
      facts([
        ["state", el("span", { class: one.state === "ready" ? "" : "bad" }, one.state, one.why ? [": ", named(one.why)] : "")],
        ["may", [one.level, one.level === one.declared ? "" : `, declared ${one.declared}`, one.proposed ? el("span", { class: "good" }, `; its record allows ${one.proposed}`) : ""]],
        ["record", record(one)],
        ["does", el("code", null, named(one.action))],
        one.on && ["when", el("code", null, named(one.on))],
        ["afterwards", named(expect || "nothing is expected")],
        ["undone by", named(undo || "irreversible")],
        ["answers", answers.length ? named(answers.join(", then ")) : el("span", { class: "bad" }, "nobody")],
        one.review && ["review", el("span", { class: one.overdue ? "bad" : "" }, one.review, one.overdue ? ", overdue" : "")],
        one.expires && ["expires", `with ${one.expires} (UTC)`],
        one.last !== null && ["last run", [one.outcome, " ", since(one.last, " ago")]],
      ]),
      el("p", null, el("a", { class: "button", "data-key": "ledger", href: `/ledger#about=${encodeURIComponent(`automation:${one.name}`)}` }, "its story in the ledger"), " ",
        el("a", { class: "button", "data-key": "questions", href: `/questions#${new URLSearchParams({ about: one.name })}` }, "what is asked about it")),
      section("limits", facts(limits.map(([key, value]) => [named(key), named(value)])), one.budgets.length ? el("div", { class: "budgets" }, one.budgets.map(budget)) : ""),
      runs(did),
    ];
  }
}
