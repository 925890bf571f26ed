// What waits for a person: what would happen, to what, how much, who asks, who answers, until when.

import { $, ask, el, named, say, since, toast } from "./dom.js";
import { act } from "./node.js";
import { ago, moment, now, number, plural } from "./words.js";
import { press, put, reason, when } from "./section.js";

const share = (one) => el("span", { class: "share" }, el("b", null, number(one.count)), one.of ? ` of ${number(one.of)}` : "", ` in ${one.label} `, named(one.value || "–"));

/** A plan, counted and in the words of its action. */
export function plan(told, key) {
  const more = told.count - told.targets.length;
  return [
    el("p", { class: "shares" }, told.shares.map(share)),
    el("p", null, "Afterwards: ", told.expect ? [named(told.expect), ", measured by another"] : el("span", { class: "bad" }, "nothing is expected of it"), ". ",
      told.destructive ? el("strong", { class: "bad" }, "It destroys. ") : "",
      !told.undo || told.undo === "irreversible" ? el("span", { class: "bad" }, "It cannot be undone.") : ["Undone by ", named(told.undo), "."]),
    told.cells.length > 1 && el("p", { class: "soft" }, `In stages: ${told.cells.slice(0, 6).join(", then ")}${told.cells.length > 6 ? " …" : ""}`),
    told.refusals.length > 0 && el("ul", { class: "refusals" }, told.refusals.map((one) => el("li", null, el("strong", null, one.guard), ": ", named(one.reason)))),
    el("details", { "data-key": key },
      el("summary", null, `exactly what would be done to ${plural(told.count, "target")}`),
      el("pre", { tabindex: 0, "aria-label": "Dry run" }, [...(told.lines.length ? told.lines : told.targets), ...(more > 0 ? [`… and ${number(more)} more`] : [])].join("\n")),
      el("p", { class: "soft" }, `plan ${told.hash.slice(0, 12)}, made ${ago(told.made)} ago`)),
  ];
}

// Two plans of one automation must not look alike.
const names = (told) => `${told.targets.slice(0, 3).join(", ")}${told.count > 3 ? " …" : ""}`;

function answering(one, refresh) {
  const path = `act/approvals/${encodeURIComponent(one.id)}`;
  const asked = el("p", null, named(one.plan.action), ` on ${plural(one.plan.count, "target")} (`, named(names(one.plan)), "), asked by ", named(one.who), ".");
  return [
    press(`approve ${one.id}`, "approve", async () => {
      const given = await ask(`Approve ${one.automation}`, [asked, reason("Note", { required: false })], `Approve ${plural(one.plan.count, "target")}`);
      // The hash of what was read goes along: another plan is not approved by this press.
      if (!given) return;
      const done = await act(`${path}/approve`, "POST", { note: given.reason, hash: one.plan.hash });
      if (done) {
        toast(`${one.automation}: ${(await done.json()).then}`);
        refresh();
      }
    }, { class: "strong" }),
    press(`deny ${one.id}`, "deny", async () => {
      const given = await ask(`Deny ${one.automation}`, [asked, reason("Because")], "Deny");
      if (given && (await act(`${path}/deny`, "POST", { reason: given.reason }))) refresh();
    }),
  ];
}

const approval = (one, refresh) => el("li", { class: "approval" },
  el("div", { class: "cause" },
    el("strong", null, el("a", { href: `#a=${encodeURIComponent(one.automation)}` }, named(one.automation || one.plan.action))),
    el("span", { class: "soft aside" }, one.ends > now() ? `until ${moment(one.ends)}` : "too late")),
  el("p", null, el("code", null, named(one.plan.action)), " on ", el("strong", null, plural(one.plan.count, "target")), " (", named(names(one.plan)), ")", one.why ? [": ", named(one.why)] : ""),
  plan(one.plan, `plan ${one.id}`),
  one.lacks && el("p", { class: "soft" }, "lacks: ", named(one.lacks)),
  el("p", { class: "soft" }, "asked by ", named(one.who), " ", since(one.asked, " ago"), " · ", one.answers.length ? [named(one.answers.join(", then ")), " may answer"] : "nobody may answer: it has no owner"),
  el("div", { class: "buttons" }, answering(one, refresh)));

export function show({ approvals, waiting }, refresh) {
  const more = waiting > approvals.length ? `, the next ${number(approvals.length)} to end are here` : "";
  say($("approvals-about"), waiting ? `${plural(waiting, "plan waits", "plans wait")} for somebody's yes${more}` : "");
  when("approvals", approvals, (box) => put(box, approvals.length ? approvals.map((one) => approval(one, refresh))
    : [el("li", { class: "soft" }, "Nothing waits for an approval.")]));
}
