// SPDX-License-Identifier: Apache-2.0
// The viewer: a WebSocket for signalling and clocks, one RTCPeerConnection for the picture, both begun
// again whenever they are lost. What participants show one another is in sharing.js.

import { answer, decline, openBell } from "/bell.js";
import { openControl, toggleControl } from "/control.js";
import { openMessages, toggleMessages } from "/messages.js";
import { offerSecurity } from "/secure.js";
import { openSensors, toggleSensors } from "/sensors.js";
import { Sharing, mute, toast, toggle } from "/sharing.js";
import { openSound, toggleSound } from "/sound.js";
import { openTalk, toggleLine } from "/talk.js";

const byID = (id) => document.getElementById(id);
const stage = byID("stage");
const picture = byID("picture");
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** How long each step may take before its failure is named, in seconds. */
const patience = { signalling: 8, path: 15, picture: 10, silence: 4 };

/** Why there is no picture: a sentence, and what to do. `isFinal` ones wait for the person. */
class Problem extends Error {
  constructor(reason, remedy = "", isFinal = false) {
    super(reason);
    this.remedy = remedy;
    this.isFinal = isFinal;
  }
}

const problems = {
  noWebRTC: () => new Problem("This browser has no WebRTC.", "Any current Chrome, Edge, Safari or Firefox has it.", true),
  noH264: () => new Problem("This browser cannot show H.264 video.",
    "Chrome, Edge and Safari can. Firefox fetches its H.264 decoder soon after its first start: try again in a minute.", true),
  badToken: () => new Problem("The access token is missing or wrong.",
    "Open the address that Porthole printed when it started; the token is part of it.", true),
  unreachable: () => new Problem("The camera does not answer.", "Is it switched on, and is this device in its network?"),
  noPath: () => new Problem("No network path for the picture was found.",
    "The page came through, but UDP did not: a firewall or a guest network may block it."),
  noSecurity: () => new Problem("The encrypted connection could not be set up.", "Reload the page; if it stays, restart Porthole."),
  noPicture: () => new Problem("Connected, but no picture comes.", "The camera may be starting, or in use by another program."),
  lost: () => new Problem("The connection was lost.", ""),
};

function show(state, headline = "", reason = "", remedy = "", canRetry = false) {
  if (stage.dataset.state === state && byID("headline").textContent === headline
    && byID("reason").textContent === reason) return;
  stage.dataset.state = state;
  byID("state").textContent = state;
  byID("headline").textContent = headline;
  byID("reason").textContent = reason;
  byID("remedy").textContent = remedy;
  byID("again").hidden = !canRetry;
}

/** The signalling line. It also measures how far this device's clock is from the camera's. */
class Line extends EventTarget {
  #socket;
  #samples = [];
  #timer;

