// SPDX-License-Identifier: Apache-2.0
import Testing

/// Imports go down only, and what is imported is declared.
struct FloorsTests {
  /// The floor of each target that is part of the product; imports go to lower floors only.
  static let floors: [String: Int] = [
    "Porthole": 5,
    "Signaling": 4,
    "WebRTC": 3, "Board": 3,
    "PeerSession": 2, "Capture": 2, "Codecs": 2, "EventLoop": 2,
    "SDP": 1, "ICE": 1, "DTLS": 1, "TLS": 1, "SRTP": 1, "RTP": 1, "SCTP": 1, "HTTP": 1,
    "Telemetry": 1, "JSONRPC": 1, "Sound": 1, "Ringing": 1,
    "Wire": 0, "JSON": 0, "TOML": 0, "MediaTypes": 0,
  ]

  /// The only targets that may import a C module of the project.
  static let users: [String: [String]] = [
    "CMbedTLS": ["Wire", "DTLS", "TLS"],
    "CSRTP": ["SRTP"],
    "CV4L2": ["Capture"],
    "CALSA": ["Capture"],
    "CJPEG": ["Capture"],
    "CX264": ["Codecs"],
    "COpus": ["Codecs"],
    "CSpeexDSP": ["Sound"],
    "CLinux": ["EventLoop"],
  ]

  /// The form of an address that the wrappers of sockets share; elsewhere an import of C is private.
  static let shared = "Sources/System/EventLoop/SocketAddress+Kernel.swift"

  let manifest = Manifest()

  @Test func `reads every target of the manifest`() {
    let names = Set(manifest.targets.map(\.name))
    for name in Array(Self.floors.keys) + Array(Self.users.keys) + [
      "Checks", "PortholeChecks", "PortholeLoad",
    ] {
      #expect(names.contains(name))
    }
    for target in manifest.targets {
      #expect(!Repository.files(under: target.folder).isEmpty, "\(target.name): \(target.folder)")
    }
  }

  @Test func `every target of the product stands on a floor`() {
    let products = manifest.targets.filter {
      ["vocabulary", "core", "assembly", "executableTarget"].contains($0.kind)
    }
    let unknown = products.map(\.name).filter {
      Self.floors[$0] == nil && !["Checks", "PortholeChecks", "PortholeLoad"].contains($0)
    }
    #expect(unknown == [])
  }

  @Test func `declared dependencies go down only`() {
    // MediaTypes stands on the floor of Wire; times come from there.
    let within = [("MediaTypes", "Wire")]
    var offences: [String] = []
    for target in manifest.targets {
      guard let floor = Self.floors[target.name] else { continue }
      for need in target.needs {
        if let users = Self.users[need] {
          if !users.contains(target.name) { offences.append("\(target.name) needs \(need)") }
        } else if (Self.floors[need] ?? .max) >= floor,
          !within.contains(where: { $0 == target.name && $1 == need })
        {
          offences.append("\(target.name) needs \(need)")
        }
      }
    }
    #expect(offences == [])
  }

  @Test func `imports and declared dependencies agree`() {
    let names = Set(manifest.targets.map(\.name))
    var offences: [String] = []
    for target in manifest.targets {
      let sources = Repository.files(under: target.folder).filter { $0.hasSuffix(".swift") }
      guard !sources.isEmpty else { continue }
      var imported: Set<String> = []
      for source in sources {
        for words in SourceCode(source).imports {
          guard let module = words.last, names.contains(module) else { continue }
          imported.insert(module)
          if Self.users[module] != nil, words.first != "private", source != Self.shared {
            offences.append("\(source): the import of \(module) must be private")
          }
        }
      }
      for module in imported.subtracting(target.needs).sorted() {
        offences.append("\(target.name) imports \(module) undeclared")
      }
      guard Self.floors[target.name] != nil else { continue }
      for module in Set(target.needs).subtracting(imported).sorted() {
        offences.append("\(target.name) declares \(module) and never imports it")
      }
    }
    #expect(offences == [])
  }

  @Test func `only the library of Swift and the project's modules are imported`() {
    let modules = Set(manifest.targets.map(\.name)).union(["Glibc", "Synchronization", "Testing"])
    var offences: [String] = []
    for path in Repository.files(under: "Sources") where path.hasSuffix(".swift") {
      for words in SourceCode(path).imports {
        guard let module = words.last, !modules.contains(module) else { continue }
        offences.append("\(path) imports \(module)")
      }
    }
    #expect(offences == [])
  }
}
