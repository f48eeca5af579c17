// SPDX-License-Identifier: Apache-2.0
import Checks
import EventLoop
import HTTP
import JSON
import SDP
@testable import Signaling
import Testing
import Wire

@Suite struct WHEPTests {
  @Test func `answers an offer with a place, candidates and their end`() async throws {
    let desk = try await Desk.make()
    let answer = await desk.offer(BrowserOffers.chromiumViewer)
    #expect(answer.status == 201)
    #expect(answer.headers["Content-Type"] == "application/sdp")
    #expect(answer.headers["Cache-Control"] == "no-store")
    let location = try #require(answer.headers["Location"])
    #expect(location.utf8.starts(with: "/whep/".utf8) && location.utf8.count > 20)
    let media = try #require(try SessionDescription(parsing: answer.text).media.first)
    #expect(!media.candidates.isEmpty)
    #expect(media.isEndOfCandidates)
    #expect(media.direction == .sendonly)
    let stats = try JSONValue(parsing: await desk.ask("GET", "/stats").body)
    #expect(stats["viewers"]?.integer == 1)
    let peer = try #require(stats["peers"]?[0])
    #expect(peer["connectionState"]?.string != nil)
    #expect(peer["framesSent"]?.integer == 0)
    #expect(peer["stats"] == nil)
    let full = await desk.ask("GET", "/stats", query: [.init("full", "1")])
    let told = try #require(try JSONValue(parsing: full.body)["peers"]?[0]?["stats"])
    #expect(told["transport"]?["type"]?.string == "transport")
    #expect(told["transport"]?["dtlsState"]?.string == "new")
    #expect(told["transport"]?["selectedCandidatePairChanges"]?.integer == 0)
    for method in ["GET", "HEAD"] {
      let empty = await desk.ask(method, location)
      #expect(empty.status == 204 && empty.body.isEmpty)
    }
    for method in ["POST", "PUT"] {
      let refused = await desk.ask(method, location)
      #expect(refused.status == 405)
      #expect(refused.headers["Allow"] == "GET, HEAD, PATCH, DELETE, OPTIONS")
    }
    let options = await desk.ask("OPTIONS", location)
    #expect(options.status == 200)
    #expect(options.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag")
    #expect(await desk.ask("DELETE", location, token: nil).status == 401)
    #expect(await desk.ask("DELETE", location).status == 200)
    #expect(await desk.ask("DELETE", location).status == 404)
    let after = try JSONValue(parsing: await desk.ask("GET", "/stats").body)
    #expect(after["viewers"]?.integer == 0)
    await desk.close()
  }

  @Test(arguments: [
    BrowserOffers.chromiumAudioVideo, BrowserOffers.chromiumCall, BrowserOffers.firefoxViewer,
    BrowserOffers.firefoxCall, BrowserOffers.safariViewer,
  ])
  func `serves what browsers offer`(offer: String) async throws {
    let desk = try await Desk.make()
    let answer = await desk.offer(offer, type: "application/SDP; charset=utf-8")
    #expect(answer.status == 201)
    await desk.close()
  }

  @Test func `says what is wrong with what it cannot serve`() async throws {
    let desk = try await Desk.make()
    let cases: [(offer: String, type: String, status: Int, word: String)] = [
      (BrowserOffers.withoutH264, "application/sdp", 406, "H.264"),
      ("", "application/sdp", 400, "."), ("v=0\r\n", "application/sdp", 400, "line 2"),
      ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", "application/sdp", 400, "no m-line"),
      (String(repeating: "a=x\r\n", count: 9000), "application/sdp", 400, "."),
      (BrowserOffers.chromiumViewer, "text/plain", 415, "application/sdp"),
      (BrowserOffers.chromiumViewer, "application/sdpfrag", 415, "application/sdp"),
      (BrowserOffers.chromiumViewer, "", 415, "application/sdp"),
    ]
    for (offer, type, status, word) in cases {
      let answer = await desk.offer(offer, type: type)
      #expect(answer.status == status, "\(type): \(answer.text)")
      #expect(answer.text.holds(word), "\(answer.text)")
    }
    let stats = try JSONValue(parsing: await desk.ask("GET", "/stats").body)
    #expect(stats["viewers"]?.integer == 0)
    await desk.close()
  }

  @Test func `says so when there is no camera`() async throws {
    let desk = try await Desk.make(hasCamera: false)
    let answer = await desk.offer(BrowserOffers.chromiumViewer)
    #expect(answer.status == 503)
    #expect(answer.text.holds("camera"))
    await desk.close()
  }

