// SPDX-License-Identifier: Apache-2.0
// A call: this browser's camera and screen for the others on the page, and theirs as tiles over the picture.

const byID = (id) => document.getElementById(id);
const tiles = byID("tiles");

/** What can be shared: how it is asked for, and how many bits a second it may take. */
const kinds = {
  camera: {
    label: "camera",
    bitrate: 1_200_000,
    hint: "motion",
    ask: () => navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 30 } },
    }),
  },
  screen: {
    label: "screen",
    bitrate: 2_500_000,
    hint: "detail",
    ask: () => navigator.mediaDevices.getDisplayMedia({
      video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 15 } },
    }),
  },
};

const insecure = "Browsers share a camera or a screen only on pages that they trust: open this one over https, or as localhost on the machine itself.";

/** What is shared by this browser: it outlives a lost connection. */
const own = new Map();
let current;
let toasting;

/** Says something for a while, beside whatever is shown. */
export function toast(text) {
  byID("toast").textContent = text;
  byID("toast").hidden = false;
  clearTimeout(toasting);
  toasting = setTimeout(() => { byID("toast").hidden = true; }, 8000);
}

/** Lets an m-line name H.264 alone: with every codec of the browser, a description of many is too long. */
function spare(transceiver) {
  const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [];
  const wanted = codecs.filter(({ mimeType, sdpFmtpLine = "" }) =>
    /\/rtx$/i.test(mimeType) || (/\/h264$/i.test(mimeType) && sdpFmtpLine.includes("packetization-mode=1")));
  try {
    if (wanted.length > 1) transceiver.setCodecPreferences?.(wanted);
  } catch {
    // A stopped one, or a browser with other rules: it offers what it likes.
  }
}

/** A small picture with a name, which can be enlarged, and a button that ends or hides it. */
class Tile {
  element = document.createElement("li");
  #video = document.createElement("video");

  constructor(name, track, verb, end) {
    const enlarge = document.createElement("button");
    const close = document.createElement("button");
    const caption = document.createElement("span");
    Object.assign(this.#video, { autoplay: true, muted: true, playsInline: true });
    this.#video.srcObject = new MediaStream([track]);
    this.#video.addEventListener("resize", () => {
      this.#video.style.setProperty("--ratio", this.#video.videoWidth / this.#video.videoHeight);
    });
    caption.textContent = name;
    enlarge.type = close.type = "button";
    enlarge.className = "enlarge";
    enlarge.setAttribute("aria-label", `${name}: enlarge`);
    enlarge.setAttribute("aria-pressed", "false");
    enlarge.append(this.#video, caption);
    enlarge.addEventListener("click", () => {
      const isLarge = this.element.classList.toggle("large");
      enlarge.setAttribute("aria-pressed", String(isLarge));
      for (const other of tiles.querySelectorAll("li.large")) {
        if (other === this.element) continue;
        other.classList.remove("large");
        other.querySelector(".enlarge").setAttribute("aria-pressed", "false");
      }
    });
    close.className = "close";
    close.textContent = "×";
    close.title = `${verb} ${name}`;
    close.setAttribute("aria-label", close.title);
    close.addEventListener("click", end);
    this.element.append(enlarge, close);
    tiles.insertBefore(this.element, byID("reveal").parentElement);
    this.#video.play().catch(() => {});
  }

  remove() {
    this.#video.srcObject = null;
    this.element.remove();
  }
}

/** The shared part of one connection: negotiated again from either side, and this side gives way. */
export class Sharing {
  #line;
  #connection;
  #senders = new Map();
  #free = [];
  #rows = [];
  #shown = new Map();
  #hidden = new Set();

  constructor(line, connection) {
    this.#line = line;
    this.#connection = connection;
  }

