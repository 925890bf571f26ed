// The page of questions: what a team is asked, what it accepts and until when, and what came of it.

import { answer, day, NAMES } from "./answering.js";
import { $, brief, el, named, say, since } from "./dom.js";
import { figures, picture, whole } from "./evidence.js";
import { acts, tick, turnTheme } from "./frame.js";
import { get, takeTokenFromAddress } from "./node.js";
import { press, put, when } from "./section.js";
import { number, plural, setNow } from "./words.js";

const EVERY = 10000;
const MOST = 500;
const OVER = 25; // of what is over, the newest in each part
takeTokenFromAddress();

let found = { questions: [], owners: [], total: 0 };
const asked = (name) => new URLSearchParams(location.hash.slice(1)).get(name) ?? "";
const team = () => asked("team");

function subjects(one) {
  const shown = one.subjects.slice(0, 3).flatMap((name, n) => [n ? ", " : "", one.sort === "component" || (one.component && one.subjects.length === 1) ? el("a", { href: `/#c=${encodeURIComponent(one.component || name)}` }, brief(name)) : brief(name)]);
  return one.subjects.length > 3 ? [...shown, ` and ${number(one.subjects.length - 3)} more`] : shown;
}

const meta = (one) => el("p", { class: "meta soft" },
  one.safety ? [el("span", { class: "safety" }, "safety"), " · "] : "",
  `${one.type} · ${one.minutes} min · `, named(one.owner), one.whom !== one.owner ? [", now asked of ", named(one.whom)] : "", " · ", subjects(one), " · ", since(one.asked, " ago"), " · ", el("a", { href: `#q=${one.id}`, title: `${one.kind}; gadfly answer ${one.id}` }, one.id));

async function ask(one, chosen) {
  if (await answer(one, found.owners, chosen)) await once();
}

const buttons = (one) => el("div", { class: "buttons" }, Object.entries(NAMES).map(([name, title]) => press(`${one.id} ${name}`, title, () => ask(one, name))));

/** Evidence is asked for when somebody wants to see it. */
function evidence(one) {
  const box = el("div", null, el("p", { class: "soft" }, "…"));
  const details = el("details", { "data-key": `evidence ${one.id}`, ontoggle: async () => {
    if (!details.open || details.dataset.asked) return;
    details.dataset.asked = "yes";
    try {
      box.replaceChildren(...whole(await get(`questions/${encodeURIComponent(one.id)}`)).flat().filter(Boolean));
    } catch (error) {
      delete details.dataset.asked;
      box.replaceChildren(el("p", { class: "bad" }, error.message));
    }
  } }, el("summary", null, "evidence"), box);
  return details;
}

const said = (one) => (one.answer === null ? null : el("p", { class: "given" },
  el("b", null, NAMES[one.answer.answer]), one.answer.words ? [": ", named(one.answer.words)] : "",
  el("span", { class: "soft" }, " · ", named(one.answer.by), " · ", since(one.answer.at, " ago"))));

const row = (one, open) => el("article", { class: "question", id: `q-${one.id}` },
  el("div", null,
    meta(one),
    el("h3", { class: "ask" }, named(one.text)),
    said(one),
    one.state === "accepted" && one.until !== null ? el("p", { class: "given" }, "until ", el("b", null, day(one.until))) : null,
    open ? buttons(one) : null,
    el("p", { class: "then soft" }, named(one.then))),
  el("div", null,
    el("div", { class: "figures" }, figures(one.figures)),
    Object.entries(one.series).slice(0, 2).map(([name, numbers]) => picture(name, numbers))),
  evidence(one));

function section(id, questions, open) {
  if (id !== "open") $(`${id}-card`).hidden = !questions.length;
  const shown = open ? questions : questions.slice(0, OVER);
  when(id, [shown, questions.length], (box) => put(box, [
    ...shown.map((one) => row(one, open)),
    questions.length > shown.length ? el("p", { class: "soft" }, `${number(questions.length - shown.length)} earlier ones: `, el("code", null, "gadfly ask list --state …")) : null,
  ].filter(Boolean)));
}

function draw() {
  const of = (...states) => found.questions.filter((one) => states.includes(one.state));
  const open = of("open");
  const minutes = open.reduce((sum, one) => sum + one.minutes, 0);
  say($("open-title"), asked("about") ? `open about ${asked("about")}` : "open");
  say($("count"), open.length ? `${plural(open.length, "question")} · about ${plural(Math.round(minutes), "minute")}${found.total > found.questions.length ? ` · the first ${number(found.questions.length)} of ${number(found.total)}` : ""}` : "");
  $("none").hidden = open.length > 0;
  say($("none"), asked("about") ? "Nothing is asked about it now." : team() ? "Nothing is asked of this team now." : found.total ? "Nothing is asked now." : "Nothing was asked yet. The node looks at its own data once a day; gadfly ask now looks at once.");
  section("open", open, true);
  section("assumed", of("resting"), true);
  section("accepted", of("accepted").sort((a, b) => (a.until ?? 0) - (b.until ?? 0)), false);
  section("learnt", of("changed"), false);
  section("closed", of("withdrawn", "wrong", "replaced"), false);
  when("team", [found.owners, team()], (box, [owners, chosen]) => {
    box.replaceChildren(el("option", { value: "" }, "every team"), ...[...new Set([...owners, chosen])].filter(Boolean).sort().map((name) => el("option", { value: name }, name)));
    box.value = chosen;
  });
}

let shown = "";
async function once() {
  try {
    const wanted = team(), about = asked("about");
    const [told, glance] = await Promise.all([get(`questions?${new URLSearchParams({ owner: wanted, subject: about, limit: MOST })}`), get("summary")]);
    if (wanted !== team() || about !== asked("about")) return;
    found = told;
    setNow(told.at);
    acts(glance.alerts);
    draw();
    $("count").classList.remove("bad");
    const one = asked("q");
    if (one && one !== shown) {
      shown = one;
      const place = $(`q-${one}`);
      place?.scrollIntoView({ block: "center" });
      place?.querySelector("button, summary")?.focus({ preventScroll: true });
    }
  } catch (error) {
    say($("count"), error.message);
    $("count").classList.add("bad");
  }
}

async function look() {
  if (!document.hidden) await once();
  setTimeout(look, EVERY);
}

/** To the next or the previous open question. */
function step(by) {
  const all = [...document.querySelectorAll("#open .question, #assumed .question")];
  const at = all.indexOf(document.activeElement?.closest?.(".question"));
  const next = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
  next?.scrollIntoView({ block: "nearest" });
  next?.querySelector("button")?.focus();
}

$("team").onchange = () => { history.replaceState(null, "", $("team").value ? `#${new URLSearchParams({ team: $("team").value })}` : location.pathname); once(); };
$("theme").onclick = turnTheme;
addEventListener("hashchange", once);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || $("answer").open || event.target.matches?.("input, select, textarea")) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "C") location.href = "/";
  else if (event.key === "t") turnTheme();
  else return;
  event.preventDefault();
});
tick();
look();
