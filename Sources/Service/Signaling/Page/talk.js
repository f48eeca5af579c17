// SPDX-License-Identifier: Apache-2.0
// Talking to whoever is at the camera: as long as a button or the space bar is held, or by an open line.

import { wayToHTTPS } from "/secure.js";
import { speak, toast } from "/sharing.js";
import { Meter } from "/sound.js";

const byID = (id) => document.getElementById(id);
const button = byID("talk");

/** How long the microphone stays with the page after it was last used, in milliseconds. */
const patience = 30_000;
/** What is louder than this, in dBFS, is speech on an open line. */
const threshold = -50;

let line;
let stream;
let isHeld = false;
let isOpen = false;
let isAsking = false;
let standing = "absent";
let releasing;
let told = "";

const meter = new Meter(button, (level) => {
  // Who was silent for long has lost his turn, and asks for it again.
  if (isOpen && level > threshold && standing === "absent") line?.send({ talk: true });
});

async function microphone() {
  clearTimeout(releasing);
  if (stream) return stream;
  if (!window.isSecureContext) {
    toast(...await wayToHTTPS("no microphone"));
    return undefined;
  }
  if (isAsking) return undefined;
  isAsking = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (error) {
    toast(error.name === "NotFoundError" ? "This device has no microphone." : `The browser does not let this page have the microphone: ${error.message}.`);
    return undefined;
  } finally {
    isAsking = false;
  }
  const [track] = stream.getAudioTracks();
  track.enabled = false;
  track.addEventListener("ended", forget);
  speak(stream, forget);
  return stream;
}

/** Gives the microphone back. */
function forget() {
  const gone = stream;
  stream = undefined;
  isOpen = isHeld = false;
  for (const track of gone?.getTracks() ?? []) track.stop();
  meter.stop();
  speak(undefined);
  line?.send({ talk: false });
  mark();
}

/** Speaks, or stops, as button and line want it. */
async function follow() {
  mark();
  const wants = isHeld || isOpen;
  const own = wants ? await microphone() : stream;
  if (own === undefined) {
    isOpen = false;
    return mark();
  }
  // The button may have been let go while the browser asked.
  const isTalking = isHeld || isOpen;
  const [track] = own.getAudioTracks();
  if (track.enabled !== isTalking) line?.send({ talk: isTalking });
  track.enabled = isTalking;
  if (isTalking) meter.watch(track);
  else meter.stop();
  clearTimeout(releasing);
  if (!isTalking) releasing = setTimeout(forget, patience);
  mark();
}

function hold(isDown) {
  if (isHeld === isDown || byID("talk").hidden) return;
  isHeld = isDown;
  follow();
}

/** Opens the line, or closes it. */
export function toggleLine() {
  isOpen = !isOpen;
  follow();
}

/** Opens the line, where there is one. */
export function openLine() {
  if (!isOpen && !byID("line").hidden) toggleLine();
}

function mark() {
  button.setAttribute("aria-pressed", String(isHeld || isOpen));
  button.dataset.standing = isHeld || isOpen ? standing : "absent";
  byID("line").setAttribute("aria-pressed", String(isOpen));
  byID("line").title = `${isOpen ? "Close" : "Open"} the line (l)`;
  byID("line").querySelector("span").textContent = `${isOpen ? "Close" : "Open"} the line`;
}

/** Says who is heard at the camera, and who waits. */
function show({ talkers, waiting, you }) {
  standing = you;
  const names = talkers.map((number) => `Visitor ${number}`).join(", ");
  const queue = waiting.length === 0 ? "" : `; ${waiting.length} ${waiting.length === 1 ? "waits" : "wait"}`;
  let text = talkers.length === 0 ? "" : `${names} ${talkers.length === 1 ? "talks" : "talk"} to the camera${queue}`;
  if (you === "talking") text = `You are heard at the camera${queue}`;
  if (you === "waiting") text = `${names} ${talkers.length === 1 ? "talks" : "talk"}: you are heard next but ${waiting.length - 1} at most`;
  if (you === "waiting" && waiting.length === 1) text = `${names} ${talkers.length === 1 ? "talks" : "talk"}: you are next`;
  byID("turns").textContent = text;
  byID("turns").hidden = text === "";
  mark();
}

/** Follows what the camera's side says of its loudspeaker. */
export function openTalk(newLine) {
  line = newLine;
  line.addEventListener("sound", ({ detail: { speaker } }) => {
    button.hidden = byID("line").hidden = speaker === null;
    const problem = speaker?.problem ?? "";
    if (problem && problem !== told) toast(`Nobody can be heard at the camera: ${problem}`);
    told = problem;
  });
  line.addEventListener("talking", ({ detail }) => show(detail));
  line.addEventListener("close", () => {
    if (line !== newLine) return;
    line = undefined;
    isHeld = isOpen = false;
    show({ talkers: [], waiting: [], you: "absent" });
    if (stream) follow();
  });
}

button.addEventListener("pointerdown", (event) => {
  button.setPointerCapture(event.pointerId);
  hold(true);
});
for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) button.addEventListener(name, () => hold(false));
button.addEventListener("contextmenu", (event) => event.preventDefault());

const isTalkKey = ({ code, key, target }) =>
  (code === "Space" && !target.closest?.("input, select, textarea, button:not(#talk), a, [tabindex]"))
  || (key === "Enter" && target === button);
addEventListener("keydown", (event) => {
  if (!isTalkKey(event) || event.ctrlKey || event.metaKey || event.altKey || button.hidden) return;
  event.preventDefault();
  if (!event.repeat) hold(true);
});
addEventListener("keyup", (event) => { if (["Space", "Enter"].includes(event.code)) hold(false); });
addEventListener("blur", () => hold(false));