  /** Joins once the first exchange is over. */
  start() {
    const connection = this.#connection;
    const line = this.#line;
    const attempt = (step) => step().catch((error) => { if (connection.signalingState !== "closed") toast(error.message); });
    connection.onnegotiationneeded = () => attempt(() => this.#offer());
    line.addEventListener("offer", ({ detail }) => attempt(async () => {
      await connection.setRemoteDescription(detail);
      await connection.setLocalDescription();
      line.send({ answer: connection.localDescription.toJSON() });
      this.#follow();
    }));
    line.addEventListener("answer", ({ detail }) => attempt(async () => {
      if (connection.signalingState !== "have-local-offer") return;
      await connection.setRemoteDescription(detail);
      this.#follow();
    }));
    line.addEventListener("shared", ({ detail }) => { this.#rows = detail; this.#render(); });
    line.send({ join: {} });
    current = this;
    for (const kind of own.keys()) this.add(kind);
  }

  close() {
    if (current === this) current = undefined;
    this.#rows = [];
    this.#render();
  }

  async #offer() {
    const connection = this.#connection;
    for (const transceiver of connection.getTransceivers()) spare(transceiver);
    await connection.setLocalDescription();
    if (connection.localDescription?.type !== "offer") return;
    const sharing = {};
    for (const [kind, { mid }] of this.#senders) if (mid) sharing[mid] = kind;
    this.#line.send({ sharing, offer: connection.localDescription.toJSON() });
  }

  /** After an exchange: what the camera has refused is shared no more. */
  #follow() {
    for (const [kind, { currentDirection }] of this.#senders) {
      if (this.#connection.signalingState === "stable" && ["stopped", "inactive"].includes(currentDirection)) stop(kind);
    }
    this.#render();
  }

  add(kind) {
    const [track] = own.get(kind).stream.getVideoTracks();
    this.#free = this.#free.filter(({ currentDirection }) => currentDirection !== "stopped");
    const index = this.#free.findIndex(({ currentDirection }) => currentDirection === "inactive");
    const [transceiver] = index < 0 ? [this.#connection.addTransceiver(track, { direction: "sendonly" })] : this.#free.splice(index, 1);
    if (index >= 0) {
      transceiver.direction = "sendonly";
      transceiver.sender.replaceTrack(track).catch(() => {});
    }
    this.#senders.set(kind, transceiver);
    const parameters = transceiver.sender.getParameters();
    for (const encoding of parameters.encodings ?? []) encoding.maxBitrate = kinds[kind].bitrate;
    transceiver.sender.setParameters(parameters).catch(() => {});
  }

  remove(kind) {
    const transceiver = this.#senders.get(kind);
    if (transceiver === undefined) return;
    this.#senders.delete(kind);
    if (transceiver.currentDirection === "stopped") return;
    transceiver.sender.replaceTrack(null).catch(() => {});
    transceiver.direction = "inactive";
    this.#free.push(transceiver);
  }

  reveal() {
    this.#hidden.clear();
    this.#render();
  }

  /** A tile for each picture that others share and that is not hidden. */
  #render() {
    const wanted = new Map();
    for (const row of this.#rows.filter(({ kind }) => kind === "video")) {
      const transceiver = this.#connection.getTransceivers().find(({ mid }) => mid === row.mid);
      if (transceiver?.currentDirection === "recvonly") wanted.set(`${row.mid} ${row.from} ${row.as}`, [row, transceiver.receiver.track]);
    }
    for (const key of this.#hidden) if (!wanted.has(key)) this.#hidden.delete(key);
    for (const [key, tile] of this.#shown) {
      if (wanted.has(key) && !this.#hidden.has(key)) continue;
      tile.remove();
      this.#shown.delete(key);
    }
    for (const [key, [row, track]] of wanted) {
      if (this.#shown.has(key) || this.#hidden.has(key)) continue;
      const name = `Visitor ${row.from}${row.as === "screen" ? ", screen" : ""}`;
      this.#shown.set(key, new Tile(name, track, "Hide", () => { this.#hidden.add(key); this.#render(); byID("reveal").focus(); }));
    }
    byID("reveal").parentElement.hidden = this.#hidden.size === 0;
    byID("reveal").textContent = `Show ${this.#hidden.size} hidden`;
  }
}

function stop(kind) {
  const share = own.get(kind);
  if (share === undefined) return;
  own.delete(kind);
  for (const track of share.stream.getTracks()) track.stop();
  share.tile.remove();
  current?.remove(kind);
  mark(kind);
}

async function start(kind) {
  const { ask, hint, label } = kinds[kind];
  let stream;
  try {
    stream = await ask();
  } catch (error) {
    return toast(error.name === "NotFoundError" ? `This device has no ${label} to share.` : `The browser does not let this page have the ${label}: ${error.message}.`);
  }
  const [track] = stream.getVideoTracks();
  track.contentHint = hint;
  track.addEventListener("ended", () => stop(kind));
  own.set(kind, { stream, tile: new Tile(`Your ${label}`, track, "Stop", () => { stop(kind); byID(kind).focus(); }) });
  mark(kind);
  current?.add(kind);
}

function mark(kind) {
  const isShared = own.has(kind);
  const button = byID(kind);
  button.setAttribute("aria-pressed", String(isShared));
  button.title = `${isShared ? "Stop sharing" : "Share"} ${kinds[kind].label} (${button.getAttribute("aria-keyshortcuts")})`;
  button.querySelector("span").textContent = `${isShared ? "Stop sharing" : "Share"} ${kinds[kind].label}`;
}

let isAsking = false;

/** Shares the camera or the screen, or ends that. */
export async function toggle(kind) {
  if (own.has(kind)) return stop(kind);
  if (!window.isSecureContext) return toast(insecure);
  if (isAsking) return;
  isAsking = true;
  try { await start(kind); } finally { isAsking = false; }
}

byID("reveal").addEventListener("click", () => current?.reveal());
byID("toast").addEventListener("click", () => { byID("toast").hidden = true; });
// Phones have no screen to share; on a page that is not trusted, nobody can tell.
byID("screen").hidden = window.isSecureContext && !navigator.mediaDevices?.getDisplayMedia;
