// SPDX-License-Identifier: Apache-2.0

/// The program; everything is in `Program.run`, since a task begun in `main` would inherit its actor.
@main
enum Porthole {
  static func main() {
    Program.run()
  }
}
