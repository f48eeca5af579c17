// SPDX-License-Identifier: Apache-2.0
// Somebody rings: a sheet and a sound on every open page, until one answers or declines, or nobody does in time.

import { wayToHTTPS } from "/secure.js";
import { hear } from "/sound.js";
import { openLine } from "/talk.js";

const byID = (id) => document.getElementById(id);
const sheet = byID("call");
const title = document.title;

/** Between two strokes of the bell, in milliseconds. */
const interval = 3_000;
/** How long it is shown that somebody else has answered or declined, in milliseconds. */
const patience = 8_000;

let line;
/** The call that rings; its number, who rings, since when. */
let call;
let hasSpeaker = false;
let hasMicrophone = false;
let striking;
let closing;
/** What had the focus before the sheet took it. */
let before;

/** Browsers let a page sound by itself only once a person has touched it, and some only what sounded then. */
let context;

function prepare() {
  if (context !== undefined) return;
  context = new AudioContext();
  context.onstatechange = follow;
}

const touches = ["pointerup", "keyup"];

function unlock() {
  prepare();
  context.resume().then(() => {
    for (const name of touches) removeEventListener(name, unlock);
    if (striking === undefined) return context.suspend();
  }).catch(() => {});
}

/** Two falling tones, as of a door. */
function strike() {
  if (context.state !== "running") return;
  for (const [pitch, delay] of [[659.3, 0], [523.3, 0.6]]) {
    const [tone, level] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + delay;
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0.0001, start);
    level.gain.exponentialRampToValueAtTime(0.4, start + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, start + 1.8);
    tone.connect(level).connect(context.destination);
    tone.start(start);
    tone.stop(start + 1.8);
  }
}

/** Shows whether it can be heard that it rings. */
function follow() {
  const isHeard = context?.state === "running";
  sheet.dataset.sound = striking === undefined ? "off" : isHeard ? "on" : "locked";
  byID("hush").hidden = sheet.dataset.sound !== "locked";
}

function startSound() {
  stopSound();
  prepare();
  striking = setInterval(strike, interval);
  context.resume().then(() => { if (striking !== undefined) strike(); }).catch(() => {});
  follow();
}

/** What sounds ends within a moment. */
function stopSound() {
  clearInterval(striking);
  striking = undefined;
  context?.suspend().catch(() => {});
  follow();
}

function say(headline, text) {
  byID("caller").textContent = headline;
  byID("plea").replaceChildren(...text);
  byID("announced").textContent = headline;
  document.title = `${headline} – ${title}`;
}

function show(isRinging) {
  clearTimeout(closing);
  const hadFocus = sheet.contains(document.activeElement);
  byID("answer").hidden = byID("decline").hidden = !isRinging;
  byID("silence").textContent = isRinging ? "Silence here" : "Close";
  byID("silence").hidden = false;
  // A button that had it may be gone.
  if (hadFocus) sheet.focus();
  if (!sheet.hidden) return;
  sheet.hidden = false;
  // Whoever writes goes on writing: no key that is pressed now is to answer.
  const { activeElement } = document;
  if (activeElement?.matches("input, select, textarea")) return;
  before = activeElement;
  sheet.focus();
}

function close() {
  clearTimeout(closing);
  stopSound();
  if (sheet.contains(document.activeElement)) before?.focus();
  sheet.hidden = true;
  before = undefined;
  byID("answer").hidden = byID("decline").hidden = true;
  byID("announced").textContent = "";
  document.title = title;
}

/** What answering does, for who is asked to. */
async function plea() {
  if (!hasSpeaker) return ["There is no loudspeaker at the camera: answering tells the others, and no more."];
  if (!window.isSecureContext) {
    return [`You can answer${hasMicrophone ? " and hear" : ""}. `, ...await wayToHTTPS("no microphone to talk with")];
  }
  return [`Answering opens your microphone${hasMicrophone ? ", and you hear the camera" : ""}.`];
}

async function ring({ name }) {
  const number = call.number;
  say(`${name || "Somebody"} rings`, []);
  show(true);
  startSound();
  const text = await plea();
  if (call?.number === number) byID("plea").replaceChildren(...text);
}

/** The call is over, and how. */
function end({ state, name, by, you }) {
  const since = call?.since;
  call = undefined;
  stopSound();
  const who = name || "Somebody";
  if (you) {
    close();
    if (state === "answered") answered();
    return;
  }
  if (state === "missed") {
    say(`Missed: ${who}`, [`Rang at ${since.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}, and nobody answered.`]);
    return show(false);
  }
  say(`Visitor ${by} has ${state}`, [`${who} rang.`]);
  show(false);
  closing = setTimeout(close, patience);
}

/** This page has answered: it hears, and is heard. */
function answered() {
  if (hasMicrophone) hear();
  if (hasSpeaker) openLine();
}

function wish(verb) {
  if (call !== undefined) line?.send({ bell: { [verb]: call.number } });
}

/** Answers the call that rings. */
export const answer = () => wish("answer");

/** Declines it, for everybody. */
export const decline = () => wish("decline");

/** Follows the bell. */
export function openBell(newLine) {
  line = newLine;
  line.addEventListener("sound", ({ detail }) => {
    hasSpeaker = detail.speaker !== null;
    hasMicrophone = detail.microphone !== null;
  });
  line.addEventListener("bell", ({ detail }) => {
    if (detail.state === "ringing") {
      call = { number: detail.call, since: new Date(Date.now() - detail.seconds * 1000) };
      ring(detail);
    } else if (call?.number === detail.call) {
      end(detail);
    }
  });
  line.addEventListener("close", () => {
    if (line !== newLine) return;
    line = undefined;
    if (call === undefined) return;
    call = undefined;
    close();
  });
}

byID("silence").addEventListener("click", () => {
  if (call === undefined) return close();
  stopSound();
  byID("silence").hidden = true;
});
sheet.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.stopPropagation();
  byID("silence").click();
});
for (const name of touches) addEventListener(name, unlock);
