// The connection to the node: questions, changes, and the token.

import { ask, el, toast } from "./dom.js";

const KEY = "gadfly-token";
const QUIET = 12500; // ms; the node says something every five seconds
const UNSEEN = 60000; // ms a hidden tab goes on; a browser has six connections to a node for all its tabs

let token = null;
try { token = sessionStorage.getItem(KEY); } catch { /* storage may be refused */ }

export function keepToken(text) {
  token = text || null;
  try {
    if (token) sessionStorage.setItem(KEY, token);
    else sessionStorage.removeItem(KEY);
  } catch { /* then it lasts as long as the page */ }
}

/** `#token=…` in the address: kept for this tab, and taken out of the address bar at once. */
export function takeTokenFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.has("token")) return;
  keepToken(given.get("token"));
  given.delete("token");
  const rest = given.toString();
  history.replaceState(null, "", location.pathname + (rest ? `#${rest}` : ""));
}

export class Problem extends Error {
  constructor(status, detail, field) { super(detail); this.status = status; this.field = field; }
}

let declined = false; // the person was asked for a token to read with, and gave none

const authorization = () => (token ? { authorization: `Bearer ${token}` } : {});

let asking = null;
function askForToken(detail) {
  asking ??= ask("A token is needed", [
    el("p", null, detail),
    el("label", null, "Token", el("input", { name: "token", type: "password", required: true, autocomplete: "off", spellcheck: "false" })),
    el("p", { class: "soft" }, "gadfly up prints one. It is kept in this tab only."),
  ], "Use it").then((given) => {
    asking = null;
    if (given) keepToken(given.token.trim());
    return Boolean(given);
  });
  return asking;
}

export async function request(path, options = {}) {
  const { body, ...rest } = options;
  for (;;) {
    const answer = await fetch(`/api/v1/${path}`, {
      ...rest,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { ...authorization(), ...(body === undefined ? {} : { "content-type": "application/json" }), ...rest.headers },
    });
    if (answer.ok) return answer;
    let detail = `${answer.status} ${answer.statusText}`, field = "";
    try {
      const said = await answer.json();
      detail = said.detail || said.error || detail; // `error`: as Prometheus says it
      field = said.field; // of an answer that cannot be taken
    } catch { /* not a problem document */ }
    if (answer.status === 401 && token) {
      keepToken(null); // it is no longer good; perhaps it is not needed
      continue;
    }
    // Another token helps where this one lacks a scope, and not where somebody else must answer.
    const needed = answer.status === 401 || (answer.status === 403 && rest.method && answer.headers.has("www-authenticate"));
    if (needed && (rest.method || !declined)) {
      if (await askForToken(detail)) continue;
      declined = true;
    }
    throw new Problem(answer.status, detail, field);
  }
}

export const get = async (path, signal) => (await request(path, { signal })).json();

/** Do something, and say what went wrong where it does. The answer where it was done. */
export async function act(path, method, body) {
  try {
    return await request(path, { method, body });
  } catch (error) {
    toast(error.message);
    return null;
  }
}

const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** Events from a byte stream; `take(event, id, data)` for each, `heard()` for every piece that comes. */
async function read(body, heard, take) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    rest += value;
    const parts = rest.split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      let name = "", id = "", data = "";
      for (const line of part.split("\n")) {
        if (line.startsWith("event: ")) name = line.slice(7);
        else if (line.startsWith("id: ")) id = line.slice(4);
        else if (line.startsWith("data: ")) data += line.slice(6);
      }
      if (name) take(name, Number(id), JSON.parse(data));
    }
  }
}

/**
 * Follow the picture for ever. `on` has: load() → version (the whole picture was read), event(name, data),
 * live(), lost(), rest() (nobody looks; it goes on when somebody does).
 */
export async function follow(on) {
  let resting = false, wake = null, timer = 0, current = null;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => { resting = true; current?.abort(); }, UNSEEN);
    else {
      resting = false;
      wake?.();
    }
  });
  let version = null;
  let patience = 500;
  for (;;) {
    const stop = new AbortController();
    current = stop;
    let quiet = 0;
    let resync = false;
    const heard = () => {
      clearTimeout(quiet);
      quiet = setTimeout(() => stop.abort(), QUIET);
    };
    try {
      if (version === null) version = await on.load(stop.signal);
      heard();
      const answer = await request("stream", { signal: stop.signal, headers: { "last-event-id": String(version) } });
      await read(answer.body, heard, (name, id, data) => {
        patience = 500;
        if (name === "hello") on.live();
        if (name === "resync") {
          version = null;
          resync = true;
          stop.abort();
          return;
        }
        if (version === null) return;
        if (name !== "hello") version = id;
        on.event(name, data);
      });
    } catch { /* whatever it was, the answer is to try again */ }
    clearTimeout(quiet);
    stop.abort();
    if (resting) {
      on.rest();
      await new Promise((done) => { wake = done; });
      continue;
    }
    if (resync) {
      await wait(200);
      continue;
    }
    on.lost();
    await wait(patience * (0.75 + Math.random() / 2));
    patience = Math.min(patience * 2, 8000);
  }
}
