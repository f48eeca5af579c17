// SPDX-License-Identifier: Apache-2.0
// Browsers give a camera or a microphone to pages by HTTPS only: where this one has come by HTTP, a line says so, and
// leads to the page that tells what to do.

/** Shows `line` where this page may not ask for a camera or a microphone. */
export function offerSecurity(line) {
  line.hidden = window.isSecureContext;
}
