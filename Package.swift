// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// The architecture on one page. Imports go down only (docs/ARCHITECTURE.md, "Floors"):
//   5 program · 4 service · 3 API · 2 assembly · 1 protocols, never one another · 0 vocabulary

/// How every Swift target of the package is compiled.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
]

extension Target {
  /// Floor 0: words that every floor shares; depends on nothing but C hashes.
  static func vocabulary(
    _ name: String,
    in folder: String,
    c: [String] = [],
    needs: [String] = []
  ) -> Target {
    swift(name, in: folder, c + needs)
  }

  /// Floor 1: a protocol core, with no socket, clock or thread, and never another protocol.
  static func core(
    _ name: String,
    in folder: String = "Protocol",
    c: [String] = [],
    needs: [String] = ["Wire"]
  ) -> Target {
    swift(name, in: folder, c + needs)
  }

  /// Floor 2: what joins protocols, and what touches devices and the kernel.
  static func assembly(
    _ name: String,
    in folder: String,
    c: [String] = [],
    needs: [String]
  ) -> Target {
    swift(name, in: folder, c + needs)
  }

  /// A module map for a C library, linked statically by name (never pkg-config).
  static func library(_ name: String, links libraries: [String] = []) -> Target {
    .target(
      name: name,
      path: "Sources/System/\(name)",
      linkerSettings: libraries.map { .linkedLibrary($0) }
    )
  }

  /// The shim over the libsrtp2 that `Packaging/libsrtp2/build .build/libsrtp2` makes.
  ///
  /// Its object names the archive for the architecture it was compiled for: no unsafe flag.
  static func libsrtp(_ name: String) -> Target {
    let directory = ".build/libsrtp2"
    return .target(
      name: name,
      dependencies: ["CMbedTLS"],
      path: "Sources/System/\(name)",
      cSettings: [
        .headerSearchPath("../../../\(directory)/include"),
        .define("LIBSRTP2_DIRECTORY", to: "\"\(Context.packageDirectory)/\(directory)\""),
      ]
    )
  }

  static func swift(_ name: String, in folder: String, _ needs: [String]) -> Target {
    .target(
      name: name,
      dependencies: needs.map { .byName(name: $0) },
      path: "Sources/\(folder)/\(name)",
      swiftSettings: strict,
      linkerSettings: [.linkedLibrary("m")]
    )
  }

  static func tests(_ name: String, in folder: String, needs: [String]) -> Target {
    .testTarget(
      name: name + "Tests",
      dependencies: needs.map { .byName(name: $0) },
      path: "Tests/\(folder)/\(name)Tests",
      swiftSettings: strict
    )
  }
}

