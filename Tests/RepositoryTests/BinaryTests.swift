// SPDX-License-Identifier: Apache-2.0
import Testing

/// The release binary, as `make build` leaves it.
struct BinaryTests {
  static let binary = ".build/release/porthole"

  @Test func `needs nothing but the C runtime of the system`() throws {
    try #require(Repository.exists(Self.binary), "there is no \(Self.binary): run make build")
    let needed = Repository.output(of: "readelf --wide --dynamic \(Self.binary)")
      .utf8.split(separator: 10)
      .map { String(decoding: $0, as: UTF8.self) }
      .filter { $0.holds("(NEEDED)") }
      .map { line in
        String(line.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" })
      }
    #if arch(arm64)
      let loader = "ld-linux-aarch64.so.1"
    #else
      let loader = "ld-linux-x86-64.so.2"
    #endif
    let expected = [loader, "libc.so.6", "libgcc_s.so.1", "libm.so.6"]
    #expect(needed.sorted() == expected)
  }

  @Test func `is under 12 MB and stripped`() throws {
    try #require(Repository.exists(Self.binary), "there is no \(Self.binary): run make build")
    #expect(Repository.bytes(Self.binary).count < 12_000_000)
    #expect(!Repository.output(of: "readelf --wide --sections \(Self.binary)").holds(".symtab"))
  }

  @Test func `runs on one thread, with a camera's, an encoder's and sensors' beside it`() throws {
    try #require(Repository.exists(Self.binary), "there is no \(Self.binary): run make build")
    // The camera is tried at the start, and rests when nobody watches; sensors are looked for, and then
    // read for a moment every ten seconds. The worker for public-key steps
    // joins them with the first viewer, and nobody else does ever: Tests/Interop counts them then.
    let state = Repository.output(of: "mktemp -d").utf8.prefix { $0 != 10 }
      .reduce(into: "") { $0.unicodeScalars.append(Unicode.Scalar($1)) }
    defer { _ = Repository.output(of: "rm -r '\(state)'") }
    let command = "\(Self.binary) --camera test --listen 127.0.0.1:0 --state '\(state)'"
    let threads = Repository.whileRunning(command, until: "http://") { process in
      Repository.output(of: "cat /proc/\(process)/task/*/comm").utf8.split(separator: 10)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    let names = try #require(threads, "the program printed no address").sorted()
    #expect(names.contains("porthole"))
    #expect(Set(names).isSubset(of: ["camera", "encoder", "porthole", "board"]))
    #expect(Set(names).count == names.count)
  }
}
