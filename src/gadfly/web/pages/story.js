// One component's story, on a sheet at the side.

import { history, phases, timeline } from "./chart.js";
import { $, ask, el, mark, named, since, toast } from "./dom.js";
import { acknowledge, silence } from "./incidents.js";
import { act, get } from "./node.js";
import { ago, contact, duration, MEANS, moment, now, number, plural } from "./words.js";

const PAUSE = 3000;
const CHARTS = 15000; // ms; so often are there new samples

const section = (title, ...content) => el("section", null, el("h3", null, title), ...content);
const fact = (key, ...value) => [el("dt", null, key), el("dd", null, ...value)];
const facts = (...pairs) => el("dl", null, pairs.filter(Boolean).flat());
const link = (name, verdict) => el("a", { class: "relation", href: `#c=${encodeURIComponent(name)}` }, verdict && mark(verdict), named(name));
const facet = (key, value) => el("a", { href: `#${key}=${encodeURIComponent(value)}` }, named(value));

/** Only an address that a browser opens as a page becomes a link. */
function address(text) {
  if (!/^https?:\/\//.test(text)) return named(text);
  return el("a", { href: text, rel: "noopener noreferrer", target: "_blank" }, named(text));
}

function beats(told) {
  const share = told.lost / Math.max(1, told.received + told.lost);
  return section("beats", facts(
    fact("liveness", `${told.liveness}${told.why ? ` (${told.why.replaceAll("_", " ")})` : ""}`),
    fact("last", told.last === null ? "never" : since(told.last, " ago")),
    told.interval && fact("interval", `${duration(told.interval)}, jitter ${duration(told.jitter)}`),
    fact("received", `${number(told.received)}, lost ${number(told.lost)}${told.lost ? ` (${(share * 100).toFixed(share < 0.001 ? 4 : 2)} %)` : ""}`),
    fact("restarts", number(told.restarts)),
    told.started && fact("runs since", moment(told.started)),
    told.address && fact("from", named(told.address), told.authenticated ? ", authenticated" : ""),
    told.status && fact("says", told.status)));
}

function job(told) {
  return section("job", facts(
    told.schedule && fact("schedule", told.schedule),
    told.state && fact("last run", [told.state, told.exit !== null ? `exit ${told.exit}` : "", told.seconds !== null ? duration(told.seconds) : ""].filter(Boolean).join(", ")),
    told.due && fact("due", moment(told.due))),
  told.output && el("pre", null, told.output));
}

const OUTCOMES = { passing: "healthy", warn: "degraded", fail: "down", unknown: "unknown" };

function probe(one) {
  const left = one.certificate_expires ? Math.floor((one.certificate_expires - now()) / 86400) : null;
  return el("article", null,
    el("div", { class: "cause" }, mark(OUTCOMES[one.outcome]), el("strong", null, `${one.kind} `, named(one.name)), el("span", { class: "soft target" }, named(one.target)),
      el("span", { class: "end" }, one.at ? duration(one.seconds) : "not asked yet")),
    el("div", { class: "soft" }, named(one.reason), one.at ? [" · asked ", since(one.at, " ago")] : "", one.every ? `, every ${duration(one.every)}` : "",
      left !== null ? ` · certificate ${left < 0 ? "expired" : `for ${plural(left, "day")}`}` : ""),
    phases(one.phases), history(one.history),
    one.output && el("pre", null, one.output));
}

function flips(told) {
  return section("verdicts", timeline(told.flips, told.verdict, now()),
    told.flips.length ? el("table", { class: "flips" }, el("tbody", null, told.flips.slice(0, 6).map((one) =>
      el("tr", null, el("td", { class: "soft" }, moment(one.at)), el("td", { class: "verdict" }, mark(one.after), el("span", null, one.after)), el("td", null, named(one.reason))))))
      : el("p", { class: "soft" }, "It has not changed since it is known."));
}

function alerts(told, refresh) {
  return section("alerts", el("ul", null, told.alerts.slice(0, 8).map((one) => el("li", { class: "incident" },
    mark(one.state === "resolved" ? "healthy" : one.verdict),
    el("div", null,
      el("div", { class: "cause" }, el("strong", null, one.state), one.ended ? el("span", { class: "soft" }, `${moment(one.started)}, lasted ${duration(one.ended - one.started)}`) : since(one.started)),
      el("div", { class: "soft" }, named(one.reason), one.acknowledged ? [" · acknowledged by ", named(one.acknowledged)] : "", one.suppressed ? [" · nobody is told: ", named(one.suppressed)] : "")),
    one.state === "firing" && !one.acknowledged
      ? el("div", { class: "buttons" }, el("button", { type: "button", onclick: () => acknowledge("alerts", one.id, refresh) }, "ack")) : null))));
}

function notices(told) {
  return section("told", el("table", { class: "flips" }, el("tbody", null, told.notices.slice(0, 12).map((one) =>
    el("tr", null, el("td", { class: "soft" }, moment(one.at)), el("td", null, one.what),
      el("td", null, named(contact(one.to)), el("span", { class: one.state === "dead" ? "bad" : "soft" }, one.state === "sent" ? "" : ` · ${one.state}, ${plural(one.attempts, "try", "tries")}${one.error ? `: ${one.error}` : ""}`)))))));
}

function owners(told) {
  return section("who answers", el("ol", { class: "owners" }, told.owners.map((one, n) =>
    el("li", null, el("strong", null, facet("owner", one.name)), " ", el("span", { class: "soft" }, named(one.contact.map(contact).join(", ")), one.after && n + 1 < told.owners.length ? ` · then, after ${duration(one.after)}:` : "")))));
}

const assumed = (found) => (found.length ? section("assumptions", el("ul", { class: "owners" }, found.map((one) => el("li", null, el("a", { href: `/questions#q=${one.id}` }, named(one.text)),
  el("span", { class: one.safety ? "bad" : "soft" }, one.state === "accepted" ? ` · accepted until ${moment(one.until)}` : one.state === "open" ? " · open" : " · nobody answered"))))) : null);

export class Story {
  constructor(close) {
    this.box = $("story");
    this.close = close;
    this.name = null;
    this.charts = el("section", { id: "charts", hidden: true });
    this.refresh = this.refresh.bind(this);
  }

  async open(name) {
    const fresh = name !== this.name;
    this.name = name;
    if (!(await this.refresh())) return;
    if (fresh && this.name === name) {
      this.box.scrollTop = 0;
      this.box.querySelector("h2")?.focus({ preventScroll: true });
    }
  }

  shut() {
    this.name = null;
    this.slot = -1;
    clearTimeout(this.timer);
    this.box.hidden = true;
    this.box.replaceChildren();
    this.last = "";
  }

  async forget(name) {
    const sure = await ask(`Forget ${name}`, [el("p", { class: "soft" }, "It leaves the picture. If it beats again, it comes back as new.")], "Forget");
    if (sure && (await act(`components/${encodeURIComponent(name)}`, "DELETE"))) this.close();
  }

  /** Something about it changed: look again soon. */
  stale() {
    if (this.name === null) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.refresh, 150);
  }

  async refresh() {
    const { name } = this;
    clearTimeout(this.timer);
    if (name === null) return false;
    let told;
    try {
      told = await get(`story?name=${encodeURIComponent(name)}`);
    } catch (error) {
      if (this.name === name && this.box.hidden) { toast(error.message); this.close(); }
      else this.timer = setTimeout(this.refresh, PAUSE);
      return false;
    }
    if (this.name !== name) return false;
    this.slot = told.slot;
    const kept = this.box.contains(document.activeElement) ? this.position(document.activeElement) : null;
    this.box.replaceChildren(...this.draw(told));
    this.box.hidden = false;
    this.chart(name, told.probes);
    if (kept !== null) this.focusables()[kept]?.focus({ preventScroll: true });
    this.timer = setTimeout(() => { if (!document.hidden) this.refresh(); else this.stale(); }, PAUSE);
    return true;
  }

  /** Charts are drawn by a module that comes when the first story is opened, and stay while the rest is redrawn. */
  async chart(name, probes) {
    if (this.charts.dataset.name === name && Date.now() - this.charted < CHARTS) return;
    if (this.charts.dataset.name !== name) { this.charts.hidden = true; this.charts.replaceChildren(); }
    this.charts.dataset.name = name;
    this.charted = Date.now();
    (await import("./series.js")).charts(this.charts, name, Math.max(0, ...probes.map((one) => one.every)));
  }

  focusables() { return [...this.box.querySelectorAll("a, button, h2")]; }
  position(element) { return this.focusables().indexOf(element); }

  draw(told) {
    const ill = !["healthy", "left", "undeclared"].includes(told.verdict);
    return [
      el("div", { class: "head" }, mark(told.verdict), el("h2", { tabindex: -1 }, named(told.name)), el("span", { class: "soft" }, told.kind),
        el("button", { type: "button", class: "quiet end", "aria-label": "Close (Esc)", title: "Close (Esc)", onclick: this.close }, "✕")),
      el("p", { class: ill ? "reason bad" : "reason" }, el("strong", { title: MEANS[told.verdict] }, told.verdict), told.since ? ` for ${ago(told.since)}: ` : ": ", named(told.reason || MEANS[told.verdict])),
      el("div", { class: "buttons" },
        told.probes.length ? el("button", { type: "button", onclick: async () => {
          if (await act(`probe/${encodeURIComponent(told.name)}`, "POST")) { toast("asked; the answer comes in a moment"); this.stale(); }
        } }, "ask now") : null,
        el("button", { type: "button", onclick: () => silence({ component: told.name }, this.refresh) }, "silence"),
        el("a", { class: "button", href: `/ledger#about=${encodeURIComponent(`component:${told.name}`)}` }, "ledger"),
        told.kind === "function" && told.name.startsWith("function:")
          ? el("a", { class: "button", href: `/functions#fn=${encodeURIComponent(told.name.slice(9))}` }, "calls")
          : el("a", { class: "button", href: `/logs#${new URLSearchParams({ [told.kind === "host" ? "host" : "unit"]: told.name })}` }, "logs"),
        !told.declared && ["left", "down", "unknown"].includes(told.verdict)
          ? el("button", { type: "button", title: "It is gone for good", onclick: () => this.forget(told.name) }, "forget") : null),
      facts(
        told.because && fact("because", named(told.because)),
        told.group && fact("group", facet("group", told.group)),
        told.host && fact("host", facet("host", told.host), told.host_doubt ? el("span", { class: "bad" }, ` ${told.host_doubt}`) : null),
        fact("catalogue", told.declared ? "declared" : "not declared, only heard"),
        told.version && fact("version", named(told.version)),
        told.pid !== null && fact("process", String(told.pid)),
        told.health && fact("health", address(told.health)),
        ...Object.entries(told.labels).map(([key, value]) => fact(named(key), named(value)))),
      told.alerts.length ? alerts(told, this.refresh) : null,
      assumed(told.assumptions),
      flips(told),
      told.job && job(told.job),
      told.beats && beats(told.beats),
      this.charts,
      told.probes.length ? section("probes", told.probes.map(probe)) : null,
      told.owners.length ? owners(told) : section("who answers", el("p", { class: "bad" }, "Nobody: it has no owner.")),
      told.notices.length ? notices(told) : null,
      told.needs.length ? section("needs", el("p", null, told.needs.map((one) => link(one.name, one.verdict)))) : null,
      told.needed_by.length ? section("needed by", el("p", null, told.needed_by.map((one) => link(one.name, one.verdict)))) : null,
    ].filter(Boolean);
  }
}
