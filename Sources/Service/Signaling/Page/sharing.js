// SPDX-License-Identifier: Apache-2.0
// A call: this browser's camera and screen for the others on the page, and theirs as tiles over the picture.

import { wayToHTTPS } from "/secure.js";

const byID = (id) => document.getElementById(id);
const tiles = byID("tiles");

/** What can be shared: how it is asked for, and how many bits a second its picture may take. */
const kinds = {
  camera: {
    label: "camera",
    bitrate: 1_200_000,
    hint: "motion",
    async ask() {
      const video = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 30 } };
      try {
        return await navigator.mediaDevices.getUserMedia({ video, audio: true });
      } catch (error) {
        // A machine without a microphone has a picture to show all the same.
        if (error.name !== "NotFoundError") throw error;
        return navigator.mediaDevices.getUserMedia({ video });
      }
    },
  },
  screen: {
    label: "screen",
    bitrate: 2_500_000,
    hint: "detail",
    ask: () => navigator.mediaDevices.getDisplayMedia({
      video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 15 } }, audio: true,
    }),
  },
};

/** What is shared by this browser: it outlives a lost connection. */
const own = new Map();
let isMuted = false;
let current;
let toasting;

/** Says something for a while, beside whatever is shown: texts and links. */
export function toast(...content) {
  byID("toast").replaceChildren(...content);
  byID("toast").hidden = false;
  clearTimeout(toasting);
  toasting = setTimeout(() => { byID("toast").hidden = true; }, content.length === 1 ? 8_000 : 30_000);
}

/** Lets an m-line of video name H.264 alone: with every codec of the browser, a description of many is long. */
function spare(transceiver) {
  const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [];
  if (transceiver.receiver.track.kind !== "video") return;
  const wanted = codecs.filter(({ mimeType, sdpFmtpLine = "" }) =>
    /\/rtx$/i.test(mimeType) || (/\/h264$/i.test(mimeType) && sdpFmtpLine.includes("packetization-mode=1")));
  try {
    if (wanted.length > 1) transceiver.setCodecPreferences?.(wanted);
  } catch {
    // A stopped one, or a browser with other rules: it offers what it likes.
  }
}

/** A small picture with a name, which can be enlarged, its sound, and a button that ends or hides it. */
class Tile {
  element = document.createElement("li");
  #video = document.createElement("video");
  #stream = new MediaStream();

  constructor(name, verb, end) {
    const enlarge = document.createElement("button");
    const close = document.createElement("button");
    const caption = document.createElement("span");
    Object.assign(this.#video, { autoplay: true, muted: true, playsInline: true });
    this.#video.srcObject = this.#stream;
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
  }

  /** Shows these tracks and no others; what is heard waits for a click where the browser wants one. */
  show(...tracks) {
    const shown = this.#stream.getTracks();
    if (shown.length === tracks.length && tracks.every((track) => shown.includes(track))) return;
    for (const track of shown) if (!tracks.includes(track)) this.#stream.removeTrack(track);
    for (const track of tracks) this.#stream.addTrack(track);
    this.#video.muted = this.#stream.getAudioTracks().length === 0;
    this.#video.play().catch(() => {
      if (!this.element.isConnected) return;
      this.#video.muted = true;
      this.#video.play().catch(() => {});
      toast("Click anywhere to hear the others.");
      const hear = () => {
        for (const name of ["pointerup", "keyup"]) removeEventListener(name, hear);
        this.#video.muted = false;
      };
      for (const name of ["pointerup", "keyup"]) addEventListener(name, hear);
    });
  }

  remove() {
    this.element.remove();
    this.#video.srcObject = null;
  }
}

/** The shared part of one connection: negotiated again from either side, and this side gives way. */
export class Sharing {
  #line;
  #connection;
  /** By kind, the m-lines of its picture and its sound. */
  #lines = new Map();
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
    for (const [kind, lines] of this.#lines) for (const { mid } of lines) if (mid) sharing[mid] = kind;
    this.#line.send({ sharing, offer: connection.localDescription.toJSON() });
  }

  /** After an exchange: a picture that was refused is shared no more; without its sound it is. */
  #follow() {
    for (const [kind, [{ currentDirection }]] of this.#lines) {
      if (this.#connection.signalingState === "stable" && ["stopped", "inactive"].includes(currentDirection)) stop(kind);
    }
    this.#render();
  }

  add(kind) {
    const { stream } = own.get(kind);
    this.#free = this.#free.filter(({ currentDirection }) => currentDirection !== "stopped");
    this.#lines.set(kind, [...stream.getVideoTracks(), ...stream.getAudioTracks()].map((track) => this.#send(track)));
    const [{ sender }] = this.#lines.get(kind);
    const parameters = sender.getParameters();
    if (kinds[kind] === undefined) return;
    for (const encoding of parameters.encodings ?? []) encoding.maxBitrate = kinds[kind].bitrate;
    sender.setParameters(parameters).catch(() => {});
  }