  async open() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => { clearInterval(this.#timer); this.dispatchEvent(new Event("close")); };
    const opened = await Promise.race([
      new Promise((resolve) => { socket.onopen = () => resolve(true); socket.onerror = () => resolve(false); }),
      pause(patience.signalling).then(() => false),
    ]);
    if (!opened) throw await this.#whyNot();
    this.#ping();
    setTimeout(() => this.#ping(), 300);
    this.#timer = setInterval(() => this.#ping(), 5000);
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close() { this.#socket?.close(); }

  /** Milliseconds to add to this device's clock to get the camera's; the quickest answer is the truest. */
  get clockOffset() {
    if (this.#samples.length === 0) return undefined;
    return this.#samples.reduce((best, sample) => (sample.trip < best.trip ? sample : best)).offset;
  }

  #ping() { this.send({ ping: performance.now() }); }

  #take(message) {
    if ("pong" in message) {
      const now = performance.now();
      const trip = now - message.pong;
      const middle = performance.timeOrigin + now - trip / 2;
      this.#samples.push({ trip, offset: message.time - middle });
      if (this.#samples.length > 12) this.#samples.shift();
      return;
    }
    for (const name of Object.keys(message)) {
      this.dispatchEvent(new CustomEvent(name, { detail: message[name] }));
    }
  }

  async #whyNot() {
    const response = await fetch("/stats", { cache: "no-store" }).catch(() => undefined);
    return response?.status === 401 ? problems.badToken() : problems.unreachable();
  }
}

/** One viewing: from the offer to the loss of the connection. */
class Viewing {
  #line;
  #connection;
  #receiver;
  #sharing;
  #clock;
  #previous;
  #lastFrame = 0;
  #latencies = [];
  #cameraProblem = "";
  #fail;

  constructor(line) {
    this.#line = line;
    this.failed = new Promise((_, reject) => { this.#fail = reject; });
    this.failed.catch(() => {});
  }

  async run() {
    const line = this.#line;
    const connection = new RTCPeerConnection();
    this.#connection = connection;
    const { receiver } = connection.addTransceiver("video", { direction: "recvonly" });
    this.#receiver = receiver;
    openSound(line, connection);
    openTalk(line);
    openBell(line);
    openMessages(connection);
    openSensors(connection);
    openControl(connection);
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    line.addEventListener("close", () => this.#fail(problems.lost()));
    line.addEventListener("clock", ({ detail }) => { this.#clock = detail; });
    line.addEventListener("camera", ({ detail }) => {
      this.#cameraProblem = detail.problem ?? "";
      if (this.#cameraProblem && !(this.#lastFrame && this.isAlive)) this.#showCameraProblem();
    });
    line.addEventListener("error", ({ detail }) => (this.#sharing ? toast(detail) : this.#fail(new Problem(detail))));
    line.addEventListener("candidate", ({ detail }) => connection.addIceCandidate(detail).catch(() => {}));
    connection.onicecandidate = ({ candidate }) => line.send({ candidate: candidate?.toJSON() ?? { candidate: "" } });
    connection.ontrack = ({ track, streams }) => {
      if (track === receiver.track) picture.srcObject = streams[0] ?? new MediaStream([track]);
    };
    connection.onconnectionstatechange = () => this.#follow();
    const answered = new Promise((resolve) => line.addEventListener("answer", ({ detail }) => resolve(detail), { once: true }));
    await connection.setLocalDescription();
    line.send({ offer: connection.localDescription.toJSON() });
    await connection.setRemoteDescription(await this.#within(patience.signalling, answered, problems.unreachable));
    this.#sharing = new Sharing(line, connection);
    this.#sharing.start();
    const shown = this.#watchFrames();
    await this.#within(patience.path + patience.picture, shown, () => this.#noPicture());
    show("live");
    const tick = setInterval(() => this.#tick(), 1000);
    try { await this.failed; } finally { clearInterval(tick); }
  }

  close() {
    this.#sharing?.close();
    this.#connection?.close();
  }

  /** Whether a picture was shown lately, or could not be since the page is hidden. */
  get isAlive() {
    return document.hidden || performance.now() - this.#lastFrame < patience.silence * 1000;
  }

  /** Called when the page may have slept: begins again at once rather than after a timeout. */
  wake() {
    if (this.#lastFrame === 0) return;
    this.#lastFrame = performance.now();
    if (this.#connection.connectionState !== "connected") this.#fail(problems.lost());
  }

  #within(seconds, promise, problem) {
    return Promise.race([promise, this.failed, pause(seconds).then(() => { throw problem(); })]);
  }

  #noPicture() {
    const { connectionState, iceConnectionState } = this.#connection;
    if (this.#cameraProblem) return new Problem(`No picture from the camera: ${this.#cameraProblem}`);
    if (connectionState === "connected") return problems.noPicture();
    return ["connected", "completed"].includes(iceConnectionState) ? problems.noSecurity() : problems.noPath();
  }

  #follow() {
    const { connectionState, iceConnectionState } = this.#connection;
    if (connectionState === "failed") {
      this.#fail(["connected", "completed"].includes(iceConnectionState) ? problems.noSecurity() : this.#lastFrame ? problems.lost() : problems.noPath());
    }
    if (connectionState === "disconnected" && this.#lastFrame) show("waiting", "The line is silent …", "Waiting for it to come back.");
  }

  #watchFrames() {
    return new Promise((resolve) => {
      const step = (_, frame) => {
        if (this.#connection.connectionState === "closed") return;
        this.#lastFrame = performance.now();
        this.#measure(frame);
        if (stage.dataset.state === "waiting") show("live");
        resolve();
        picture.requestVideoFrameCallback(step);
      };
      picture.requestVideoFrameCallback(step);
      picture.play().catch(() => {});
    });
  }

  #showCameraProblem() {
    show("waiting", "No picture from the camera", this.#cameraProblem);
  }

  /** Camera to screen: when the frame was captured by the camera's clock, against when it is displayed. */
  #measure(frame) {
    const offset = this.#line.clockOffset;
    if (this.#clock === undefined || offset === undefined || frame.rtpTimestamp === undefined) return;
    const captured = this.#clock.time + ((frame.rtpTimestamp - this.#clock.rtpTimestamp) | 0) / 90;
    const displayed = performance.timeOrigin + frame.expectedDisplayTime + offset;
    this.#latencies.push(displayed - captured);
    if (this.#latencies.length > 90) this.#latencies.shift();
  }

  async #tick() {
    if (!this.isAlive) {
      if (this.#cameraProblem) this.#showCameraProblem();
      else if (performance.now() - this.#lastFrame > 3 * patience.silence * 1000) this.#fail(problems.lost());
      else show("waiting", "The line is silent …", "Waiting for it to come back.");
    }
    if (!byID("facts").hidden) showFacts(await this.#facts());
  }

  async #facts() {
    const reports = [...(await this.#connection.getStats()).values()];
    const video = reports.find(({ type, trackIdentifier }) => type === "inbound-rtp" && trackIdentifier === this.#receiver.track.id);
    if (video === undefined) return [];
    const path = reports.find(({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded");
    const previous = this.#previous ?? video;
    this.#previous = video;
    const seconds = (video.timestamp - previous.timestamp) / 1000 || 1;
    const lost = video.packetsLost - previous.packetsLost;
    const received = video.packetsReceived - previous.packetsReceived;
    const sorted = [...this.#latencies].sort((a, b) => a - b);
    return [
      ["Picture", `${video.frameWidth ?? "–"} × ${video.frameHeight ?? "–"}`],
      ["Rate", `${Math.round(video.framesPerSecond ?? 0)} a second`],
      ["Bitrate", `${(((video.bytesReceived - previous.bytesReceived) * 8) / seconds / 1e6).toFixed(2)} Mbit/s`],
      ["Lost", `${received + lost > 0 ? ((100 * Math.max(lost, 0)) / (received + lost)).toFixed(1) : "0.0"} %`],
      ["Camera to screen", sorted.length > 0 ? `${Math.round(sorted[sorted.length >> 1])} ms` : "–"],
      ["Round trip", path?.currentRoundTripTime === undefined ? "–" : `${Math.round(path.currentRoundTripTime * 1000)} ms`],
      ["Freezes", `${video.freezeCount ?? 0}`],
    ];
  }
}

function showFacts(rows) {
  const list = byID("facts");
  list.replaceChildren(...rows.flatMap(([name, value]) => {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = value;
    return [term, text];
  }));
}

let viewing;

async function view() {
  const line = new Line();
  try {
    await line.open();
    viewing = new Viewing(line);
    await viewing.run();
  } finally {
    viewing?.close();
    viewing = undefined;
    line.close();
  }
}

async function watch() {
  for (let attempt = 0; ; attempt += 1) {
    try {
      if (attempt === 0) show("connecting", "Connecting …");
      await view();
    } catch (error) {
      if (stage.dataset.state === "live" || stage.dataset.state === "waiting") attempt = 0;
      if (error.isFinal) {
        show("failed", "No picture", error.message, error.remedy, true);
        await new Promise((resolve) => byID("again").addEventListener("click", resolve, { once: true }));
        attempt = -1;
      } else {
        show("waiting", "Trying again …", error.message, error.remedy);
        await Promise.race([pause(Math.min(0.5 * 2 ** attempt, 5)), new Promise((resolve) => addEventListener("online", resolve, { once: true }))]);
      }
    }
  }
}

const actions = {
  answer,
  decline,
  camera: () => toggle("camera"),
  screen: () => toggle("screen"),
  mute,
  sound: toggleSound,
  line: toggleLine,
  chat: toggleMessages,
  gauges: toggleSensors,
  levers: toggleControl,
  info() {
    const list = byID("facts");
    list.hidden = !list.hidden;
    byID("info").setAttribute("aria-pressed", String(!list.hidden));
  },
  snapshot() {
    if (picture.videoWidth === 0) return;
    const canvas = document.createElement("canvas");
    canvas.width = picture.videoWidth;
    canvas.height = picture.videoHeight;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    canvas.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `porthole-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.jpg`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }, "image/jpeg", 0.92);
  },
  async float() {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await picture.requestPictureInPicture().catch(() => {});
  },
  async full() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (stage.requestFullscreen) await stage.requestFullscreen().catch(() => {});
    else picture.webkitEnterFullscreen?.();
  },
};

function prepareControls() {
  for (const name of Object.keys(actions)) byID(name).addEventListener("click", actions[name]);
  byID("float").hidden = !document.pictureInPictureEnabled;
  const keys = {
    r: "answer", x: "decline", c: "camera", d: "screen", m: "mute", a: "sound", l: "line", t: "chat", g: "gauges", o: "levers", i: "info", s: "snapshot", p: "float", f: "full",
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select")) return;
    const name = keys[event.key.toLowerCase()];
    if (!name || byID(name).hidden) return;
    // The letter is not to be written into what the action shows.
    event.preventDefault();
    actions[name]();
  });
  picture.addEventListener("dblclick", actions.full);
  let idle;
  const stir = () => {
    stage.classList.remove("idle");
    clearTimeout(idle);
    idle = setTimeout(() => stage.classList.add("idle"), 3000);
  };
  for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) addEventListener(event, stir);
  stir();
}

function canShowH264() {
  const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs;
  return codecs === undefined || codecs.some(({ mimeType }) => mimeType.toLowerCase() === "video/h264");
}

prepareControls();
offerSecurity(byID("secure"));
if (!("RTCPeerConnection" in window)) {
  const { message, remedy } = problems.noWebRTC();
  show("failed", "No picture", message, remedy);
} else if (!canShowH264()) {
  const { message, remedy } = problems.noH264();
  show("failed", "No picture", message, remedy);
} else {
  document.addEventListener("visibilitychange", () => { if (!document.hidden) viewing?.wake(); });
  addEventListener("online", () => viewing?.wake());
  addEventListener("pageshow", ({ persisted }) => { if (persisted) viewing?.wake(); });
  addEventListener("pagehide", () => viewing?.close());
  watch();
}
