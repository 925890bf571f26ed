// What somebody must answer for: open incidents, silences, and what could not be delivered.

import { $, ask, el, mark, named, say, since } from "./dom.js";
import { act, get } from "./node.js";
import { contact, duration, moment, number, now, plural } from "./words.js";

const LENGTHS = [[1800, "30 minutes"], [7200, "2 hours"], [28800, "8 hours"], [86400, "a day"], [604800, "a week"]];

/** Ask for an end and a reason, and silence. */
export async function silence(match, done) {
  const what = Object.entries(match).map(([key, value]) => `${key} ${value}`).join(", ");
  const given = await ask(`Silence ${what}`, [
    el("p", { class: "soft" }, "It is watched as before, but nobody is told until the silence ends."),
    el("label", null, "For", el("select", { name: "lasts" }, LENGTHS.map(([s, text]) => el("option", { value: s }, text)))),
    el("label", null, "Because", el("input", { name: "reason", required: true, maxlength: 2000, autocomplete: "off" })),
  ], "Silence");
  if (given && (await act("silences", "POST", { match, reason: given.reason, lasts: Number(given.lasts) }))) done();
}

export async function acknowledge(kind, id, done) {
  const given = await ask("Acknowledge", [
    el("p", { class: "soft" }, "Says that you are at it: nobody else is called."),
    el("label", null, "Note", el("input", { name: "note", maxlength: 2000, autocomplete: "off" })),
  ], "Acknowledge");
  if (given && (await act(`${kind}/${encodeURIComponent(id)}/ack`, "POST", { note: given.note }))) done();
}

/** Components by their names; alerts that were reported by what they are called. */
function components(names, count, titles) {
  const shown = names.slice(0, 3).map((name, n) => [n ? ", " : "", el("a", { href: titles[name] ? "/rules" : `#c=${encodeURIComponent(name)}` }, named(titles[name] ?? name))]);
  const rest = count - Math.min(3, names.length);
  return [shown.flat(), rest > 0 ? ` and ${number(rest)} more` : ""];
}

function incident(one, refresh) {
  const facts = [];
  if (one.acknowledged) facts.push(el("span", { class: "good" }, "acknowledged by ", named(one.acknowledged), one.note ? `: ${one.note}` : ""));
  if (one.suppressed) facts.push(el("span", null, "nobody is told: ", named(one.suppressed)));
  else if (one.told.length) facts.push(el("span", null, "told ", named(one.told.map(contact).join(", "))));
  const quiet = Object.keys(one.match).length && !one.suppressed;
  return el("li", { class: "incident" },
    mark(one.verdict),
    el("div", null,
      el("div", { class: "cause" }, el("strong", null, named(one.cause)), since(one.started)),
      el("div", { class: "soft" }, components(one.components, one.count, one.titles), one.owner ? [" · ", named(one.owner), " answers"] : " · nobody answers for it"),
      facts.length ? el("div", { class: "soft facts" }, facts) : null),
    el("div", { class: "buttons" },
      one.acknowledged ? null : el("button", { type: "button", onclick: () => acknowledge("incidents", one.id, refresh) }, "ack"),
      quiet ? el("button", { type: "button", onclick: () => silence(one.match, refresh) }, "silence") : null));
}

function held(one, refresh) {
  const what = Object.entries(one.match).map(([key, value]) => `${key} ${value}`).join(", ");
  return el("li", null,
    el("div", null,
      el("div", { class: "cause" }, el("strong", null, named(what)), el("span", { class: "soft" }, `until ${moment(one.ends)}`)),
      el("div", { class: "soft" }, named(one.reason), one.who ? [" · ", named(one.who)] : "")),
    el("div", { class: "buttons" }, el("button", { type: "button", onclick: async () => {
      if (await act(`silences/${encodeURIComponent(one.id)}`, "DELETE")) refresh();
    } }, "end")));
}

function letter(one, refresh) {
  return el("li", null,
    el("div", null,
      el("div", { class: "cause" }, el("strong", null, named(one.subject)), since(one.at)),
      el("div", { class: "soft" }, "to ", named(one.to), ` · ${plural(one.attempts, "try", "tries")} · `, named(one.error))),
    el("div", { class: "buttons" }, el("button", { type: "button", onclick: async () => {
      if (await act(`outbox/${encodeURIComponent(one.id)}/retry`, "POST")) refresh();
    } }, "retry")));
}

export class Incidents {
  constructor() { this.refresh = this.refresh.bind(this); }

  /** Fetch again; only what differs is written. */
  async refresh() {
    const [{ incidents }, { silences }, { dead_letters: letters }] = await Promise.all([
      get("incidents"), get("silences"), get("outbox")]);
    const text = JSON.stringify([incidents, silences, letters]);
    if (text === this.last) return;
    this.last = text;
    const open = incidents.filter((one) => !one.acknowledged).length;
    say($("incidents-about"), incidents.length ? `${number(incidents.length)} open, ${number(open)} not acknowledged` : "");
    $("incidents").replaceChildren(...(incidents.length ? incidents.map((one) => incident(one, this.refresh))
      : [el("li", { class: "soft" }, "None open.")]));
    $("silences-card").hidden = !silences.length;
    say($("silences-about"), silences.length ? `the next ends in ${duration(Math.max(1, Math.round(silences[0].ends - now())))}` : "");
    $("silences").replaceChildren(...silences.map((one) => held(one, this.refresh)));
    $("outbox-card").hidden = !letters.length;
    say($("outbox-about"), plural(letters.length, "message"));
    $("outbox").replaceChildren(...letters.map((one) => letter(one, this.refresh)));
  }
}
