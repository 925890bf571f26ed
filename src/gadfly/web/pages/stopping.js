// The stop button: one press halts, nothing is asked back. Giving authority back takes a reason.

import { $, ask, el, named, say, since, toast } from "./dom.js";
import { act } from "./node.js";
import { moment } from "./words.js";
import { press, put, reason, when } from "./section.js";

const what = (one) => (one.scope === "everything" ? "Every automation" : one.scope === "target" ? `Everything on ${one.name}` : `${one.scope === "owner" ? "What is owned by" : "Automation"} ${one.name}`);

/** Halt what a smaller reach names; here a dialog may ask, as a wrong row is soon pressed. */
export async function stopSome(scope, name, refresh) {
  const given = await ask(`Stop ${scope === "owner" ? `everything that ${name} owns` : name}`, [
    el("p", { class: "soft" }, "What runs is ended before its next effect, and nothing that is queued survives."),
    reason("Because", { required: false }),
  ], "Stop");
  if (given && (await act("act/stops", "POST", { scope, name, reason: given.reason }))) refresh();
}

async function resume(one, refresh) {
  const given = await ask(`Resume: ${what(one).toLowerCase()}`, [
    el("p", { class: "soft" }, `Stopped by ${one.who}: ${one.because}`),
    el("p", { class: "soft" }, one.lifters ? `${one.lifters} may lift it.` : ""),
    reason("Because"),
  ], "Resume");
  if (given && (await act(`act/stops/${encodeURIComponent(one.id)}/resume`, "POST", { reason: given.reason }))) refresh();
}

export class Stopping {
  constructor(refresh) {
    this.refresh = refresh;
    this.board = { stops: [], breakglass: [], automations: [] };
    $("stop").onclick = () => this.press();
  }

  async press() {
    const button = $("stop");
    button.disabled = true;
    say(button, "Stopping …");
    const done = await act("act/stops", "POST", { reason: "pressed on the page" });
    button.disabled = false;
    say(button, "Stop every automation");
    if (!done) return;
    // What the node answered is shown at once: in an emergency the rest of the board may take its time.
    this.show({ ...this.board, stops: [...this.board.stops, await done.json()] });
    toast("Stopped. Each executor is told now, and none may act without the node's word.");
    this.refresh();
  }

  show(board) {
    this.board = board;
    const { stops, breakglass, automations } = board;
    when("stops", [stops, breakglass], (box) => put(box, [
      ...stops.map((one) => el("li", null,
        el("div", null,
          el("strong", null, what(one)), " stopped by ", named(one.who), ` since ${moment(one.at)} (`, since(one.at), "): ", named(one.because),
          one.lifters && el("div", { class: "soft" }, named(one.lifters), " may lift it.")),
        one.id !== "s0" && el("div", { class: "buttons" }, press(`resume ${one.id}`, "resume", () => resume(one, this.refresh))))),
      ...breakglass.map((one) => el("li", null, el("div", null, el("strong", null, "The glass is broken"), " by ", named(one.who), ` until ${moment(one.ends)}: `, named(one.reason)))),
    ]));
    const all = stops.find((one) => one.scope === "everything");
    const ready = automations.filter((one) => one.state === "ready").length;
    say($("stop-state"), all ? "STOPPED: no automation acts"
      : stops.length ? `Stopped in part: ${ready} of ${automations.length} automations may act`
        : automations.length ? `${ready} of ${automations.length} automations may act` : "No automation is declared");
    $("stop-card").classList.toggle("stopped", Boolean(all));
    $("stop-card").classList.toggle("partly", !all && stops.length > 0);
    $("stop").hidden = Boolean(all);
  }
}
