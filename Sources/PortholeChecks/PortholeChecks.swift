// SPDX-License-Identifier: Apache-2.0

@main
struct PortholeChecks {
  static func main() {}
}
