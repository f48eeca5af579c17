// SPDX-License-Identifier: Apache-2.0
// Data channels of a browser that shares no code with Porthole's page; signalled by WHEP.

window.wires = {
  /** A promise for an event of a channel. */
  once(channel, name, limit = 30000) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${channel.label} ${channel.id}: no ${name}, but ${channel.readyState}`)), limit);
      channel.addEventListener(name, (event) => { clearTimeout(late); resolve(event); }, { once: true });
    });
  },

  /** Opens a connection with these channels, [label, options] each, and waits until those are open. */
  async connect(token, kinds, { media = false, setup } = {}) {
    const connection = new RTCPeerConnection();
    this.connection = connection;
    if (media) connection.addTransceiver("video", { direction: "recvonly" });
    this.channels = kinds.map(([label, options]) => this.open(label, options));
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== "complete") {
      await new Promise((resolve) => connection.addEventListener("icegatheringstatechange", resolve, { once: true }));
    }
    let { sdp } = connection.localDescription;
    if (setup) sdp = sdp.replace(/a=setup:actpass/g, `a=setup:${setup}`);
    const response = await fetch("/whep", {
      method: "POST", headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` }, body: sdp,
    });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`${response.status}: ${answer}`);
    const opened = this.channels.map((channel) => this.once(channel, "open"));
    await connection.setRemoteDescription({ type: "answer", sdp: answer });
    await Promise.all(opened);
    return { ids: this.channels.map(({ id }) => id), longest: connection.sctp.maxMessageSize, most: connection.sctp.maxChannels };
  },

  open(label, options) {
    const channel = this.connection.createDataChannel(label, options ?? {});
    channel.binaryType = "arraybuffer";
    return channel;
  },

  /** Sends so many bytes, or letters, and answers whether the same came back. */
  async echo(index, length, isText) {
    const channel = this.channels[index];
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
    const message = isText ? Array.from(bytes, (byte) => String.fromCharCode(48 + (byte & 63))).join("") : bytes;
    const answered = this.once(channel, "message");
    channel.send(message);
    const { data } = await answered;
    if (isText) return data === message;
    const back = new Uint8Array(data);
    return back.length === length && back.every((byte, at) => byte === bytes[at]);
  },

  /** Sends `count` numbered messages as fast as the buffer allows; answers how many came back, and whether in order. */
  async flood(index, count, length) {
    const channel = this.channels[index];
    const seen = [];
    const done = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${seen.length} of ${count} came back`)), 120000);
      channel.onmessage = ({ data }) => {
        seen.push(new DataView(data).getUint32(0));
        if (seen.length < count) return;
        clearTimeout(late);
        resolve();
      };
    });
    channel.bufferedAmountLowThreshold = 1 << 18;
    const started = performance.now();
    for (let number = 0; number < count; number += 1) {
      if (channel.bufferedAmount > 1 << 20) await this.once(channel, "bufferedamountlow");
      const message = new Uint8Array(length);
      new DataView(message.buffer).setUint32(0, number);
      channel.send(message);
    }
    await done;
    const seconds = (performance.now() - started) / 1000;
    channel.onmessage = null;
    return { seconds, ordered: seen.every((number, at) => number === at), distinct: new Set(seen).size };
  },

  /** Round trips of `count` messages one after another, in milliseconds. */
  async trips(index, count, length) {
    const channel = this.channels[index];
    const message = new Uint8Array(length);
    const found = [];
    for (let number = 0; number < count; number += 1) {
      const answered = this.once(channel, "message");
      const sent = performance.now();
      channel.send(message);
      await answered;
      found.push(performance.now() - sent);
    }
    return found;
  },

  /** Opens and closes `count` channels, all of them at once; answers the highest stream. */
  async churn(count) {
    const channels = Array.from({ length: count }, (_, number) => this.open("echo", { protocol: `${number}` }));
    await Promise.all(channels.map((channel) => (channel.readyState === "open" ? undefined : this.once(channel, "open"))));
    const closed = channels.map((channel) => this.once(channel, "close"));
    const highest = Math.max(...channels.map(({ id }) => id));
    for (const channel of channels) channel.close();
    await Promise.all(closed);
    return highest;
  },

  /** What the browser's own statistics say of the channels. */
  async counts() {
    const reports = [...(await this.connection.getStats()).values()];
    const { dataChannelsOpened: opened, dataChannelsClosed: closed } = reports.find(({ type }) => type === "peer-connection");
    return { opened, closed, left: reports.filter(({ type, state }) => type === "data-channel" && state !== "closed").length };
  },
};
