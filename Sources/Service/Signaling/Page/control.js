// SPDX-License-Identifier: Apache-2.0
// What can be set and started on the board: JSON-RPC 2.0 over a data channel (docs/control.md).

const byID = (id) => document.getElementById(id);

const groups = { camera: "Camera", output: "Outputs", action: "Actions" };

/** The calls that wait for their answers, by their numbers. */
let waiting = new Map();
let number = 0;
let current;
/** The row of each control, by its name. */
let rows = new Map();

/** Calls a method; its result, or an error with the device's sentence. */
function call(method, params) {
  return new Promise((resolve, reject) => {
    if (current?.readyState !== "open") return reject(new Error("The line is down."));
    number += 1;
    waiting.set(number, { resolve, reject });
    current.send(JSON.stringify({ jsonrpc: "2.0", id: number, method, params }));
  });
}

function say(text) {
  byID("outcome").textContent = text;
}

/** Sends what is wished last, one at a time: a slider moves faster than a camera. */
class Setter {
  #id;
  #isBusy = false;
  #wish;

  constructor(id) { this.#id = id; }

  get isBusy() { return this.#isBusy; }

  async set(value) {
    this.#wish = value;
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (this.#wish !== undefined) {
        const value = this.#wish;
        this.#wish = undefined;
        const state = await call("controls.set", { id: this.#id, value });
        if (this.#wish === undefined) { this.#isBusy = false; rows.get(this.#id)?.show(state); }
      }
      say("");
    } catch (error) {
      say(error.message);
      refresh();
    } finally {
      this.#isBusy = false;
    }
  }
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** The row of one control; `show` takes its state, whoever has changed it. */
function row(control) {
  const id = `control-${control.id}`;
  const setter = new Setter(control.id);
  const problem = element("small", { className: "problem" });
  const label = element("label", { htmlFor: id, textContent: control.label });
  const made = { element: element("div", { className: "control" }), control, setter };
  let input;
  let showValue = () => {};
  if (control.kind === "range") {
    input = element("input", { id, type: "range", min: control.minimum, max: control.maximum, step: control.step });
    const output = element("output", { htmlFor: id });
    const showNumber = () => {
      output.textContent = Number(input.value).toLocaleString();
    };
    input.addEventListener("input", () => { showNumber(); setter.set(Number(input.value)); });
    showValue = (state) => {
      if (state.minimum !== undefined) { input.min = state.minimum; input.max = state.maximum; }
      if (state.value !== undefined) input.value = state.value;
      showNumber();
    };
    made.element.append(label, output, input, problem);
  } else if (control.kind === "switch") {
    input = element("input", { id, type: "checkbox" });
    input.setAttribute("role", "switch");
    input.addEventListener("change", () => setter.set(input.checked));
    showValue = ({ value }) => { input.checked = value === true; };
    made.element.append(label, input, problem);
  } else if (control.kind === "menu") {
    input = element("select", { id }, ...control.options.map(({ value, label }) => element("option", { value, textContent: label })));
    input.addEventListener("change", () => setter.set(Number(input.value)));
    showValue = ({ value }) => { if (value !== undefined) input.value = value; };
    made.element.append(label, input, problem);
  } else {
    input = element("button", { id, type: "button", textContent: control.label });
    const output = element("pre", { hidden: true, tabIndex: 0 });
    input.addEventListener("click", async () => {
      try {
        const { status, output: text, late } = await call("controls.press", { id: control.id });
        output.textContent = text ?? "";
        output.hidden = !text;
        say(status === undefined ? `${control.label}: done.`
          : late ? `${control.label} took too long and was ended.`
          : status === 0 ? `${control.label}: done.` : `${control.label} ended with ${status}.`);
      } catch (error) {
        say(error.message);
      }
    });
    showValue = ({ running }) => {
      input.setAttribute("aria-busy", String(running === true));
      input.textContent = running ? `${control.label} …` : control.label;
    };
    made.element.append(input, problem, output);
  }
  made.show = (state) => {
    // While a finger is on it, the newest wish is nearer to the truth than what the device has just said.
    if (!setter.isBusy) showValue(state);
    input.disabled = state.readOnly === true || state.inactive === true || state.running === true;
    problem.textContent = state.problem ?? "";
    Object.assign(control, state);
  };
  made.show(control);
  return made;
}

async function refresh() {
  const { controls, mayControl } = await call("controls.list").catch(() => ({ controls: [], mayControl: false }));
  const focused = document.activeElement?.id;
  rows = new Map(controls.map((control) => [control.id, row(control)]));
  const parts = [];
  for (const [group, title] of Object.entries(groups)) {
    const members = [...rows.values()].filter(({ control }) => control.group === group);
    if (members.length === 0) continue;
    const heading = element("h3", { textContent: title });
    const resettable = members.filter(({ control }) => control.default !== undefined && !control.readOnly);
    if (resettable.length > 0) {
      const reset = element("button", { type: "button", className: "quiet", textContent: "Defaults", title: `Set the ${group} back to its defaults` });
      reset.addEventListener("click", () => {
        for (const { control, setter } of resettable) if (!control.inactive && control.value !== control.default) setter.set(control.default);
      });
      parts.push(element("header", {}, heading, reset));
    } else {
      parts.push(heading);
    }
    parts.push(...members.map((member) => member.element));
  }
  byID("settings").replaceChildren(...parts);
  if (focused) byID(focused)?.focus();
  const hasControls = mayControl && rows.size > 0;
  byID("levers").hidden = !hasControls;
  if (!hasControls && !byID("control").hidden) toggleControl();
}

function take(message) {
  if (message.method === "controls.replaced") return refresh();
  if (message.method === "controls.changed") {
    for (const state of message.params.controls) rows.get(state.id)?.show(state);
    return;
  }
  const caller = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.error) caller?.reject(new Error(message.error.message));
  else caller?.resolve(message.result);
}

/** Opens the channel; before the offer, so that it needs none of its own. */
export function openControl(connection) {
  const channel = connection.createDataChannel("control");
  channel.onopen = () => { current = channel; refresh(); };
  channel.onmessage = ({ data }) => take(JSON.parse(data));
  channel.onclose = () => {
    if (current !== channel) return;
    current = undefined;
    for (const { reject } of waiting.values()) reject(new Error("The line is down."));
    waiting = new Map();
  };
}

/** Shows the panel, or hides it. */
export function toggleControl() {
  const panel = byID("control");
  panel.hidden = !panel.hidden;
  byID("levers").setAttribute("aria-pressed", String(!panel.hidden));
  (panel.hidden ? byID("levers") : byID("control-away")).focus();
}

byID("control-away").addEventListener("click", toggleControl);
byID("control").addEventListener("keydown", (event) => {
  if (event.key === "Escape") toggleControl();
});
