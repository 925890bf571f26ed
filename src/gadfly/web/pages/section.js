// A part of the page that is written anew only when its facts differ, and keeps what the reader had open.

import { $, el } from "./dom.js";

const key = (node) => node?.closest?.("[data-key]")?.dataset.key;

/** Put these in the place of what is there; the focus and open details stay where they were. */
export function put(box, children) {
  const focused = box.contains(document.activeElement) ? key(document.activeElement) : undefined;
  const opened = new Set([...box.querySelectorAll("details[open]")].map(key));
  box.replaceChildren(...children);
  for (const one of box.querySelectorAll("details")) if (opened.has(key(one))) one.open = true;
  if (focused !== undefined) [...box.querySelectorAll("[data-key]")].find((one) => one.dataset.key === focused)?.focus({ preventScroll: true });
}

const shown = new Map();
/** Write a section when what it shows has changed. */
export function when(id, facts, write) {
  const text = JSON.stringify(facts);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  write($(id), facts);
}

/** A button that is known again after its part was written anew. */
export const press = (name, words, done, attributes = {}) => el("button", { type: "button", "data-key": name, onclick: done, ...attributes }, words);

export const reason = (label, attributes = {}) => el("label", null, label, el("input", { name: "reason", maxlength: 2000, autocomplete: "off", required: true, ...attributes }));