  #send(track) {
    const index = this.#free.findIndex(({ currentDirection, receiver }) =>
      currentDirection === "inactive" && receiver.track.kind === track.kind);
    if (index < 0) return this.#connection.addTransceiver(track, { direction: "sendonly" });
    const [transceiver] = this.#free.splice(index, 1);
    transceiver.direction = "sendonly";
    transceiver.sender.replaceTrack(track).catch(() => {});
    return transceiver;
  }

  remove(kind) {
    for (const transceiver of this.#lines.get(kind) ?? []) {
      if (transceiver.currentDirection === "stopped") continue;
      transceiver.sender.replaceTrack(null).catch(() => {});
      transceiver.direction = "inactive";
      this.#free.push(transceiver);
    }
    this.#lines.delete(kind);
  }

  reveal() {
    this.#hidden.clear();
    this.#render();
  }

  /** The track of an m-line that the device sends to us. */
  #track({ mid }) {
    const transceiver = this.#connection.getTransceivers().find((other) => other.mid === mid);
    return transceiver?.currentDirection === "recvonly" ? transceiver.receiver.track : undefined;
  }

  /** A tile for each picture that others share and that is not hidden, with the sound that belongs to it. */
  #render() {
    const wanted = new Map();
    for (const row of this.#rows.filter(({ kind }) => kind === "video")) {
      const sound = this.#rows.find(({ kind, from, as }) => kind === "audio" && from === row.from && as === row.as);
      const tracks = [row, sound].map((each) => each && this.#track(each));
      if (tracks[0]) wanted.set(`${row.mid} ${row.from} ${row.as}`, [row, tracks.filter(Boolean)]);
    }
    for (const key of this.#hidden) if (!wanted.has(key)) this.#hidden.delete(key);
    for (const [key, tile] of this.#shown) {
      if (wanted.has(key) && !this.#hidden.has(key)) continue;
      tile.remove();
      this.#shown.delete(key);
    }
    for (const [key, [{ from, as }, tracks]] of wanted) {
      if (this.#hidden.has(key)) continue;
      if (!this.#shown.has(key)) {
        const name = `Visitor ${from}${as === "screen" ? ", screen" : ""}`;
        this.#shown.set(key, new Tile(name, "Hide", () => { this.#hidden.add(key); this.#render(); byID("reveal").focus(); }));
      }
      this.#shown.get(key).show(...tracks);
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
  current?.remove(kind);
  if (kinds[kind] === undefined) return share.onEnd();
  share.tile.remove();
  mark(kind);
}

/** Sends `stream` to the camera's loudspeaker, also after a lost connection, until it is refused: then `onEnd` is called.
    Without a stream nothing is sent there any more. */
export function speak(stream, onEnd) {
  if (stream === undefined) {
    if (own.delete("talk")) current?.remove("talk");
    return;
  }
  own.set("talk", { stream, onEnd });
  current?.add("talk");
}

async function start(kind) {
  const { ask, hint, label } = kinds[kind];
  let stream;
  try {
    stream = await ask();
  } catch (error) {
    return toast(error.name === "NotFoundError" ? `This device has no ${label} to share.` : `The browser does not let this page have the ${label}: ${error.message}.`);
  }
  const [picture] = stream.getVideoTracks();
  picture.contentHint = hint;
  picture.addEventListener("ended", () => stop(kind));
  const tile = new Tile(`Your ${label}`, "Stop", () => { stop(kind); byID(kind).focus(); });
  tile.show(picture);
  own.set(kind, { stream, tile });
  mark(kind);
  current?.add(kind);
}

/** Shows on the buttons what is shared, and whether it is heard. */
function mark(kind) {
  const isShared = own.has(kind);
  const button = byID(kind);
  button.setAttribute("aria-pressed", String(isShared));
  button.title = `${isShared ? "Stop sharing" : "Share"} ${kinds[kind].label} (${button.getAttribute("aria-keyshortcuts")})`;
  button.querySelector("span").textContent = `${isShared ? "Stop sharing" : "Share"} ${kinds[kind].label}`;
  const sounds = Object.keys(kinds).flatMap((each) => own.get(each)?.stream.getAudioTracks() ?? []);
  for (const sound of sounds) sound.enabled = !isMuted;
  byID("mute").hidden = sounds.length === 0;
  byID("mute").setAttribute("aria-pressed", String(isMuted));
}

/** Lets the others hear this browser no more, or again. */
export function mute() {
  isMuted = !isMuted;
  for (const kind of Object.keys(kinds)) mark(kind);
}

let isAsking = false;

/** Shares the camera or the screen, or ends that. */
export async function toggle(kind) {
  if (own.has(kind)) return stop(kind);
  if (!window.isSecureContext) return toast(...await wayToHTTPS("neither camera nor screen"));
  if (isAsking) return;
  isAsking = true;
  try { await start(kind); } finally { isAsking = false; }
}

byID("reveal").addEventListener("click", () => current?.reveal());
byID("toast").addEventListener("click", () => { byID("toast").hidden = true; });
// Phones have no screen to share; on a page that is not trusted, nobody can tell.
byID("screen").hidden = window.isSecureContext && !navigator.mediaDevices?.getDisplayMedia;
