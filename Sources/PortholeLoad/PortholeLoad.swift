// SPDX-License-Identifier: Apache-2.0

/// Many viewers in one process, for measuring: whole ICE, DTLS and SRTP, no decoder.
@main
enum PortholeLoad {
  static func main() {
    Load.run()
  }
}
