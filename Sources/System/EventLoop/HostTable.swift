// SPDX-License-Identifier: Apache-2.0
public import Wire

/// The names that this machine knows without asking the network: those of /etc/hosts, of itself, and
/// `localhost` (RFC 6761 section 6.3).
public struct HostTable: Sendable {
  /// What is read of /etc/hosts at most.
  static let maximumBytes = 1 << 20
  private static let path = "/etc/hosts"

  private let text: [UInt8]
  private let ownName: String?

  /// Reads the lines of /etc/hosts (hosts(5)); `ownName` is what this machine calls itself.
  public init(parsing text: [UInt8], ownName: String? = nil) {
    self.text = text
    self.ownName = ownName
  }

  /// The table of this machine as it is now; reads a file, so it belongs on the worker.
  static func current() throws(ConnectError) -> HostTable {
    do {
      let text = try LocalFile.read(path, limit: maximumBytes) ?? []
      return HostTable(parsing: text, ownName: LocalProcess.hostName)
    } catch {
      throw .unreadableHosts("\(error)")
    }
  }

  /// The addresses of `name` in the order in which they are to be tried; none for an unknown name.
  ///
  /// An IP address is its own name. Lines that cannot be read are passed over.
  public func addresses(of name: String) -> [IPAddress] {
    if let address = IPAddress(name) { return [address] }
    let wanted = Self.lowercased(name.utf8)
    guard !wanted.isEmpty else { return [] }
    var found: [IPAddress] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = line.prefix { $0 != UInt8(ascii: "#") }.split { $0 <= 0x20 }
      guard words.dropFirst().contains(where: { Self.lowercased($0) == wanted }),
        let address = IPAddress(String(decoding: words[0], as: UTF8.self)),
        !found.contains(address)
      else { continue }
      found.append(address)
    }
    let isOwn = wanted == ownName.map { Self.lowercased($0.utf8) }
    guard found.isEmpty, isOwn || Self.isLocalhost(wanted) else { return found }
    return [.v6(high: 0, low: 1, scope: 0), .v4(0x7F00_0001)]
  }

  /// `localhost` and every name under it, with or without the final dot.
  private static func isLocalhost(_ name: [UInt8]) -> Bool {
    let labels = name.split(separator: UInt8(ascii: "."))
    return labels.last?.elementsEqual("localhost".utf8) ?? false
  }

  private static func lowercased(_ name: some Sequence<UInt8>) -> [UInt8] {
    name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }
}
