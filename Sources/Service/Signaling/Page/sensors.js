// SPDX-License-Identifier: Apache-2.0
// The board's sensors: a data channel on which only the latest value counts, and a plot of the last minutes
// for each (docs/telemetry.md).

const byID = (id) => document.getElementById(id);

/** Milliseconds that are kept of every sensor, and of them, those in which no value is left out. */
const kept = 600_000;
const dense = 65_000;
/** Milliseconds between two values, above which the plot shows a gap: at rest there is one in ten seconds. */
const gap = 25_000;

/** What is known of each sensor, by its name. */
const sensors = new Map();
let revision;
/** The device's clock less ours, in milliseconds. */
let ahead = 0;

/** One sensor: its row on the page, and its points as [time by the device, value or null]. */
class Sensor {
  points = [];
  state = "waiting";
  value;
  hasHistory = false;
  #row = document.createElement("li");
  #label = document.createElement("span");
  #value = document.createElement("strong");
  #plot = document.createElement("canvas");
  #range = document.createElement("small");
  #decimals = 0;

  constructor(name) {
    this.name = name;
    this.#plot.setAttribute("role", "img");
    this.#row.append(this.#label, this.#value, this.#plot, this.#range);
  }

  get row() { return this.#row; }

  describe({ label, unit }) {
    this.label = label;
    this.unit = unit;
    this.#label.textContent = label;
    this.show();
  }

  take(time, value) {
    this.state = "well";
    this.value = value;
    this.#add([time, value]);
    this.#decimals = Math.max(this.#decimals, Number.isInteger(value) ? 0 : decimals(value));
    this.show();
  }

  fail(time, state, reason) {
    if (this.state !== state || this.reason !== reason) this.#add([time, null]);
    this.state = state;
    this.reason = reason;
    this.show();
  }

  /** What came before we were here; nothing that we have seen ourselves is replaced. */
  remember(end, step, values) {
    this.hasHistory = true;
    const first = this.points[0]?.[0] ?? Infinity;
    const old = [];
    values.forEach((value, index) => {
      const time = end - (values.length - 1 - index) * step;
      if (value !== null && time < first) old.push([time, value]);
      if (value !== null && !Number.isInteger(value)) this.#decimals = Math.max(this.#decimals, decimals(value));
    });
    this.points = [...old, ...this.points];
  }

  #add(point) {
    this.points.push(point);
    if (this.points.length % 200 !== 0) return;
    const now = point[0];
    let second;
    this.points = this.points.filter(([time]) => {
      if (time < now - kept) return false;
      if (time > now - dense) return true;
      const isFirst = Math.floor(time / 1000) !== second;
      second = Math.floor(time / 1000);
      return isFirst;
    });
  }

