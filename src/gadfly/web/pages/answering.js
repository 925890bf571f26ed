// The dialogue: one question, four answers, and what is wrong with an answer beside the field it is in.

import { $, brief, el, named, say, toast } from "./dom.js";
import { request } from "./node.js";
import { now } from "./words.js";

const DAY = 86400;
const ANSWERS = {
  change: ["Change", "Something is, or will be, changed. The numbers are looked at again afterwards."],
  accept: ["Accept", "It is right as it is, for a reason, until a day."],
  wrong: ["Wrong question", "It should not have been asked. It is not asked of this again."],
  unknown: ["Don’t know yet", "Somebody else could know; then it comes back."],
};
export const NAMES = Object.fromEntries(Object.entries(ANSWERS).map(([name, [title]]) => [name, title]));
const WRONG = { "": "choose", "data wrong": "the data is wrong", "rule wrong": "the question does not fit here", "not mine": "it is not ours", "already known": "it is known already" };

/** In UTC, as the node counts days. */
export const day = (at) => new Date(at * 1000).toISOString().slice(0, 10);

const field = (answer, name, label, control) => [
  el("label", null, label, control),
  el("p", { class: "bad error", id: `error-${answer}-${name}`, role: "alert" }),
];
const area = (name) => el("textarea", { name, rows: 2, maxlength: 1000 });

function fields(answer, one) {
  if (answer === "change") return field(answer, "change", "What is changed: a commit, a check, a grant, an action", area("change"));
  if (answer === "wrong") return field(answer, "reason", "What is wrong with it", el("select", { name: "wrong" }, Object.entries(WRONG).map(([name, text]) => el("option", { value: name }, text))));
  if (answer === "unknown") return field(answer, "knows", "Which owner could know", el("input", { name: "knows", list: "owners", maxlength: 200, autocomplete: "off" }));
  const latest = day(one.latest), proposed = now() + (one.latest - now() > 91 * DAY ? 90 : 30) * DAY;
  return [
    field(answer, "reason", "Because", area("reason")),
    field(answer, "until", `Until, at the latest ${latest}`, el("input", { type: "date", name: "until", min: day(now() + DAY), max: latest, value: day(Math.min(proposed, one.latest)) })),
  ];
}

/** Which of several are meant: the others stay open. */
const which = (one) => (one.subjects.length < 2 ? null : el("details", { class: "which" },
  el("summary", null, `of all ${one.subjects.length}, or of some`),
  el("div", { class: "ones" }, one.subjects.map((name) => el("label", { class: "one" }, el("input", { type: "checkbox", name: "subjects", value: name, checked: true }), brief(name)))),
  el("p", { class: "bad error", id: "error-subjects", role: "alert" })));

/** What is sent: only the fields of the chosen answer. */
function given(form, one) {
  const data = new FormData(form), answer = data.get("answer") ?? "";
  const text = (name) => (data.get(name) ?? "").trim();
  const body = { answer };
  if (answer === "change") body.change = text("change");
  if (answer === "accept") Object.assign(body, { reason: text("reason"), until: text("until") });
  if (answer === "wrong") body.reason = text("wrong");
  if (answer === "unknown") body.knows = text("knows");
  const chosen = data.getAll("subjects");
  if (chosen.length && chosen.length < one.subjects.length) body.subjects = chosen;
  return body;
}

function complain(form, answer, name, words) {
  for (const box of form.querySelectorAll(".error")) say(box, "");
  for (const control of form.querySelectorAll("[aria-invalid]")) { control.removeAttribute("aria-invalid"); control.removeAttribute("aria-describedby"); }
  if (!words) return;
  const box = form.querySelector(`#error-${answer}-${name}`) ?? form.querySelector(`#error-${name}`) ?? form.querySelector("#error");
  say(box, words);
  if (name === "subjects") form.querySelector(".which").open = true;
  const control = form.querySelector(`.for-${answer} [name="${answer === "wrong" ? "wrong" : name}"]`);
  if (!control) return;
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", box.id);
  control.focus();
}

/** Ask for an answer; resolves when the dialogue is left, to the question as it is then, or to null. */
export function answer(one, owners, chosen = "") {
  const dialog = $("answer"); // not the one in which a token is asked for
  return new Promise((resolve) => {
    let done = null;
    const began = performance.now();
    const send = el("button", { type: "submit", class: "strong" }, "Answer");
    const form = el("form", { class: "answering", novalidate: true },
      el("p", { class: "soft" }, one.subjects.slice(0, 3).flatMap((name, n) => [n ? ", " : "", brief(name)]), one.subjects.length > 3 ? ` and ${one.subjects.length - 3} more` : ""),
      el("h2", { id: "asked" }, named(one.text)),
      one.assumed ? el("p", { class: "soft" }, "Assumed: ", named(one.assumed)) : null,
      el("fieldset", null, el("legend", null, "Your answer"),
        Object.entries(ANSWERS).map(([name, [title, means]]) => [
          el("label", { class: "choice" }, el("input", { type: "radio", name: "answer", value: name, checked: name === chosen }), el("span", null, el("b", null, title), el("span", { class: "soft" }, means))),
          el("div", { class: `for for-${name}` }, fields(name, one)),
        ])),
      which(one),
      el("datalist", { id: "owners" }, owners.map((name) => el("option", { value: name }))),
      el("p", { class: "bad error", id: "error", role: "alert" }),
      el("div", { class: "buttons" }, el("button", { type: "button", onclick: () => dialog.close() }, "Cancel"), send));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = given(form, one);
      if (!body.answer) { complain(form, "", "", "Choose one of the four answers."); form.elements.answer[0].focus(); return; }
      send.disabled = true;
      body.took = Math.min(DAY, Math.round((performance.now() - began) / 1000));
      try {
        done = await (await request(`questions/${encodeURIComponent(one.id)}/answer`, { method: "POST", body })).json();
        dialog.close();
        toast(done.then);
      } catch (error) {
        complain(form, body.answer, error.field ?? "", error.message);
      } finally {
        send.disabled = false;
      }
    });
    dialog.setAttribute("aria-labelledby", "asked");
    dialog.replaceChildren(form);
    dialog.onclose = () => { dialog.removeAttribute("aria-labelledby"); dialog.replaceChildren(); resolve(done); };
    dialog.showModal();
    (form.elements.answer.value ? form.querySelector(`.for-${form.elements.answer.value} :is(textarea, select, input)`) : form.elements.answer[0]).focus();
  });
}
