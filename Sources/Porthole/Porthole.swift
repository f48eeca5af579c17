// SPDX-License-Identifier: Apache-2.0

@main
struct Porthole {
  static func main() {}
}
