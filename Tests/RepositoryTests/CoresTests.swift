// SPDX-License-Identifier: Apache-2.0
import Testing

/// A protocol core has no clock, socket, thread or lock.
struct CoresTests {
  static let cores = [
    "Sources/Protocol", "Sources/Service/HTTP", "Sources/Service/Ringing", "Sources/Media/Sound",
  ]

  /// The only reference types: certificates, with keys or without, which sessions share and nobody changes.
  static let exceptions = [
    "Sources/Protocol/DTLS/DTLSIdentity.swift: class",
    "Sources/Protocol/TLS/TLSAuthorities.swift: class",
    "Sources/Protocol/TLS/TLSCredentials.swift: class",
  ]

  @Test func `no core names a clock, a socket, a lock, a class or a task`() {
    let forbidden: Set<String> = [
      "class", "actor", "async", "await", "Task", "AsyncStream", "escaping",
      "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday",
      "Mutex", "Atomic", "pthread_create", "pthread_mutex_t",
      "Glibc", "Synchronization", "Foundation", "Dispatch", "CLinux", "EventLoop",
    ]
    var offences: [String] = []
    for folder in Self.cores {
      for path in Repository.files(under: folder) where path.hasSuffix(".swift") {
        for word in Set(SourceCode(path).words).intersection(forbidden).sorted() {
          offences.append("\(path): \(word)")
        }
      }
    }
    #expect(offences == Self.exceptions)
  }

  @Test func `the C shims of the cores open no socket and start no thread`() {
    let forbidden: Set<String> = [
      "socket", "pthread_create", "sendto", "recvfrom", "open", "fopen",
    ]
    var offences: [String] = []
    for folder in ["Sources/System/CMbedTLS", "Sources/System/CSRTP"] {
      for path in Repository.files(under: folder) {
        for word in Set(SourceCode(path).words).intersection(forbidden).sorted() {
          offences.append("\(path): \(word)")
        }
      }
    }
    #expect(offences == [])
  }
}
