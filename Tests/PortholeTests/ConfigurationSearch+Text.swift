// SPDX-License-Identifier: Apache-2.0
@testable import Porthole

extension ConfigurationSearch {
  /// No file anywhere.
  static let nowhere = ConfigurationSearch(paths: []) { (_) throws(UsageError) in nil }

  /// One file where files are looked for: `porthole.toml`.
  static func text(_ text: String) -> ConfigurationSearch {
    files(["porthole.toml": text], paths: ["porthole.toml"])
  }

  /// Files by their paths.
  static func files(_ texts: [String: String], paths: [String]) -> ConfigurationSearch {
    ConfigurationSearch(paths: paths) { (path) throws(UsageError) in
      texts[path].map { Array($0.utf8) }
    }
  }
}
