// SPDX-License-Identifier: Apache-2.0
// What is heard of the camera: nothing until a person wants it, as browsers have it; and how loud it is.

import { toast } from "/sharing.js";

const byID = (id) => document.getElementById(id);
const picture = byID("picture");

/** Browsers let a page measure sound only after a person has touched it: made at the first meter. */
let context;

/** Shows on a button how loud a track is. */
export class Meter {
  #button;
  #source;
  #timer;

  /** `onLevel` is told the level in dBFS ten times a second. */
  constructor(button, onLevel = () => {}) {
    this.#button = button;
    this.onLevel = onLevel;
  }

  watch(track) {
    this.stop();
    context ??= new AudioContext();
    context.resume().catch(() => {});
    const analyser = context.createAnalyser();
    const samples = new Float32Array(analyser.fftSize);
    this.#source = context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(analyser);
    this.#button.classList.add("metered");
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      const level = 10 * Math.log10(2 * power + 1e-12);
      // From -60 dBFS to full scale.
      this.#button.style.setProperty("--level", `${Math.max(0, Math.min(100, 100 + level / 0.6)).toFixed(0)}%`);
      this.onLevel(level);
    }, 100);
  }

  stop() {
    clearInterval(this.#timer);
    this.#source?.disconnect();
    this.#source = undefined;
    this.#button.classList.remove("metered");
  }
}

const meter = new Meter(byID("sound"));
let heard;
let told = "";

function mark() {
  const button = byID("sound");
  const isOn = !picture.muted;
  button.setAttribute("aria-pressed", String(isOn));
  button.title = `${isOn ? "Do not hear" : "Hear"} the camera (a)`;
  button.querySelector("span").textContent = isOn ? "Do not hear the camera" : "Hear the camera";
  if (isOn && heard) meter.watch(heard);
  else meter.stop();
}

/** Asks for the camera's sound, in the first offer. */
export function openSound(line, connection) {
  const { receiver } = connection.addTransceiver("audio", { direction: "recvonly" });
  heard = receiver.track;
  line.addEventListener("sound", ({ detail: { microphone } }) => {
    byID("sound").hidden = microphone === null;
    const problem = microphone?.problem ?? "";
    if (problem && problem !== told) toast(`No sound from the camera: ${problem}`);
    told = problem;
  });
  mark();
}

/** Hears the camera. */
export function hear() {
  if (picture.muted) toggleSound();
}

/** Hears the camera, or does not. */
export function toggleSound() {
  picture.muted = !picture.muted;
  picture.play().catch(() => {});
  mark();
}
