// SPDX-License-Identifier: Apache-2.0
// A WHEP client that shares no code with Porthole's page, and a reader of the clock in the picture.

window.interop = {
  /** A new element that shows the stream of a new session. */
  async join(token, { fingerprint, codecs } = {}) {
    const connection = new RTCPeerConnection();
    const transceiver = connection.addTransceiver("video", { direction: "recvonly" });
    if (codecs) {
      const wanted = RTCRtpReceiver.getCapabilities("video").codecs.filter((codec) => codecs.includes(codec.mimeType));
      transceiver.setCodecPreferences(wanted);
    }
    const video = document.createElement("video");
    Object.assign(video, { muted: true, autoplay: true, playsInline: true });
    document.body.append(video);
    connection.ontrack = ({ track }) => (video.srcObject = new MediaStream([track]));
    await connection.setLocalDescription();
    let offer = connection.localDescription.sdp;
    if (fingerprint) offer = offer.replace(/a=fingerprint:.*/g, `a=fingerprint:${fingerprint}`);

    const posted = performance.now();
    const response = await fetch("/whep", {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` },
      body: offer,
    });
    const answer = await response.text();
    const answered = performance.now();
    const session = {
      connection, video, posted, answered, answer, offer, token,
      status: response.status,
      location: response.headers.get("Location"),
      type: response.headers.get("Content-Type"),
    };
    (this.sessions ??= []).push(session);
    if (response.status === 201) await connection.setRemoteDescription({ type: "answer", sdp: answer });
    const { status, location, type } = session;
    return { number: this.sessions.length - 1, status, location, type, answer };
  },

  /** Pictures of the session numbered `number` for so many milliseconds, however few. */
  watchFor(number, length) {
    return this.pictures(this.sessions[number].video, Infinity, length);
  },

  /** Shows `count` more pictures of a video element: their times and, where it is there, their clocks; with an endless
   *  count, those that come within the limit. */
  async pictures(video, count, limit = 30000) {
    const seen = [];
    const canvas = new OffscreenCanvas(16, 16);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        if (count === Infinity) return resolve(seen);
        reject(new Error(`only ${seen.length} of ${count} pictures came`));
      }, limit);
      const next = (now, frame) => {
        const shown = Date.now();
        const clock = this.clock(video, canvas, context);
        seen.push({ at: now, width: frame.width, height: frame.height, shown, ...clock });
        if (seen.length < count) return video.requestVideoFrameCallback(next);
        clearTimeout(late);
        resolve(seen);
      };
      video.requestVideoFrameCallback(next);
    });
  },

  /** Pictures of the session numbered `number`. */
  watch(number, count) {
    return this.pictures(this.sessions[number].video, count);
  },

  /** Milliseconds to the first decoded picture, from the POST and from its answer. */
  async first(number) {
    const { video, posted, answered } = this.sessions[number];
    const [picture] = await this.pictures(video, 1);
    return { posted: picture.at - posted, answered: picture.at - answered };
  },

  /** The clock on top of the picture: two rows of 40 blocks (milliseconds, then frame number). */
  clock(video, canvas, context) {
    const { videoWidth: width, videoHeight: height } = video;
    const block = Math.max(2, Math.round((24 * height) / 720));
    if (!width) return {};
    canvas.width = width;
    canvas.height = 2 * block;
    context.drawImage(video, 0, 0);
    const pixels = context.getImageData(0, 0, width, 2 * block).data;
    const rows = [0, 1].map((row) => {
      const y = Math.floor((row + 0.5) * block);
      const bits = Array.from({ length: 40 }, (_, index) => {
        const x = Math.floor(((index + 0.5) * width) / 40);
        return pixels[4 * (y * width + x) + 1] > 125 ? 1 : 0;
      });
      const nibbles = Array.from({ length: 9 }, (_, index) =>
        bits.slice(2 + 4 * index, 6 + 4 * index).reduce((sum, bit) => 2 * sum + bit, 0));
      const frame = bits[0] === 1 && bits[1] === 0 && bits[38] === 0 && bits[39] === 1;
      const sum = nibbles.slice(0, 8).reduce((total, nibble) => total + nibble, 0) % 16;
      if (!frame || sum !== nibbles[8]) return null;
      return nibbles.slice(0, 8).reduce((value, nibble) => value * 16 + nibble, 0);
    });
    if (rows[0] === null || rows[1] === null) return {};
    const latency = (((Date.now() % 2 ** 32) - rows[0] + 1.5 * 2 ** 32) % 2 ** 32) - 2 ** 31;
    return { latency, frame: rows[1] };
  },

  /** What the browser says of the session's video. */
  async inbound(number) {
    for (const report of (await this.sessions[number].connection.getStats()).values()) {
      if (report.type !== "inbound-rtp" || report.kind !== "video") continue;
      const { framesDecoded, freezeCount, keyFramesDecoded, packetsLost, nackCount, pliCount } = report;
      return { framesDecoded, freezeCount, keyFramesDecoded, packetsLost, nackCount, pliCount };
    }
    return { framesDecoded: 0 };
  },

  /** Resolves with the connection's state as soon as it is one of `states`. */
  async state(number, states, limit = 40000) {
    const { connection } = this.sessions[number];
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`still ${connection.connectionState}`)), limit);
      const look = () => {
        if (!states.includes(connection.connectionState)) return;
        clearTimeout(late);
        resolve(connection.connectionState);
      };
      connection.addEventListener("connectionstatechange", look);
      look();
    });
  },

  /** Leaves without a word, as a closed tab does. */
  close(number) {
    const { connection, video } = this.sessions[number];
    connection.close();
    video.remove();
  },

  /** Leaves properly: DELETE on the session's Location. */
  async leave(number) {
    const { location, token } = this.sessions[number];
    const response = await fetch(location, { method: "DELETE", headers: { Authorization: `Bearer ${token}` } });
    this.close(number);
    return response.status;
  },
};