let package = Package(
  name: "porthole",
  products: [
    .executable(name: "porthole", targets: ["Porthole"]),
    .executable(name: "porthole-checks", targets: ["PortholeChecks"]),
    .executable(name: "porthole-load", targets: ["PortholeLoad"]),
    .library(name: "WebRTC", targets: ["WebRTC", "Signaling"]),
  ],
  targets: [
    // 5 program
    .executableTarget(
      name: "Porthole",
      dependencies: [
        "Signaling", "Board", "WebRTC", "HTTP", "Capture", "Codecs", "EventLoop", "DTLS", "TLS",
        "MediaTypes", "TOML", "Wire",
      ],
      path: "Sources/Porthole",
      swiftSettings: strict
    ),

    // 4 service
    .target(
      name: "Signaling",
      dependencies: [
        "WebRTC", "Board", "HTTP", "TLS", "JSON", "SDP", "Ringing", "EventLoop", "Wire",
      ],
      path: "Sources/Service/Signaling",
      resources: [.embedInCode("Page")],
      swiftSettings: strict
    ),

    // 3 API, and what the board has besides its camera's pictures
    .assembly(
      "Board",
      in: "Service",
      needs: ["Telemetry", "JSONRPC", "JSON", "Ringing", "Capture", "EventLoop", "Wire"]
    ),
    .assembly(
      "WebRTC",
      in: ".",
      needs: [
        "PeerSession", "Capture", "Codecs", "EventLoop", "Sound", "SDP", "ICE", "RTP", "DTLS",
        "MediaTypes", "Wire",
      ]
    ),

    // 2 assembly
    .assembly(
      "PeerSession",
      in: "Protocol",
      needs: ["SDP", "ICE", "DTLS", "SRTP", "SCTP", "RTP", "MediaTypes", "Wire"]
    ),
    .assembly(
      "Capture",
      in: "Media",
      c: ["CV4L2", "CALSA", "CJPEG"],
      needs: ["MediaTypes", "Wire"]
    ),
    .assembly(
      "Codecs",
      in: "Media",
      c: ["CX264", "COpus"],
      needs: ["Sound", "MediaTypes", "Wire"]
    ),
    .assembly("EventLoop", in: "System", c: ["CLinux"], needs: ["Wire"]),

    // 1 protocols
    .core("SDP", needs: ["MediaTypes"]),
    .core("ICE"),
    .core("DTLS", c: ["CMbedTLS"]),
    .core("TLS", c: ["CMbedTLS"]),
    .core("SRTP", c: ["CSRTP"]),
    .core("SCTP"),
    .core("RTP", needs: ["MediaTypes", "Wire"]),
    .core("HTTP", in: "Service"),
    .core("Telemetry", needs: ["JSON", "Wire"]),
    .core("JSONRPC", needs: ["JSON"]),
    .core("Ringing", in: "Service"),
    .core("Sound", in: "Media", c: ["CSpeexDSP"], needs: ["MediaTypes", "Wire"]),

    // 0 vocabulary
    .vocabulary("Wire", in: "Protocol", c: ["CMbedTLS"]),
    .vocabulary("JSON", in: "Protocol"),
    .vocabulary("TOML", in: "Protocol"),
    .vocabulary("MediaTypes", in: "Media", needs: ["Wire"]),

    // C: libraries of the system, and thin shims over kernel interfaces
    .library("CMbedTLS", links: [":libmbedtls.a", ":libmbedx509.a", ":libmbedcrypto.a"]),
    .libsrtp("CSRTP"),
    .library("CX264", links: [":libx264.a", "m"]),
    .library("COpus", links: [":libopus.a", "m"]),
    .library("CV4L2"),
    .library("CALSA"),
    .library("CJPEG", links: [":libjpeg.a"]),
    .library("CSpeexDSP", links: [":libspeexdsp.a", "m"]),
    .library("CLinux"),

    // Checks: vectors, mutation and simulation as plain functions, so that they also run under qemu on arm64
    .assembly(
      "Checks",
      in: ".",
      needs: [
        "PeerSession", "SDP", "ICE", "DTLS", "TLS", "SRTP", "SCTP", "RTP", "Sound", "HTTP",
        "Telemetry", "JSONRPC", "Ringing", "JSON", "TOML", "MediaTypes", "Wire",
      ]
    ),
    .executableTarget(
      name: "PortholeLoad",
      dependencies: ["Checks", "DTLS", "EventLoop", "Wire"],
      path: "Sources/PortholeLoad",
      swiftSettings: strict
    ),
    .executableTarget(
      name: "PortholeChecks",
      dependencies: ["Checks", "CLinux"],
      path: "Sources/PortholeChecks",
      swiftSettings: strict
    ),

    .tests("Wire", in: "Protocol", needs: ["Wire", "Checks"]),
    .tests("JSON", in: "Protocol", needs: ["JSON", "Checks"]),
    .tests("TOML", in: "Protocol", needs: ["TOML", "Checks"]),
    .tests("Telemetry", in: "Protocol", needs: ["Checks"]),
    .tests("JSONRPC", in: "Protocol", needs: ["Checks"]),
    .tests("SDP", in: "Protocol", needs: ["SDP", "Wire", "Checks"]),
    .tests("ICE", in: "Protocol", needs: ["ICE", "Wire", "Checks"]),
    .tests("DTLS", in: "Protocol", needs: ["DTLS", "Wire", "Checks"]),
    .tests("TLS", in: "Protocol", needs: ["Checks"]),
    .tests("SRTP", in: "Protocol", needs: ["SRTP", "Wire", "Checks"]),
    .tests("RTP", in: "Protocol", needs: ["RTP", "MediaTypes", "Wire", "Checks"]),
    .tests("SCTP", in: "Protocol", needs: ["SCTP", "Wire", "Checks"]),
    .tests(
      "PeerSession",
      in: "Protocol",
      needs: [
        "PeerSession", "SDP", "ICE", "DTLS", "SRTP", "SCTP", "RTP", "MediaTypes", "Wire", "Checks",
      ]
    ),
    .tests("MediaTypes", in: "Media", needs: ["MediaTypes", "Wire"]),
    .tests("Sound", in: "Media", needs: ["Sound", "MediaTypes", "Wire", "Checks"]),
    .tests("Capture", in: "Media", needs: ["Capture", "MediaTypes", "Wire"]),
    .tests("Codecs", in: "Media", needs: ["Codecs", "Capture", "MediaTypes", "Wire"]),
    .tests("Ringing", in: "Service", needs: ["Checks"]),
    .tests("HTTP", in: "Service", needs: ["HTTP", "Wire", "Checks"]),
    .tests(
      "Board",
      in: "Service",
      needs: ["Board", "Telemetry", "Ringing", "JSON", "Capture", "EventLoop", "Wire"]
    ),
    .tests(
      "Signaling",
      in: "Service",
      needs: [
        "Signaling", "WebRTC", "Board", "HTTP", "TLS", "JSON", "Ringing", "EventLoop", "SDP",
        "DTLS", "Capture", "Codecs", "MediaTypes", "Wire", "Checks",
      ]
    ),
    .tests("EventLoop", in: "System", needs: ["EventLoop", "Wire"]),
    .tests(
      "WebRTC",
      in: ".",
      needs: [
        "WebRTC", "EventLoop", "PeerSession", "SDP", "DTLS", "ICE", "RTP", "Capture", "Codecs",
        "Sound",
        "MediaTypes", "Wire", "Checks",
      ]
    ),
    .tests(
      "Porthole",
      in: ".",
      needs: [
        "Porthole", "Signaling", "Board", "HTTP", "DTLS", "TLS", "EventLoop", "Capture",
        "MediaTypes", "TOML", "Wire",
      ]
    ),
    .tests("Repository", in: ".", needs: []),
  ],
  swiftLanguageModes: [.v6]
)