  @Test func `lets the oldest half-open session give way`() async throws {
    var limits = ViewerLimits()
    limits.halfOpen = 2
    let desk = try await Desk.make(limits: limits)
    var places: [String] = []
    for _ in 0..<4 {
      let answer = await desk.offer(BrowserOffers.chromiumViewer)
      places.append(try #require(answer.headers["Location"]))
    }
    #expect(await desk.ask("DELETE", places[0]).status == 404)
    #expect(await desk.ask("DELETE", places[1]).status == 404)
    #expect(await desk.ask("DELETE", places[2]).status == 200)
    #expect(await desk.ask("DELETE", places[3]).status == 200)
    await desk.close()
  }

  @Test func `turns viewers away when all places are taken, and asks them back`() async throws {
    var limits = ViewerLimits()
    limits.viewers = 2
    let desk = try await Desk.make(limits: limits)
    let first = await desk.offer(BrowserOffers.chromiumViewer)
    #expect(await desk.offer(BrowserOffers.chromiumViewer).status == 201)
    let third = await desk.offer(BrowserOffers.chromiumViewer)
    #expect(third.status == 503)
    #expect(third.headers["Retry-After"] != nil)
    #expect(await desk.ask("DELETE", try #require(first.headers["Location"])).status == 200)
    #expect(await desk.offer(BrowserOffers.chromiumViewer).status == 201)
    await desk.close()
  }

  @Test func `never gives more places than there are, however many ask at once`() async throws {
    var limits = ViewerLimits()
    limits.viewers = 3
    let desk = try await Desk.make(limits: limits)
    let statuses = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<12 {
        group.addTask { await desk.offer(BrowserOffers.chromiumViewer).status }
      }
      return await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(statuses.count { $0 == 201 } == 3)
    #expect(statuses.count { $0 == 503 } == 9)
    await desk.close()
  }

  @Test func `forgets a session that nobody follows up`() async throws {
    var limits = ViewerLimits()
    limits.connectTime = .milliseconds(50)
    let desk = try await Desk.make(limits: limits)
    let start = desk.loop.now
    let answer = await desk.offer(BrowserOffers.chromiumViewer)
    let location = try #require(answer.headers["Location"])
    while await desk.ask("PATCH", location).status != 404 {
      guard desk.loop.now - start < .seconds(60) else { break }
      try await desk.loop.sleep(for: .milliseconds(5))
    }
    #expect(await desk.ask("DELETE", location).status == 404)
    #expect(desk.loop.now - start >= .milliseconds(50))
    await desk.close()
  }
}

@Suite struct ViewerPlacesTests {
  private func limits(viewers: Int = 256, halfOpen: Int = 64) -> ViewerLimits {
    var limits = ViewerLimits()
    limits.viewers = viewers
    limits.halfOpen = halfOpen
    return limits
  }

  @Test func `keeps at most 64 that have not connected, and the oldest gives way`() {
    var places = ViewerPlaces(limits())
    for number in 0..<64 {
      #expect(places.admit("\(number)", at: .zero) == .admitted(evicted: nil))
    }
    #expect(places.admit("64", at: .zero) == .admitted(evicted: "0"))
    places.connect("1")
    #expect(places.admit("65", at: .zero) == .admitted(evicted: nil))
    #expect(places.admit("66", at: .zero) == .admitted(evicted: "2"))
    #expect(places.count == 65)
  }

  @Test func `gives up those who do not come in 30 seconds`() {
    var places = ViewerPlaces(limits())
    #expect(places.deadline == nil)
    _ = places.admit("first", at: .zero)
    _ = places.admit("second", at: .zero + .seconds(10))
    _ = places.admit("third", at: .zero + .seconds(10))
    places.connect("second")
    #expect(places.deadline == .zero + .seconds(30))
    #expect(places.expired(at: .zero + .seconds(29)) == [])
    #expect(places.expired(at: .zero + .seconds(30)) == ["first"])
    #expect(places.deadline == .zero + .seconds(40))
    #expect(places.expired(at: .zero + .seconds(90)) == ["third"])
    #expect(places.deadline == nil)
    #expect(places.count == 1)
  }

  @Test func `has room again when one leaves`() {
    var places = ViewerPlaces(limits(viewers: 2, halfOpen: 1))
    _ = places.admit("a", at: .zero)
    places.connect("a")
    _ = places.admit("b", at: .zero)
    #expect(places.admit("c", at: .zero) == .full)
    places.remove("nobody")
    #expect(!places.hasRoom)
    places.remove("a")
    #expect(places.admit("c", at: .zero) == .admitted(evicted: "b"))
    places.connect("b")
    #expect(places.count == 1)
  }
}
