// SPDX-License-Identifier: Apache-2.0
// Browsers give a camera or a microphone to pages by HTTPS only: where this one has come by HTTP, a line says so, and
// leads to the page that tells what to do.

/** Shows `line` where this page may not ask for a camera or a microphone. */
export function offerSecurity(line) {
  line.hidden = window.isSecureContext;
}

function link(address, text) {
  const link = document.createElement("a");
  link.href = address;
  link.textContent = text;
  return link;
}

/** Where to go on by HTTPS, as the board's own page says it; nowhere without HTTPS. */
async function secureAddress() {
  const page = await fetch("/trust").then((answer) => answer.text()).catch(() => "");
  return new DOMParser().parseFromString(page, "text/html").querySelector("a.go[href^='https:']")?.href;
}

/** Says that a page by HTTP gets `what` it was to have, and leads to HTTPS: for a device that trusts the board already, and
    for one that does not. */
export async function wayToHTTPS(what) {
  const text = `A page by HTTP gets ${what}. `;
  const address = await secureAddress();
  if (address === undefined) return [text, link("/trust", "Why, and what to do")];
  return [text, link("/trust", "Let this device trust the board"), ", or if it does already, ", link(address, "go on by HTTPS"), "."];
}
