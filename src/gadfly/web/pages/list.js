// The list: the node filters, sorts and pages; only what is looked at is fetched.

import { $, el, mark, named, say } from "./dom.js";
import { get } from "./node.js";
import { now, number, plural, ago } from "./words.js";

const PAGE = 25;

export class List {
  /** `state`: q, only (verdict words), facets (owner, group, host, kind), offset, order. */
  constructor(state, changed) {
    this.state = state;
    this.rows = new Map();
    this.total = 0;
    this.changed = changed;
    $("before").onclick = () => this.turn(-1);
    $("after").onclick = () => this.turn(1);
    for (const button of document.querySelectorAll("[data-order]")) {
      button.onclick = () => { state.order = button.dataset.order; state.offset = 0; this.sorted(); this.refresh(); };
    }
    setInterval(() => this.stale(), 5000); // beats change when somebody was seen, and no verdict
    let typing = 0;
    $("search").addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => { state.q = $("search").value; state.offset = 0; changed(); }, 120);
    });
  }

  sorted() {
    for (const button of document.querySelectorAll("[data-order]")) {
      button.parentElement.setAttribute("aria-sort", button.dataset.order === this.state.order ? "ascending" : "none");
    }
  }

  async turn(step) {
    const offset = this.state.offset + step * PAGE;
    if (offset < 0 || offset >= this.total) return false;
    this.state.offset = offset;
    await this.refresh();
    return true;
  }

  /** Called with every change of the picture; asks the node once a second at most. */
  stale() {
    this.timer ??= setTimeout(() => { this.timer = null; if (!document.hidden) this.refresh(); }, 1000);
  }

  async refresh() {
    const { state } = this;
    this.asked?.abort();
    this.asked = new AbortController();
    const query = new URLSearchParams({ limit: PAGE, offset: state.offset, order: state.order });
    if (state.q) query.set("q", state.q);
    if (state.only.size) query.set("verdict", [...state.only].join(","));
    for (const [key, value] of Object.entries(state.facets)) query.set(key, value);
    let found;
    try {
      found = await get(`components?${query}`, this.asked.signal);
    } catch (error) {
      if (error.name !== "AbortError") say($("list-about"), error.message);
      return;
    }
    if (found.total && state.offset >= found.total) {
      state.offset = 0;
      await this.refresh();
      return;
    }
    this.show(found);
  }

  show({ total, offset, components }) {
    this.total = total;
    const { q, only, facets } = this.state;
    const all = !q && !only.size && !Object.keys(facets).length;
    say($("list-about"), total ? plural(total, "component") : all ? "nothing is heard yet; try  gadfly beat NAME  in a terminal" : "nothing matches");
    say($("range"), total > PAGE ? `${number(offset + 1)}–${number(Math.min(total, offset + PAGE))} of ${number(total)}` : "");
    $("before").disabled = offset === 0;
    $("after").disabled = offset + PAGE >= total;
    const focused = document.activeElement?.closest?.("#rows tr")?.dataset.name;
    const kept = new Map();
    const rows = components.map((one) => {
      const row = this.rows.get(one.name) ?? this.make(one.name);
      this.update(row, one);
      kept.set(one.name, row);
      return row;
    });
    this.rows = kept;
    const body = $("rows");
    if (rows.length !== body.children.length || rows.some((row, n) => row !== body.children[n])) {
      body.replaceChildren(...rows);
      if (focused !== undefined) kept.get(focused)?.querySelector("a").focus({ preventScroll: true });
    }
  }

  make(name) {
    const row = el("tr", null,
      el("th", { scope: "row" }, el("a", { href: `#c=${encodeURIComponent(name)}` }, named(name))),
      el("td", { class: "wide" }), el("td", { class: "verdict" }), el("td", { class: "why" }), el("td", { class: "number" }));
    row.dataset.name = name;
    row.onclick = (event) => { if (!event.target.closest("a")) row.querySelector("a").click(); };
    return row;
  }

  update(row, one) {
    const [, group, verdict, why, seen] = row.children;
    say(group, one.group);
    if (row.dataset.verdict !== one.verdict) {
      row.dataset.verdict = one.verdict;
      verdict.replaceChildren(mark(one.verdict), el("span", null, one.verdict));
    }
    const text = one.silenced ? `${one.reason} · silenced` : one.reason;
    say(why, text);
    why.title = text;
    say(seen, one.seen === null ? "–" : now() - one.seen < 1.5 ? "now" : ago(one.seen));
  }

  /** The row with the focus moves; at the end the page turns. */
  async step(by) {
    const links = () => [...document.querySelectorAll("#rows a")];
    const all = links();
    const at = all.indexOf(document.activeElement);
    let target = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
    if (target >= all.length || target < 0) {
      if (!(await this.turn(by))) return;
      target = by > 0 ? 0 : links().length - 1;
    }
    links()[target]?.focus();
  }
}
