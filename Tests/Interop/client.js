// SPDX-License-Identifier: Apache-2.0
// A WHEP client that shares no code with Porthole's page, and a reader of the clock in the picture.

window.interop = {
  /**
   * A new element that shows the stream of a new session.
   *
   * `port` stands in for the port of the program's candidates; with `waits`, `begin` is still to be called.
   */
  async join(token, { fingerprint, codecs, port, waits, base = location.origin, withoutCandidates } = {}) {
    const connection = new RTCPeerConnection();
    const candidates = [];
    connection.onicecandidate = ({ candidate }) => { if (candidate?.candidate) candidates.push(candidate.candidate); };
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

    if (withoutCandidates) offer = offer.replace(/a=(candidate:|end-of-candidates).*\r\n/g, "");

    const posted = performance.now();
    const response = await fetch(`${base}/whep`, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` },
      body: offer,
    });
    let answer = await response.text();
    if (port) answer = answer.replace(/^(a=candidate:(?:\S+ ){5})\d+/gm, `$1${port}`);
    const answered = performance.now();
    const session = {
      connection, video, posted, answered, answer, offer, token, candidates, base,
      status: response.status,
      location: response.headers.get("Location"),
      tag: response.headers.get("ETag"),
      type: response.headers.get("Content-Type"),
    };
    (this.sessions ??= []).push(session);
    const number = this.sessions.length - 1;
    if (response.status === 201 && !waits) await this.begin(number);
    const { status, location: place, type, tag } = session;
    return { number, status, location: place, type, tag, answer };
  },

  /** Takes the answer, and so begins to connect. */
  async begin(number) {
    const session = this.sessions[number];
    session.answered = performance.now();
    await session.connection.setRemoteDescription({ type: "answer", sdp: session.answer });
  },

  /** Sends the session's own ICE as a fragment: `*` is what a restart says, and what knows no better. */
  async patch(number, match = "*") {
    const session = this.sessions[number];
    const { connection, location, base, token, candidates } = session;
    while (connection.iceGatheringState !== "complete") {
      await new Promise((resolve) => connection.addEventListener("icegatheringstatechange", resolve, { once: true }));
    }
    const { sdp } = connection.localDescription;
    const line = (pattern) => sdp.match(new RegExp(`^${pattern}.*`, "m"))[0];
    const lines = ["a=group", "a=ice-options", "m=video", "a=mid", "a=ice-ufrag", "a=ice-pwd"].map(line);
    lines.push(...candidates.map((candidate) => `a=${candidate}`), "a=end-of-candidates", "");
    const response = await fetch(base + location, {
      method: "PATCH",
      headers: { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": match, Authorization: `Bearer ${token}` },
      body: lines.join("\r\n"),
    });
    const body = await response.text();
    return { status: response.status, tag: response.headers.get("ETag"), type: response.headers.get("Content-Type"), body };
  },

  /** Restarts ICE by a fragment while `count` pictures are shown, and waits until the new pair is in use. */
  async restart(number, count) {
    const session = this.sessions[number];
    const { connection } = session;
    const watching = this.watch(number, count);
    await this.watch(number, 10);
    session.candidates.length = 0;
    await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));
    const answered = await this.patch(number);
    if (answered.status !== 200) return answered;
    const fresh = answered.body.match(/^a=(ice-ufrag|ice-pwd|candidate|end-of-candidates).*/gm).join("\r\n");
    session.answer = session.answer
      .replace(/a=(ice-pwd|candidate|end-of-candidates).*\r\n/g, "")
      .replace(/a=ice-ufrag.*/, fresh);
    await connection.setRemoteDescription({ type: "answer", sdp: session.answer });
    const name = connection.localDescription.sdp.match(/^a=ice-ufrag:(.*)/m)[1];
    const end = performance.now() + 20000;
    while ((await this.pair(number)) !== name) {
      if (performance.now() > end) throw new Error(`the new generation ${name} is not used, but ${await this.pair(number)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { ...answered, pictures: await watching, state: connection.connectionState };
  },

  /** Our user name fragment of the pair in use. */
  async pair(number) {
    const reports = await this.sessions[number].connection.getStats();
    const transport = [...reports.values()].find((report) => report.type === "transport");
    const pair = reports.get(transport?.selectedCandidatePairId);
    return reports.get(pair?.localCandidateId)?.usernameFragment;
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
      const { framesReceived, framesDecoded, freezeCount, keyFramesDecoded } = report;
      const { packetsLost, nackCount, pliCount } = report;
      return { framesReceived, framesDecoded, freezeCount, keyFramesDecoded, packetsLost, nackCount, pliCount };
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
    const { location, token, base } = this.sessions[number];
    const response = await fetch(base + location, { method: "DELETE", headers: { Authorization: `Bearer ${token}` } });
    this.close(number);
    return response.status;
  },

  /** Asks the program for its offer over /ws, answers it, and waits for `count` decoded pictures. */
  async answer(count) {
    const line = new WebSocket(location.origin.replace("http", "ws") + "/ws");
    const connection = new RTCPeerConnection();
    const call = (this.call = { line, connection, candidates: 0, isComplete: false, answers: 0 });
    connection.onicecandidate = ({ candidate }) => line.send(JSON.stringify({ candidate }));
    connection.ontrack = ({ track }) => {
      const video = document.createElement("video");
      Object.assign(video, { muted: true, autoplay: true, srcObject: new MediaStream([track]) });
      document.body.append(video);
    };
    line.onmessage = async ({ data }) => {
      const message = JSON.parse(data);
      if (message.error) call.error = message.error;
      if (message.offer) {
        call.offer = message.offer.sdp;
        await connection.setRemoteDescription(message.offer);
        await connection.setLocalDescription();
        line.send(JSON.stringify({ answer: connection.localDescription }));
        call.answers += 1;
      }
      if ("candidate" in message) {
        await connection.addIceCandidate(message.candidate ?? undefined);
        if (message.candidate) call.candidates += 1;
        else call.isComplete = true;
      }
    };
    await new Promise((resolve) => (line.onopen = resolve));
    line.send(JSON.stringify({ call: {} }));
    const frames = await this.shown(count);
    const reports = [...(await connection.getStats()).values()];
    const { dtlsRole } = reports.find((report) => report.type === "transport");
    const { offer, candidates, isComplete } = call;
    return { frames, offer, candidates, isComplete, dtlsRole, answer: connection.localDescription.sdp };
  },

  /** Asks for another offer and waits until it is answered. */
  async renew() {
    const { line, answers } = this.call;
    line.send(JSON.stringify({ call: {} }));
    while (this.call.answers === answers) await new Promise((resolve) => setTimeout(resolve, 20));
  },

  /** Waits until `count` more pictures are decoded. */
  async shown(count, limit = 30000) {
    const end = performance.now() + limit;
    const decoded = async () => {
      const reports = [...(await this.call.connection.getStats()).values()];
      return reports.find((report) => report.type === "inbound-rtp" && report.kind === "video")?.framesDecoded ?? 0;
    };
    const first = await decoded();
    for (;;) {
      const frames = (await decoded()) - first;
      if (frames >= count) return frames;
      if (performance.now() > end) throw new Error(`only ${frames} pictures: ${this.call.error ?? this.call.connection.connectionState}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },

  /** Ends the call. */
  leaveLine() {
    this.call.connection.close();
    this.call.line.close();
  },
};
