// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Glibc
@testable import Porthole
import Signaling
import Synchronization
import TLS
import Testing
import Wire

/// What a board is called, which may change.
private final class Somewhere: Sendable {
  private let state: Mutex<BoardCertificate.Place>

  init(date: Int64) {
    state = Mutex(
      BoardCertificate.Place(
        names: ["shed", "shed.local", "localhost"],
        addresses: [.v4(0xC0A8_0107)],
        date: date
      )
    )
  }

  var place: BoardCertificate.Place {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}

@Suite(.timeLimit(.minutes(1))) final class BoardCertificateTests {
  private static let date: Int64 = 1_780_272_000
  private static let day: Int64 = 86_400

  private let path = "/tmp/porthole-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
  private let somewhere = Somewhere(date: BoardCertificateTests.date)
  private let loop: EventLoop

  init() throws {
    loop = try EventLoop.start()
  }

  deinit {
    loop.stop()
    for name in ["/authority.pem", "/https.pem", ""] { unsafe remove(path + name) }
  }

  private func open() throws -> BoardCertificate {
    let state = try StateDirectory(path)
    return try BoardCertificate(
      in: state,
      on: loop,
      log: Log(level: .error),
      interval: .zero
    ) { [somewhere] in somewhere.place }
  }

  /// What a client is shown who comes now.
  private func leaf(_ board: BoardCertificate) async throws -> TLSCertificate? {
    #expect(await board.credentials() != nil)
    return try StateDirectory(path).leaf().flatMap { TLSCertificate($0.certificate) }
  }

  @Test func `keeps authority and certificate from one start to the next`() async throws {
    let first = try open()
    let authority = await first.certificate
    let leaf = try await leaf(first)
    #expect(leaf?.names == ["shed", "shed.local", "localhost"])
    #expect(leaf?.addresses == [.v4(0xC0A8_0107)])
    let second = try open()
    #expect(await second.certificate == authority)
    #expect(try await self.leaf(second) == leaf)
    for name in ["/authority.pem", "/https.pem"] {
      var status = stat()
      #expect(unsafe stat(path + name, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
    }
  }

  @Test func `renews the certificate in time, and the authority stays`() async throws {
    let board = try open()
    let authority = await board.certificate
    let first = try await leaf(board)
    somewhere.place.date += 365 * Self.day
    #expect(try await leaf(board) == first)
    somewhere.place.date += 2 * Self.day
    let second = try await leaf(board)
    #expect(second != first)
    #expect(second?.validTo == somewhere.place.date + 396 * Self.day)
    #expect(await board.certificate == authority)
    #expect(try await leaf(board) == second)
  }

  @Test func `makes a new certificate when names or addresses change`() async throws {
    let board = try open()
    let first = try await leaf(board)
    somewhere.place.addresses = [.v4(0x0A00_0005), .v4(0x0808_0808)]
    let second = try await leaf(board)
    #expect(second?.addresses == [.v4(0x0A00_0005)], "and none that it may not have")
    somewhere.place.names = ["barn", "localhost"]
    #expect(try await leaf(board)?.names == ["localhost"])
    #expect(first != second)
  }

  @Test func `waits for the clock, and never goes back behind what was signed`() async throws {
    somewhere.place.date = 1000
    let waiting = try open()
    #expect(await waiting.credentials() == nil)
    guard case .waiting = await waiting.trust() else {
      Issue.record("there is an authority")
      return
    }
    somewhere.place.date = Self.date
    let first = try await leaf(waiting)
    guard case .authority = await waiting.trust() else {
      Issue.record("there is no authority")
      return
    }
    // At the next start the clock is at its beginning again.
    somewhere.place.date = 1000
    let later = try open()
    #expect(try await leaf(later) == first)
    somewhere.place.addresses = [.v4(0x0A00_0005)]
    let second = try await leaf(later)
    #expect(second?.validFrom == first?.validFrom)
    #expect(second?.addresses == [.v4(0x0A00_0005)])
  }

  @Test func `an authority at its end is replaced`() async throws {
    let first = await (try open()).certificate
    somewhere.place.date += 3640 * Self.day
    let second = await (try open()).certificate
    #expect(first != second)
    #expect(second?.validFrom == somewhere.place.date - Self.day)
  }

  @Test func `a damaged authority is told, and not replaced`() async throws {
    _ = try open()
    try LocalFile.replace(path + "/authority.pem", with: Array("nonsense".utf8))
    let error = #expect(throws: StartError.self) { try self.open() }
    #expect(error?.description.holds("authority.pem") == true)
  }

  @Test func `a damaged certificate is replaced`() async throws {
    let board = try open()
    let first = try await leaf(board)
    try LocalFile.replace(path + "/https.pem", with: Array("nonsense".utf8))
    let second = try await leaf(try open())
    #expect(second != nil && second != first)
  }
}
