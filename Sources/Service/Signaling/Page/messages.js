// SPDX-License-Identifier: Apache-2.0
// The message box: a data channel to the camera, which shows what one visitor writes to all of them.

const byID = (id) => document.getElementById(id);

/** Lines that stay in the log; the camera itself keeps none. */
const maximumLines = 200;

/** The channel of the viewing that goes on, if it is open. */
let current;
let myself;
let unread = 0;

/** Adds a line to the log: who wrote it, and what. */
function add(who, text, kind) {
  const line = document.createElement("li");
  if (kind) line.className = kind;
  if (who) {
    const name = document.createElement("b");
    name.textContent = who;
    line.append(name, " ");
  }
  line.append(text);
  const log = byID("log");
  log.append(line);
  while (log.children.length > maximumLines) log.firstElementChild.remove();
  log.scrollTop = log.scrollHeight;
}

function countUnread(count) {
  unread = count;
  const badge = byID("unread");
  badge.hidden = count === 0;
  badge.textContent = count > 99 ? "99+" : String(count);
  byID("chat").setAttribute("aria-label", count === 0 ? "Messages" : `Messages, ${count} unread`);
}

function take({ you, from, text, error }) {
  if (error !== undefined) return add("", error, "problem");
  if (you !== undefined) {
    myself = you;
    return add("Camera", text, "camera");
  }
  add(from === myself ? "You" : `Visitor ${from}`, text, from === myself ? "own" : "");
  if (byID("messages").hidden) countUnread(unread + 1);
}

function allowWriting(isOpen) {
  byID("words").disabled = !isOpen;
  byID("send").disabled = !isOpen;
  byID("words").placeholder = isOpen ? "Write to everyone here" : "Not connected";
}

/** Opens the channel; before the offer, so that it needs none of its own. */
export function openMessages(connection) {
  const channel = connection.createDataChannel("messages");
  channel.onopen = () => { current = channel; allowWriting(true); };
  channel.onmessage = ({ data }) => take(JSON.parse(data));
  channel.onclose = () => {
    if (current !== channel) return;
    current = undefined;
    allowWriting(false);
  };
}

/** Shows the box, or hides it. */
export function toggleMessages() {
  const box = byID("messages");
  box.hidden = !box.hidden;
  byID("chat").setAttribute("aria-pressed", String(!box.hidden));
  if (box.hidden) return byID("chat").focus();
  countUnread(0);
  byID("log").scrollTop = byID("log").scrollHeight;
  byID(current ? "words" : "dismiss").focus();
}

byID("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = byID("words");
  const text = words.value.trim();
  if (text === "" || current?.readyState !== "open") return;
  current.send(text);
  words.value = "";
});
byID("dismiss").addEventListener("click", toggleMessages);
byID("messages").addEventListener("keydown", (event) => {
  if (event.key === "Escape") toggleMessages();
});
allowWriting(false);
