// What every page has around its parts: times that tick, the theme, and the way between the pages.

import { $, isDark, say } from "./dom.js";
import { ago, number } from "./words.js";

const told = (node) => say(node, ago(Number(node.dataset.at)) + node.dataset.words);
const times = (root) => root.querySelectorAll("time[data-at]");

/** Whatever says how long ago something was, at once and then every second. */
export function tick() {
  setInterval(() => { if (!document.hidden) times(document).forEach(told); }, 1000);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const added of addedNodes) if (added.nodeType === 1) times(added).forEach(told);
  }).observe(document.body, { childList: true, subtree: true });
}

export function turnTheme() {
  const next = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try { localStorage.setItem("gadfly-theme", next); } catch { /* then it lasts as long as the page */ }
}

/** On the way to the page of acts stands what waits there, and whether it is stopped. */
export function acts(alerts) {
  const words = [alerts.stops ? "stopped" : "", alerts.approvals ? `${number(alerts.approvals)} to approve` : "", alerts.frozen ? `${number(alerts.frozen)} frozen` : ""];
  say($("acts"), words.filter(Boolean).join(", "));
  $("acts").classList.toggle("bad", alerts.stops > 0);
}
