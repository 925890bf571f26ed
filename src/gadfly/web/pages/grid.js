// Every component as a cell on a canvas. Where there are more components than cells, a cell shows the worst of its own.

import { el, isDark, mark, named } from "./dom.js";
import { FREE, HEALTHY, VERDICTS, WELL, number } from "./words.js";

const GUTTER = 92;      // px for labels, when put together by a label
const LABELS = 48;      // more labels than this are not written
const LINE = 15;        // px a label needs
const GAP = 3;          // px between labels' rows

/** One of `light-dark(#rrggbb, #rrggbb)` as the bytes of a pixel. */
function colour(text, dark) {
  const n = parseInt(text.match(/[0-9a-f]{6}/g)[dark], 16);
  return (0xff000000 | ((n & 255) << 16) | (n & 0xff00) | (n >> 16)) >>> 0; // little-endian RGBA
}

export class Grid {
  /** `on`: row(slot) → promise of a row, open(name), columns. */
  constructor(parts, on) {
    Object.assign(this, parts); // box, canvas, labels, cursor, tip
    this.on = on;
    this.verdicts = new Uint8Array(0);
    this.parts = null;   // [label, slots][] when put together by a label
    this.only = new Set();
    this.width = 0;
    this.at = -1;
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.restyle();
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width);
      if (width !== this.width) { this.width = width; this.arrange(); }
    }).observe(this.box);
    this.listen();
  }

  restyle() {
    const style = getComputedStyle(document.documentElement);
    const dark = Number(isDark());
    this.palette = VERDICTS.map((word) => colour(style.getPropertyValue(`--${word}`), dark));
    this.ground = colour(style.getPropertyValue("--card"), dark);
    this.lay();
    this.soon();
  }

  /** The cells as they are when all is well; drawing begins with a copy of it. */
  lay() {
    if (!this.pixels) return;
    this.pixels.fill(this.ground);
    for (let c = 0; c < this.cells; c++) this.square(c, 0, this.side, this.palette[HEALTHY]);
    this.base = this.pixels.slice();
  }

  load(verdicts) {
    const grown = verdicts.length !== this.verdicts.length;
    this.verdicts = verdicts;
    if (grown) this.arrange();
    this.soon();
  }

  /** Changes; `size` may have grown. */
  change(size, slots, verdicts) {
    if (size !== this.verdicts.length) {
      const wider = new Uint8Array(size).fill(FREE);
      wider.set(this.verdicts.subarray(0, size));
      this.verdicts = wider;
      this.arrange();
    }
    for (let n = 0; n < slots.length; n++) this.verdicts[slots[n]] = verdicts[n];
    this.soon();
  }

  by(parts) { this.parts = parts; this.arrange(); }
  filter(only) { this.only = only; this.soon(); }

  /** Choose the largest cells that fit, and give every slot its own. */
  arrange() {
    if (!this.width || !this.verdicts.length) return;
    const labelled = this.parts !== null && this.parts.length <= LABELS && this.parts.length > 1;
    const segments = this.parts ?? [["", null]];
    const sizes = segments.map(([, slots]) => (slots ? slots.length : this.verdicts.length));
    const total = sizes.reduce((sum, n) => sum + n, 0);
    const left = labelled ? GUTTER : 0;
    const width = this.width - left;
    const most = Math.max(160, Math.min(430, innerHeight * 0.46));
    const fine = devicePixelRatio >= 1.5 ? 1 : 2;
    const runs = labelled ? sizes : [total];
    let per = 1;
    let pitch = total < 40 ? 22 : 16;
    const height = () => {
      const columns = Math.floor(width / pitch);
      return runs.reduce((sum, n) => sum + Math.max(Math.ceil(Math.ceil(n / per) / columns) * pitch, labelled ? LINE : 0) + (labelled ? GAP : 0), 0);
    };
    while (pitch > fine && height() > most) pitch--;
    while (height() > most && per < total) per++;

    const columns = Math.floor(width / pitch);
    const cells = runs.reduce((sum, n) => sum + Math.ceil(n / per), 0);
    this.cellOf = new Int32Array(this.verdicts.length).fill(-1);
    this.first = new Uint32Array(cells + 1);        // the first position of a cell
    this.order = new Uint32Array(total);            // position → slot
    this.x = new Uint16Array(cells);
    this.y = new Uint16Array(cells);
    this.rows = [];                                 // one a row of cells: y, first cell, how many
    const texts = [];
    let cell = 0, position = 0, top = 0, segment = 0;
    for (const run of runs) {
      const begin = cell, ending = position + run;
      const places = [];
      if (labelled) places.push(segment++);
      else while (segment < segments.length) places.push(segment++);
      let p = position;
      for (const place of places) {
        const slots = segments[place][1];
        for (let n = 0; n < sizes[place]; n++) this.order[p++] = slots ? slots[n] : n;
      }
      for (; position < ending; position += per, cell++) {
        this.first[cell] = position;
        const column = (cell - begin) % columns, row = Math.floor((cell - begin) / columns);
        this.x[cell] = left + column * pitch;
        this.y[cell] = top + row * pitch;
        if (column === 0) this.rows.push([top + row * pitch, cell, 0]);
        this.rows[this.rows.length - 1][2]++;
      }
      position = ending;
      if (labelled) texts.push([segments[places[0]][0] || "none", top]);
      top += Math.max(Math.ceil((cell - begin) / columns) * pitch, labelled ? LINE : 0) + (labelled ? GAP : 0);
    }
    this.first[cells] = total;
    for (let c = 0; c < cells; c++) {
      for (let n = this.first[c]; n < this.first[c + 1]; n++) if (this.order[n] < this.cellOf.length) this.cellOf[this.order[n]] = c;
    }
    Object.assign(this, { per, pitch, columns, left, cells, height: top });
    this.worst = new Uint8Array(cells);
    this.labels.replaceChildren(...texts.map(([text, y]) => {
      const label = named(text);
      label.style.transform = `translateY(${y}px)`;
      return label;
    }));
    const ratio = Math.min(devicePixelRatio, 3);
    this.ratio = ratio;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.max(1, Math.round(top * ratio));
    this.canvas.style.height = `${top}px`;
    this.image = this.context.createImageData(this.canvas.width, this.canvas.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.side = pitch >= 4 ? pitch - 1 : pitch;
    this.lay();
    this.on.arranged(per);
    this.point(-1);
    this.draw();
  }

  soon() {
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.draw(); });
  }

  draw() {
    if (!this.pixels) return;
    const { worst, cellOf, verdicts, palette, only } = this;
    worst.fill(FREE);
    for (let slot = 0; slot < verdicts.length; slot++) {
      let verdict = verdicts[slot];
      const cell = cellOf[slot];
      if (only.size && verdict < HEALTHY && !only.has(verdict)) verdict = HEALTHY;
      if (cell >= 0 && verdict < worst[cell]) worst[cell] = verdict;
    }
    this.pixels.set(this.base);
    // A cell of two pixels would be overlooked: what is not well is drawn larger than its place, the worst on top.
    const out = this.pitch < 4 ? 1 : 0;
    const ill = VERDICTS.slice(0, WELL).map(() => []);
    for (let c = 0; c < worst.length; c++) {
      const verdict = worst[c];
      if (verdict < WELL) ill[verdict].push(c);
      else if (verdict !== HEALTHY) this.square(c, 0, this.side, verdict === FREE ? this.ground : palette[verdict]);
    }
    for (let verdict = WELL - 1; verdict >= 0; verdict--) {
      for (const c of ill[verdict]) this.square(c, out, this.side + 2 * out, palette[verdict]);
    }
    this.context.putImageData(this.image, 0, 0);
  }

  square(cell, out, side, colour) {
    const { ratio, pixels } = this;
    const wide = this.canvas.width, high = this.canvas.height;
    const x0 = Math.max(0, Math.round((this.x[cell] - out) * ratio)), y0 = Math.max(0, Math.round((this.y[cell] - out) * ratio));
    const x1 = Math.min(wide, Math.round((this.x[cell] - out + side) * ratio)), y1 = Math.min(high, Math.round((this.y[cell] - out + side) * ratio));
    for (let y = y0; y < y1; y++) pixels.fill(colour, y * wide + x0, y * wide + x1);
  }

  /** The cell at a point of the canvas, or -1. */
  cellAt(x, y) {
    if (!this.rows || x < this.left) return -1;
    let low = 0, high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rows[middle][0] <= y) low = middle; else high = middle - 1;
    }
    const [top, first, count] = this.rows[low] ?? [0, 0, 0];
    const column = Math.floor((x - this.left) / this.pitch);
    return y < top + this.pitch && column < count ? first + column : -1;
  }

  /** The worst slot in a cell. */
  slotIn(cell) {
    let found = -1;
    for (let n = this.first[cell]; n < this.first[cell + 1]; n++) {
      const slot = this.order[n];
      if (this.verdicts[slot] !== FREE && (found < 0 || this.verdicts[slot] < this.verdicts[found])) found = slot;
    }
    return found;
  }

  /** Show what is in a cell; -1: nothing. */
  point(cell) {
    this.at = cell;
    const slot = cell < 0 ? -1 : this.slotIn(cell);
    this.slot = slot;
    this.tip.hidden = this.cursor.hidden = slot < 0;
    clearTimeout(this.asking);
    if (slot < 0) return;
    const side = Math.max(this.pitch, 4);
    const x = this.x[cell], y = this.y[cell];
    this.cursor.style.width = this.cursor.style.height = `${side + 4}px`;
    this.cursor.style.transform = `translate(${x - 4 + (this.pitch - side) / 2}px, ${y - 4 + (this.pitch - side) / 2}px)`;
    const right = x > this.width / 2;
    this.tip.style.transform = `translate(${right ? x - 10 : x + this.pitch + 10}px, ${y + this.pitch + 8}px)${right ? " translateX(-100%)" : ""}`;
    const verdict = VERDICTS[this.verdicts[slot]];
    this.tip.replaceChildren(mark(verdict), ` ${verdict}`);
    this.asking = setTimeout(async () => {
      const row = await this.on.row(slot).catch(() => null);
      if (!row || this.slot !== slot) return;
      const more = this.first[cell + 1] - this.first[cell] - 1;
      this.tip.replaceChildren(mark(row.verdict), " ", el("strong", null, named(row.name)), ` ${row.verdict}`,
        el("span", null, `${row.reason}${more > 0 ? ` (the worst of ${number(more + 1)} here)` : ""}`));
    }, 40);
  }

  move(columns, rows) {
    if (this.at < 0) return this.point(0);
    let target = this.at + columns;
    if (rows) {
      target = this.cellAt(this.x[this.at], this.y[this.at] + rows * this.pitch);
      if (target < 0) target = this.at + rows * this.columns;
    }
    return this.point(Math.max(0, Math.min(this.cells - 1, target)));
  }

  /** To the next cell that is not well, around the end. */
  seek(step) {
    for (let n = 1; n <= this.cells; n++) {
      const cell = (((this.at + step * n) % this.cells) + this.cells) % this.cells;
      if (this.worst[cell] < WELL) return this.point(cell);
    }
    return undefined;
  }

  async open() {
    if (this.slot < 0) return;
    const row = await this.on.row(this.slot).catch(() => null);
    if (row) this.on.open(row.name);
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      const cell = this.cellAt(event.offsetX, event.offsetY);
      if (cell !== this.at) this.point(cell);
    });
    canvas.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") this.point(-1); });
    canvas.addEventListener("blur", () => this.point(-1));
    let touched = -1;
    canvas.addEventListener("click", (event) => {
      const cell = this.cellAt(event.offsetX, event.offsetY);
      const again = cell === touched;
      touched = cell;
      this.point(cell);
      if (event.pointerType !== "touch" || again) this.open();
    });
    canvas.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (moves[event.key]) this.move(...moves[event.key]);
      else if (event.key === "n" || event.key === "p") this.seek(event.key === "n" ? 1 : -1);
      else if (event.key === "Enter") this.open();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
}
