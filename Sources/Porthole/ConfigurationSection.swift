// SPDX-License-Identifier: Apache-2.0

/// A kind of table that may stand several times in the configuration file, such as `[[sensor]]`.
///
/// What stands in it is no option and has no flag.
struct ConfigurationSection: Sendable {
  /// The name between the brackets.
  let name: String
  /// What docs/options.md says of it, in Markdown.
  let help: String
  /// Reads one such table into the settings; keys that it leaves over are refused afterwards.
  let read:
    @Sendable (_ table: inout ConfigurationTable, _ settings: inout Settings) throws(UsageError) ->
      Void

  /// Every kind there is, in the order of the reference.
  static let all: [ConfigurationSection] = [sensor, gpio, button, action]
}
