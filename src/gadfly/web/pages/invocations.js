// One call of a function: a line of the list, and what is behind it when it is opened.

import { el, named, plain, since, toast } from "./dom.js";
import { act, get } from "./node.js";
import { press } from "./section.js";
import { duration, moment, plural } from "./words.js";

const lines = (pairs) => Object.entries(pairs).map(([line, count]) => (count > 1 ? `${line} × ${count}` : line));

const took = (one) => (one.ended && one.state !== "skipped" ? duration(one.ended - one.created) : "");

export function row(one, again) {
  const why = one.state === "done" ? "" : one.reason, denied = Object.keys(one.denied).length;
  const body = el("div", { class: "body" });
  const box = el("details", { class: "call", "data-key": `call-${one.id}` },
    el("summary", null,
      el("span", { class: `state ${one.state}` }, one.state),
      el("span", { class: "soft id" }, String(one.id)),
      el("span", null, named(one.function)),
      el("span", { class: "by" }, named(plain(one.called)), one.called.startsWith("schedule:") ? ` · ${one.key}` : "",
        why ? el("span", { class: one.state === "dead" ? "bad" : "soft" }, " ", named(plain(why))) : null,
        denied ? el("span", { class: "bad" }, `denied ${plural(denied, "ask")}`) : null),
      el("span", { class: "when", title: new Date(one.created * 1000).toISOString() }, since(one.created, " ago"), took(one) ? ` · ${took(one)}` : "")),
    body);
  box.addEventListener("toggle", () => { if (box.open && !body.childElementCount) open(one.id, body, again); });
  return box;
}

async function open(id, body, again) {
  try {
    const whole = await get(`invocations/${id}`);
    body.replaceChildren(...inside(whole), buttons(whole, again));
  } catch (error) {
    body.replaceChildren(el("p", { class: "bad" }, error.message));
  }
}

function inside(whole) {
  return [
    whole.event ? el("details", { "data-key": `event-${whole.id}` }, el("summary", { class: "soft" }, "event"), el("pre", null, plain(whole.event))) : null,
    ...whole.tries.map((one) => el("div", { class: "try" },
      el("p", { class: "soft" }, [`try ${one.number}`, moment(one.began), one.outcome, one.ended ? duration(one.ended - one.began) : "", one.version ? `version ${one.version.slice(0, 12)}` : ""].filter(Boolean).join(" · ")),
      one.error ? el("p", { class: "bad" }, named(plain(one.error))) : null,
      ...lines(one.denied).map((line) => el("p", { class: "denied" }, "denied ", el("code", null, plain(line)))),
      ...lines(one.used).map((line) => el("p", { class: "soft" }, "used ", el("code", null, plain(line)))),
      one.log ? el("pre", { "aria-label": "What it wrote" }, plain(one.log)) : null,
      one.unsaid ? el("p", { class: "soft" }, `… ${one.unsaid} bytes of what it wrote are not kept`) : null,
      one.answer && one.answer !== "null" && one.outcome === "ok" ? el("p", null, "answered ", el("code", null, plain(one.answer))) : null)),
    whole.tries.length ? null : el("p", { class: "soft" }, whole.state === "waiting" ? `It waits until ${moment(whole.due)}.` : "It was not called."),
  ].filter(Boolean);
}

const buttons = (whole, again) => (whole.replayable ? el("div", { class: "buttons" },
  press(`replay-${whole.id}`, "Make it again", async () => {
    const done = await act(`invocations/${whole.id}/replay`, "POST");
    if (!done) return;
    const { invocation } = await done.json();
    toast(`It waits as call ${invocation}.`);
    again();
  })) : el("span"));
