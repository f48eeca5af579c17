// SPDX-License-Identifier: Apache-2.0
internal import EventLoop

/// Where a configuration file is looked for, and how one is read.
struct ConfigurationSearch: Sendable {
  /// Where it may lie when nobody has said; the first that exists is read, and no other.
  let paths: [String]
  /// The bytes of a file; `nil` when there is none.
  let read: @Sendable (_ path: String) throws(UsageError) -> [UInt8]?

  /// Bytes of a file; the parser takes no more either.
  private static let maximumFile = 65_536

  /// The system's file, else the user's.
  static var system: ConfigurationSearch {
    var paths = ["/etc/porthole/porthole.toml"]
    if let folder = LocalProcess.environment("XDG_CONFIG_HOME") {
      paths.append(folder + "/porthole/porthole.toml")
    } else if let home = LocalProcess.environment("HOME") {
      paths.append(home + "/.config/porthole/porthole.toml")
    }
    return ConfigurationSearch(paths: paths) { (path) throws(UsageError) in
      do {
        return try LocalFile.read(path, limit: ConfigurationSearch.maximumFile)
      } catch {
        throw UsageError("\(error) --config FILE reads another file, and --config none reads none.")
      }
    }
  }

  /// The file that `asked` names, or the first that exists; `nil` when none is to be read.
  func file(_ asked: String?) throws(UsageError) -> (path: String, bytes: [UInt8])? {
    if asked == "none" { return nil }
    if let asked {
      if let bytes = try read(asked) { return (asked, bytes) }
      throw UsageError("There is no configuration file \(asked): check the path after --config.")
    }
    for path in paths {
      if let bytes = try read(path) { return (path, bytes) }
    }
    return nil
  }
}
