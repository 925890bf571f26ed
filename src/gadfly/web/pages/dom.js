// Elements are made here and nowhere else. Text stays text: nothing is ever parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
export const $ = (id) => document.getElementById(id);

/** Write only what differs, so that an unchanged page costs no layout. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const STEERING = /[\0-\b\v-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** What somebody else wrote may be anything: nothing in it moves what stands beside it, or is read backwards. */
export const plain = (text) => text.replace(STEERING, "�");

/** A name from outside, kept from turning the writing direction around it. */
export const named = (name) => el("bdi", null, typeof name === "string" ? plain(name) : name);

const LONG = 80; // characters, as in the terminal
/** The same of a name that may be very long. */
export const brief = (name) => (name.length <= LONG ? named(name)
  : el("bdi", { title: plain(name.slice(0, 1000)) }, plain(`${[...name.slice(0, 2 * LONG)].slice(0, LONG - 1).join("")}…`)));

// One shape a verdict, so that colour is never alone.
const SHAPES = {
  down: "M1 1h8v8H1z",
  gray: "M1 1h8v8H1zM2.6 2.6v4.8h4.8z",
  zombie: "M5 .6 9.6 9H.4z",
  missing: "M1 1h8v8H1zM2.7 2.7v4.6h4.6V2.7z",
  degraded: "M5 .8a4.2 4.2 0 1 0 .01 0z",
  unknown: "M5 .8a4.2 4.2 0 1 0 .01 0zM5 2.5a2.5 2.5 0 1 1-.01 0z",
  undeclared: "M5 0l5 5-5 5-5-5z",
  left: "M1 4h8v2H1z",
  healthy: "M1 1h8v8H1z",
};

export function mark(verdict) {
  const known = verdict in SHAPES ? verdict : "unknown";
  return svg("svg", { class: "mark", viewBox: "0 0 10 10", "aria-hidden": "true" },
    svg("path", { class: `v-${known}`, d: SHAPES[known], "fill-rule": "evenodd" }));
}

export const isDark = () => (document.documentElement.dataset.theme
  ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

/** A time that ticks: see `tick`. */
export function since(at, words = "") {
  return el("time", { "data-at": at, "data-words": words }, "");
}

let toastTimer = 0;
export function toast(text) {
  const box = $("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 6000);
}

/** A modal dialog with a form; resolves to the fields, or null when it was left. */
export function ask(title, fields, action) {
  const dialog = $("dialog");
  return new Promise((resolve) => {
    const form = el("form", { method: "dialog" },
      el("h2", null, title), ...fields,
      el("div", { class: "buttons" },
        el("button", { type: "button", onclick: () => dialog.close() }, action ? "Cancel" : "Close"),
        action && el("button", { type: "submit", class: "strong" }, action)));
    let values = null;
    form.addEventListener("submit", () => { values = Object.fromEntries(new FormData(form)); });
    dialog.replaceChildren(form);
    dialog.onclose = () => { dialog.replaceChildren(); resolve(values); };
    dialog.showModal();
  });
}
