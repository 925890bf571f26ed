// The page of logs: the newest lines first; what comes is put on top while it is followed.

import { $, el, named, plain, say } from "./dom.js";
import { turnTheme } from "./frame.js";
import { get, takeTokenFromAddress } from "./node.js";
import { moment, now, plural } from "./words.js";

const SPANS = { "15 min": 900, "1 h": 3600, "6 h": 21600, "1 d": 86400, "7 d": 604800 };
const PAGE = 100;
const MOST = 2000; // lines on the page; older ones make room
const EVERY = 2000; // ms between two looks
const FIELDS = ["q", "host", "unit", "severity", "span"];
const CLASSES = { emergency: "grave", alert: "grave", critical: "grave", error: "grave", warning: "warn", debug: "minor" };
takeTokenFromAddress();

let stop = null; // of what is under way for the question asked now
let older = null; // the cursor for what is before
let newest = 0; // the cursor for what comes

function asked() {
  const words = $("q").value.trim(), query = new URLSearchParams();
  if (words.length > 2 && words.startsWith("/") && words.endsWith("/")) query.set("match", words.slice(1, -1));
  else if (words) query.set("q", words);
  for (const name of ["host", "unit"]) if ($(name).value.trim()) query.set(name, $(name).value.trim());
  query.set("severity", $("severity").value);
  query.set("since", (now() - SPANS[$("span").value]).toFixed(0));
  return query;
}

/** Only of this host or unit. */
function narrow(name, value) {
  $(name).value = value;
  $("ask").requestSubmit();
}

function open(line, cell) {
  const shown = cell.querySelector(".fields");
  cell.firstChild.classList.toggle("short", Boolean(shown));
  if (shown) { shown.remove(); return; }
  const fields = [["number", line.number], ["source", line.source], ["severity", line.severity], ...Object.entries(line.fields)];
  cell.append(el("span", { class: "fields" }, named(plain(fields.map(([name, value]) => `${name}=${value}`).join("  ")))));
}

function row(line) {
  const text = el("td", { class: "text" }, el("span", { class: "short", role: "button", tabindex: 0 }, named(plain(line.text) || "(empty)")));
  const toggle = () => { if (!String(getSelection())) open(line, text); };
  text.firstChild.onclick = toggle;
  text.firstChild.onkeydown = (event) => { if (event.key === "Enter") toggle(); };
  const where = (name) => el("td", { class: "where", title: plain(line[name]), onclick: () => narrow(name, line[name]) }, named(plain(line[name])));
  return el("tr", { class: CLASSES[line.severity] }, el("td", { class: "soft", title: new Date(line.at * 1000).toISOString() }, moment(line.at)), where("host"), where("unit"), text);
}

function about(page) {
  const count = $("lines").children.length;
  say($("about"), page.unread.length ? page.unread.join(" ") : count ? plural(count, "line") : "");
  $("none").hidden = count > 0 || older !== null;
  say($("none"), "No line is like that. Where lines come from is set in gadfly.toml: [logs] and [log_file.NAME].");
  $("more").hidden = older === null;
}

async function earlier() {
  const query = asked(), { signal } = stop, first = older === null;
  query.set("limit", PAGE);
  if (!first) query.set("before", older);
  $("more").disabled = true;
  try {
    const page = await get(`logs?${query}`, signal);
    if (first) newest = page.newest;
    $("lines").append(...page.lines.map(row));
    older = page.more && $("lines").children.length < MOST ? page.cursor : null;
    about(page);
    return true;
  } catch (error) {
    if (!signal.aborted) { say($("about"), error.message); $("about").classList.add("bad"); }
    return false;
  } finally {
    $("more").disabled = false;
  }
}

async function follow(signal) {
  while (!signal.aborted) {
    await new Promise((resolve) => { setTimeout(resolve, EVERY); });
    if (signal.aborted || !$("follow").checked || document.hidden) continue;
    try {
      const query = asked();
      query.set("after", newest);
      query.set("limit", 500);
      const page = await get(`logs?${query}`, signal);
      say($("live"), "");
      newest = page.cursor;
      if (!page.lines.length) continue;
      $("lines").prepend(...page.lines.map(row).reverse());
      while ($("lines").children.length > MOST) $("lines").lastChild.remove();
      about(page);
    } catch {
      if (!signal.aborted) say($("live"), "not connected");
    }
  }
}

async function find() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const name of FIELDS) if (given.has(name)) $(name).value = given.get(name);
  $("span").value ||= "7 d";
  $("severity").value ||= "debug";
  stop?.abort();
  stop = new AbortController();
  const { signal } = stop;
  older = null;
  $("lines").replaceChildren();
  $("about").classList.remove("bad");
  say($("about"), "looking");
  if (await earlier() && !signal.aborted) follow(signal);
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const to = `#${new URLSearchParams(FIELDS.map((name) => [name, $(name).value.trim()]))}`;
  if (location.hash === to) find(); else location.hash = to;
});
for (const name of ["severity", "span"]) $(name).onchange = () => $("ask").requestSubmit();
$("more").onclick = earlier;
addEventListener("hashchange", () => { takeTokenFromAddress(); find(); });
$("theme").onclick = turnTheme;
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || event.target.matches?.("input, select, textarea")) return;
  if (event.key === "/") $("q").focus();
  else if (event.key === "f") $("follow").click();
  else if (event.key === "C") location.href = "/";
  else if (event.key === "A") location.href = "/act";
  else if (event.key === "L") location.href = "/ledger";
  else if (event.key === "t") turnTheme();
  else return;
  event.preventDefault();
});
find();