  text(value) {
    const number = value.toLocaleString(undefined, { minimumFractionDigits: this.#decimals, maximumFractionDigits: this.#decimals });
    return this.unit ? `${number}\u{202F}${this.unit}` : number;
  }

  show() {
    this.#row.dataset.state = this.state;
    this.#value.textContent = this.state === "well" ? this.text(this.value)
      : this.state === "failed" ? `failed: ${this.reason}` : this.state === "stale" ? "silent" : "–";
  }

  /** Draws the last `span` milliseconds before `now`. */
  draw(now, span, colors) {
    const scale = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.#plot;
    if (width === 0) return;
    if (this.#plot.width !== Math.round(width * scale)) this.#plot.width = Math.round(width * scale);
    if (this.#plot.height !== Math.round(height * scale)) this.#plot.height = Math.round(height * scale);
    const context = this.#plot.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const start = now - span;
    const shown = this.points.filter(([time], index) => time >= start || this.points[index + 1]?.[0] >= start);
    const values = shown.map(([, value]) => value).filter((value) => value !== null);
    if (values.length === 0) {
      this.#range.textContent = "";
      this.#plot.setAttribute("aria-label", `${this.label}: nothing to plot yet`);
      return;
    }
    let low = Math.min(...values);
    let high = Math.max(...values);
    this.#range.textContent = low === high ? "" : `${this.text(low)} to ${this.text(high)}`;
    this.#plot.setAttribute("aria-label", `${this.label}, the last ${Math.round(span / 60_000)} min: ${this.text(low)} to ${this.text(high)}`);
    if (low === high) { low -= 1; high += 1; }
    const edge = 2;
    const x = (time) => ((time - start) / span) * width;
    const y = (value) => height - edge - ((value - low) / (high - low)) * (height - 2 * edge);
    context.strokeStyle = colors.grid;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, height - 0.5);
    context.lineTo(width, height - 0.5);
    context.stroke();
    context.strokeStyle = colors.line;
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    context.beginPath();
    let last;
    for (const point of shown) {
      const [time, value] = point;
      if (value !== null) {
        const isNext = last !== undefined && last[1] !== null && time - last[0] <= gap;
        if (isNext) context.lineTo(x(time), y(value));
        else { context.moveTo(x(time) - 0.5, y(value)); context.lineTo(x(time), y(value)); }
      }
      last = point;
    }
    if (this.state === "well" && last[1] !== null && now - last[0] < gap) context.lineTo(width, y(last[1]));
    context.stroke();
  }
}

/** How many digits behind the point are worth showing. */
function decimals(value) {
  const size = Math.abs(value);
  return size >= 1000 ? 0 : size >= 10 ? 1 : 2;
}

function list(rows) {
  const names = new Set(rows.map(({ name }) => name));
  for (const name of sensors.keys()) if (!names.has(name)) sensors.delete(name);
  for (const row of rows) {
    if (!sensors.has(row.name)) sensors.set(row.name, new Sensor(row.name));
    sensors.get(row.name).describe(row);
  }
  byID("readings").replaceChildren(...[...sensors.values()].map((sensor) => sensor.row));
  byID("gauges").hidden = sensors.size === 0;
}

function take(message, channel) {
  if (message.sensors) {
    revision = message.revision;
    return list(message.sensors);
  }
  if (message.history) return sensors.get(message.history)?.remember(message.end, message.step, message.values);
  if (message.time === undefined) return;
  ahead = message.time - Date.now();
  // The list was lost on its way: messages on this channel are not sent twice.
  if (message.revision !== revision) return channel.send(JSON.stringify({ ask: "sensors" }));
  for (const [name, value] of Object.entries(message.values ?? {})) sensors.get(name)?.take(message.time, value);
  for (const [name, reason] of Object.entries(message.failed ?? {})) sensors.get(name)?.fail(message.time, "failed", reason);
  for (const name of message.stale ?? []) sensors.get(name)?.fail(message.time, "stale");
}

/** Asks for the histories that have not come. */
function askForHistories(channel) {
  const missing = [...sensors.values()].filter((sensor) => !sensor.hasHistory).map(({ name }) => name);
  if (missing.length > 0 && channel.readyState === "open") channel.send(JSON.stringify({ ask: "history", of: missing }));
}

/** Opens the channel; before the offer, so that it needs none of its own. */
export function openSensors(connection) {
  const channel = connection.createDataChannel("telemetry", { ordered: false, maxRetransmits: 0 });
  let timer;
  channel.onopen = () => {
    revision = undefined;
    // What we have seen before the line was lost has a gap: the device knows what was in it.
    for (const sensor of sensors.values()) { sensor.points = []; sensor.hasHistory = false; }
    timer = setInterval(() => askForHistories(channel), 4000);
  };
  channel.onmessage = ({ data }) => take(JSON.parse(data), channel);
  channel.onclose = () => clearInterval(timer);
}

/** Shows the panel, or hides it. */
export function toggleSensors() {
  const panel = byID("sensors");
  panel.hidden = !panel.hidden;
  byID("gauges").setAttribute("aria-pressed", String(!panel.hidden));
  (panel.hidden ? byID("gauges") : byID("span")).focus();
  draw();
}

let drawing;

/** Draws while somebody can see it, four times a second. */
function draw() {
  clearTimeout(drawing);
  if (byID("sensors").hidden || document.hidden) return;
  const style = getComputedStyle(document.documentElement);
  const colors = { line: style.getPropertyValue("--good"), grid: style.getPropertyValue("--quiet") };
  const now = Date.now() + ahead;
  const span = Number(byID("span").value) * 60_000;
  for (const sensor of sensors.values()) sensor.draw(now, span, colors);
  drawing = setTimeout(() => requestAnimationFrame(draw), 250);
}

byID("span").addEventListener("change", draw);
byID("sensors-away").addEventListener("click", toggleSensors);
byID("sensors").addEventListener("keydown", (event) => {
  if (event.key === "Escape") toggleSensors();
});
document.addEventListener("visibilitychange", draw);
