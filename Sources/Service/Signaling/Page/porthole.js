// SPDX-License-Identifier: Apache-2.0
// The viewer: one WHEP session shown in the page's video element, begun again whenever it is lost.

const byID = (id) => document.getElementById(id);
const picture = byID("picture");

/** A failure that trying again does not mend by itself: the person must act. */
class Final extends Error {}

function show(state, headline, reason = "", canRetry = false) {
  byID("stage").dataset.state = state;
  byID("state").textContent = state;
  byID("headline").textContent = headline;
  byID("reason").textContent = reason;
  byID("again").hidden = !canRetry;
}

/** Waits for `event` on `target`; rejects with `message` after `seconds`. */
function once(target, event, seconds, message) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(message)), seconds * 1000);
    target.addEventListener(event, () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

/** The sentence for an HTTP answer that is not the one hoped for. */
async function refusal(response) {
  const text = (await response.text()).trim();
  if (response.status === 401) {
    return new Final("The access token is missing or wrong. Open the address that Porthole printed when it started.");
  }
  if (response.status === 406) return new Final(text);
  if (response.status === 503) return new Error(text || "The camera has as many viewers as it can serve.");
  return new Error(text || `The camera answered with status ${response.status}.`);
}

class Session {
  constructor() {
    this.connection = new RTCPeerConnection();
    this.count = 0;
    this.still = 0;
    this.ended = new Promise((resolve) => { this.end = resolve; });
  }

  async start() {
    const { connection } = this;
    const transceiver = connection.addTransceiver("video", { direction: "recvonly" });
    if ("jitterBufferTarget" in transceiver.receiver) transceiver.receiver.jitterBufferTarget = 0;
    connection.ontrack = ({ track, streams }) => {
      picture.srcObject = streams[0] ?? new MediaStream([track]);
      picture.play().catch(() => {});
    };
    connection.onconnectionstatechange = () => {
      const state = connection.connectionState;
      if (state === "failed" || state === "closed") this.end("The connection was lost.");
      if (state === "disconnected") show("waiting", "The line is silent …", "Waiting for it to come back.");
      if (state === "connected" && picture.readyState >= 2) show("live", "");
    };
    await connection.setLocalDescription();
    const response = await fetch("/whep", {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: connection.localDescription.sdp,
    }).catch(() => { throw new Error("The camera does not answer. Is it switched on and on this network?"); });
    if (response.status !== 201) throw await refusal(response);
    this.location = response.headers.get("Location");
    await connection.setRemoteDescription({ type: "answer", sdp: await response.text() });
    await once(picture, "playing", 12, "").catch(async () => {
      throw new Error(connection.connectionState !== "connected"
        ? "No network path to the camera answered within 12 seconds. A firewall may block UDP."
        : await this.problem() || "Connected, but no picture came within 12 seconds.");
    });
  }

  /** Once a second: says what is shown, and why when no picture has come for three seconds. */
  async look() {
    if (this.connection.connectionState !== "connected") return;
    const reports = await this.connection.getStats();
    const video = [...reports.values()].find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
    const count = video?.framesReceived ?? 0;
    const hasMoved = count !== this.count;
    this.count = count;
    this.still = hasMoved ? 0 : this.still + 1;
    const reason = this.still === 3 ? await this.problem() : "";
    if (this.connection.connectionState !== "connected") return;
    const rate = Math.round(video?.framesPerSecond ?? 0);
    byID("facts").textContent = `${video?.frameWidth ?? "–"}×${video?.frameHeight ?? "–"} · ${rate} fps`;
    if (this.still === 3) show("waiting", "The picture stands still", reason);
    if (hasMoved && picture.readyState >= 2 && byID("state").textContent !== "live") show("live", "");
  }

  /** What the program says is wrong with the camera. */
  async problem() {
    try {
      return (await (await fetch("/health")).json()).reason ?? "";
    } catch {
      return "The camera does not answer.";
    }
  }

  close() {
    this.connection.close();
    if (this.location) fetch(this.location, { method: "DELETE", keepalive: true }).catch(() => {});
  }
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function watch() {
  for (let attempt = 0; ; attempt += 1) {
    const session = new Session();
    const leave = () => session.close();
    addEventListener("pagehide", leave, { once: true });
    let ticker;
    try {
      if (attempt === 0) show("connecting", "Connecting …");
      ticker = setInterval(() => session.look(), 1000);
      await session.start();
      attempt = 0;
      show("live", "");
      throw new Error(await session.ended);
    } catch (error) {
      byID("facts").textContent = "";
      session.close();
      if (error instanceof Final) {
        show("failed", "No picture", error.message, true);
        await once(byID("again"), "click", 86400, "").catch(() => {});
        attempt = -1;
      } else {
        show("waiting", "Trying again …", error.message);
        await pause(Math.min(1 + attempt, 5));
      }
    } finally {
      clearInterval(ticker);
      removeEventListener("pagehide", leave);
    }
  }
}

if (!("RTCPeerConnection" in window)) {
  show("failed", "No picture", "This browser has no WebRTC. Any current Chrome, Firefox, Safari or Edge has it.");
} else {
  watch();
}
