// What somebody must see to: brakes that are on, reviews that are owed, guards that did not prove themselves.

import { $, ask, el, named, say, since } from "./dom.js";
import { act } from "./node.js";
import { ago, moment, now, plural } from "./words.js";
import { press, put, reason, when } from "./section.js";

async function release(one, refresh) {
  const given = await ask(`Release ${one.what}`, [
    el("p", null, named(one.why)),
    el("p", { class: "soft" }, "The brake stays on until somebody has looked. Its next failure puts it on again."),
    reason("What you found"),
  ], "Release");
  if (given && (await act(`act/freezes/${encodeURIComponent(one.id)}/release`, "POST", { reason: given.reason }))) refresh();
}

async function close(one, refresh) {
  const given = await ask(`Review: ${one.what}`, [el("p", { class: "soft" }, named(one.why)), reason("What you found")], "Close the review");
  if (given && (await act(`act/reviews/${encodeURIComponent(one.id)}`, "POST", { words: given.reason }))) refresh();
}

const freeze = (one, refresh) => el("li", null,
  el("div", null,
    el("div", { class: "cause" }, el("strong", null, named(one.what)), el("span", { class: "soft aside" }, one.ends ? `until ${moment(one.ends)}` : "until released")),
    el("div", { class: "soft" }, named(one.why), " · ", named(one.who), " ", since(one.since, " ago"))),
  one.releasable ? el("div", { class: "buttons" }, press(`release ${one.id}`, "release", () => release(one, refresh), { "aria-label": `Release ${one.what}` })) : null);

async function withdraw(one, refresh) {
  const given = await ask(`Withdraw consent ${one.id}`, [
    el("p", null, named(one.principal), " may ", named(one.action), " ", named(one.target || `all that ${one.owner} owns`), " no more."),
    reason("Why"),
  ], "Withdraw");
  if (given && (await act(`act/consents/${encodeURIComponent(one.id)}/withdraw`, "POST", { reason: given.reason }))) refresh();
}

const consent = (one, refresh) => el("li", null,
  el("div", null,
    el("div", { class: "cause" }, el("strong", null, named(one.principal)), el("span", { class: "soft aside" }, `until ${moment(one.ends)}`)),
    el("div", { class: "soft" }, "may ", named(one.action), " ", named(one.target || `all that ${one.owner} owns`), " · ", named(one.who), " for ", named(one.owner))),
  el("div", { class: "buttons" }, press(`withdraw ${one.id}`, "withdraw", () => withdraw(one, refresh), { "aria-label": `Withdraw consent ${one.id} to ${one.principal}` })));

const review = (one, refresh) => el("li", null,
  el("div", null,
    el("div", { class: "cause" }, el("strong", null, named(one.what)), el("span", { class: one.due < now() ? "bad aside" : "soft aside" }, one.due < now() ? `overdue for ${ago(one.due)}` : `due ${moment(one.due)}`)),
    el("div", { class: "soft" }, named(one.why), one.owner ? [" · ", named(one.owner), " answers"] : "")),
  one.id ? el("div", { class: "buttons" }, press(`review ${one.id}`, "close", () => close(one, refresh), { "aria-label": `Close the review of ${one.what}` })) : null);

const odd = (one) => el("li", null,
  el("div", null,
    el("div", { class: "cause" }, el("strong", null, el("a", { href: `/#c=${encodeURIComponent(one.component)}` }, named(one.component))), el("span", { class: "aside" }, since(one.at, " ago"))),
    el("div", { class: "soft" }, named(one.effect), one.owner ? [" · ", named(one.owner), " is asked"] : "")));

/** Only a guard that is not proven is told at length. */
function proofs(box, all) {
  const late = (one) => one.at === null || !one.denied || (one.due !== null && one.due < now());
  const ill = all.filter(late), well = all.filter((one) => !late(one));
  put(box, [
    ...ill.map((one) => el("li", null, el("div", null,
      el("div", { class: "cause" }, el("strong", { class: "bad" }, named(one.guard)), el("span", { class: "soft aside" }, one.at === null ? "never proven" : since(one.at, " ago"))),
      el("div", { class: "soft" }, named(one.words || (one.at === null ? "it has not yet been asked what it must deny" : one.denied ? "its weekly proof is overdue" : "it did not deny what it must")))))),
    well.length ? el("li", { class: "soft" }, el("div", null, named(well.map((one) => one.guard).join(", ")), ` denied what ${well.length === 1 ? "it" : "they"} must, last `, since(Math.max(...well.map((one) => one.at)), " ago"))) : null,
    all.length ? null : el("li", { class: "soft" }, "No guard has been asked yet."),
  ].filter(Boolean));
  say($("proofs-about"), ill.length ? `${plural(ill.length, "is", "are")} not proven` : all.length ? `${plural(all.length, "guard")}, each proven` : "");
}

export function show(board, refresh) {
  for (const [id, write] of [["unexplained", odd], ["freezes", freeze], ["consents", consent], ["reviews", review]]) {
    $(`${id}-card`).hidden = !board[id].length;
    when(id, board[id], (box, found) => put(box, found.map((one) => write(one, refresh))));
  }
  const brakes = board.freezes.filter((one) => one.releasable).length;
  say($("freezes-about"), brakes ? `${plural(brakes, "brake")} on until somebody has looked` : "");
  const overdue = board.reviews.filter((one) => one.due < now()).length;
  say($("reviews-about"), `${board.reviews.length} open${overdue ? `, ${overdue} overdue` : ""}`);
  when("proofs", board.proofs, proofs);
}
