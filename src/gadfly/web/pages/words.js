// Words, numbers and times as people read them.

/** In the order of the bytes: worst first. */
export const VERDICTS = ["down", "gray", "zombie", "missing", "degraded", "unknown", "undeclared", "left", "healthy"];
export const HEALTHY = 8;
export const FREE = 255;
/** Verdicts below this byte are not well. */
export const WELL = 5;

export const MEANS = {
  down: "dead as far as anybody can tell",
  gray: "beats, but its probe fails",
  zombie: "its probe passes, but it does not beat",
  missing: "declared, and not heard when it should be",
  degraded: "works, but not as it should",
  unknown: "nobody could ask yet",
  undeclared: "beats well, and is in no catalogue",
  left: "said goodbye",
  healthy: "as it should be",
};

const grouped = new Intl.NumberFormat("en");
export const number = (n) => grouped.format(n);
/** A contact as a person writes it. */
export const contact = (text) => text.replace(/^mailto:/, "");
export const plural = (n, one, many = one + "s") => `${number(n)} ${n === 1 ? one : many}`;

let skew = 0;
/** The node's clock is the one that counts; the browser's may be wrong. */
export const setNow = (seconds) => { skew = seconds - Date.now() / 1000; };
export const now = () => Date.now() / 1000 + skew;

export function duration(seconds) {
  const s = Math.abs(seconds);
  if (s > 0 && s < 0.0995) return `${(s * 1000).toFixed(s < 0.00095 ? 2 : s < 0.00995 ? 1 : 0)} ms`;
  if (s < 1) return `${(s * 1000).toFixed(0)} ms`;
  if (s < 9.95 && s % 1) return `${s.toFixed(1)} s`;
  if (s < 99.5) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 129600) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} d`;
}

/** Whole seconds and more, for what ticks. */
export const ago = (at) => duration(Math.max(0, Math.round(now() - at))).replace(/^0 ms$/, "0 s");

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (n) => String(n).padStart(2, "0");
export function clock(at) {
  const d = new Date(at * 1000);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}
export function moment(at) {
  const d = new Date(at * 1000);
  if (Math.abs(now() - at) < 43200) return clock(at);
  const year = new Date(now() * 1000).getFullYear() === d.getFullYear() ? "" : ` ${d.getFullYear()}`;
  return `${d.getDate()} ${MONTHS[d.getMonth()]}${year} ${clock(at).slice(0, 5)}`;
}
