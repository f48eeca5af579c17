// SPDX-License-Identifier: Apache-2.0
import Checks
import HTTP
import SDP
@testable import Signaling
import Testing

private let fragmentType = "application/trickle-ice-sdpfrag"
private let chromium = BrowserOffers.chromiumViewer
private let candidate = "a=candidate:1 1 udp 2122260223 127.0.0.1 61764 typ host"

/// The lines of a fragment of Chromium's offer; `nil` for a credential leaves it out.
private func fragment(
  ufrag: String? = nil,
  password: String? = nil,
  mid: String? = nil,
  hasCredentials: Bool = true,
  more: [String] = [candidate, "a=end-of-candidates"]
) throws -> String {
  let line = try #require(try SessionDescription(parsing: chromium).media.first)
  let own = (try #require(line.usernameFragment), try #require(line.password))
  var lines = ["a=group:BUNDLE 0", "m=video 9 UDP/TLS/RTP/SAVPF 96"]
  lines.append("a=mid:\(try mid ?? #require(line.mid))")
  if hasCredentials {
    lines += ["a=ice-ufrag:\(ufrag ?? own.0)", "a=ice-pwd:\(password ?? own.1)"]
  }
  return (lines + more).map { $0 + "\r\n" }.joined()
}

private func restart(_ number: Int) throws -> String {
  try fragment(ufrag: "again\(number)", password: "anothersecretof24letter\(number)")
}

extension Desk {
  /// Updates the ICE of the session at `location`.
  fileprivate nonisolated func patch(
    _ location: String,
    _ body: String,
    _ condition: String? = "*",
    type: String = fragmentType
  ) async -> HTTPResponse {
    var headers: HTTPHeaders = ["Content-Type": type]
    if let condition { headers.append("If-Match", condition) }
    return await ask("PATCH", location, headers: headers, body: body)
  }

  /// Opens a session: where it is, and its tag.
  fileprivate nonisolated func open() async throws -> (location: String, tag: String) {
    let answer = await offer(chromium)
    #expect(answer.status == 201)
    let tag = try #require(answer.headers["ETag"])
    #expect(tag.utf8.first == UInt8(ascii: "\"") && tag.utf8.last == UInt8(ascii: "\""))
    return (try #require(answer.headers["Location"]), tag)
  }
}

@Suite struct WHEPPatchTests {
  @Test func `takes candidates under the current tag and says nothing`() async throws {
    let desk = try await Desk.make()
    let (location, tag) = try await desk.open()
    for condition in [tag, "*", "\"*\"", "\"other\", \(tag)"] {
      let answer = await desk.patch(location, try fragment(), condition)
      #expect(answer.status == 204, "\(condition): \(answer.text)")
      #expect(answer.body.isEmpty && answer.headers["ETag"] == nil)
    }
    let unreadable = [
      candidate, "a=candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
      "a=candidate:1 1 udp 1 name.local 9 typ host", "a=candidate:nonsense",
      "a=candidate:1 1 udp 1 127.0.0.1 9 typ host generation 0 ufrag EsAw",
    ]
    #expect(await desk.patch(location, try fragment(more: unreadable), tag).status == 204)
    let many = Array(repeating: candidate, count: 500)
    #expect(await desk.patch(location, try fragment(more: many), tag).status == 204)
    await desk.close()
  }

  @Test func `refuses what it cannot take, and stays as it was`() async throws {
    let desk = try await Desk.make()
    let (location, tag) = try await desk.open()
    let good = try fragment()
    let twice = good + (try restart(1))
    let cases: [(body: String, condition: String?, type: String, status: Int)] = [
      (good, nil, fragmentType, 428), (good, "", fragmentType, 428),
      (good, "\"other\"", fragmentType, 412), (good, "W/\(tag)", fragmentType, 412),
      (try restart(1), "\"other\"", fragmentType, 412), (try restart(1), nil, fragmentType, 428),
      (good, tag, "application/sdp", 415), (good, tag, "", 415),
      ("nonsense", tag, fragmentType, 400), (chromium, tag, fragmentType, 400),
      ("a=ice-ufrag:x\r\n", tag, fragmentType, 400),
      // What is refused anyway is refused whatever the condition is.
      ("nonsense", "\"other\"", fragmentType, 400), ("", "\"other\"", fragmentType, 422),
      ("", tag, fragmentType, 422), (try fragment(mid: "nobody"), tag, fragmentType, 422),
      (try fragment(hasCredentials: false), tag, fragmentType, 422),
      (twice, tag, fragmentType, 422),
      (try fragment(ufrag: "not.ice.letters"), tag, fragmentType, 422),
    ]
    for (body, condition, type, status) in cases {
      let answer = await desk.patch(location, body, condition, type: type)
      #expect(answer.status == status, "\(body) \(condition ?? "-") \(type): \(answer.text)")
      #expect(!answer.text.isEmpty && answer.headers["ETag"] == nil)
      #expect((answer.headers["Accept-Patch"] == fragmentType) == (status == 415))
    }
    #expect(await desk.patch("/whep/nobody", good, "*").status == 404)
    #expect(await desk.patch(location, good, tag).status == 204)
    await desk.close()
  }

  @Test func `restarts ICE with new credentials, all candidates and a new tag`() async throws {
    let desk = try await Desk.make()
    let (location, first) = try await desk.open()
    var tags = [first]
    var names: Set<String> = []
    for (number, condition) in [(1, "*"), (2, nil), (3, "\"*\"")] {
      let answer = await desk.patch(
        location,
        try restart(number),
        condition ?? tags[tags.count - 1]
      )
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer.headers["Content-Type"] == fragmentType)
      #expect(answer.headers["Cache-Control"] == "no-store")
      let tag = try #require(answer.headers["ETag"])
      let line = try SDPFragment(parsing: answer.text)
      let media = try #require(line.effectiveMedia.first)
      #expect(line.effectiveMedia.count == 1 && media.mid == "0" && media.kind == .video)
      #expect(line.transport.iceOptions == ["trickle"] && line.other == ["group:BUNDLE 0"])
      #expect(!media.candidates.isEmpty && media.isEndOfCandidates)
      let name = try #require(media.usernameFragment)
      #expect(media.password?.utf8.count == 24 && names.insert(name).inserted)
      #expect(await desk.patch(location, try restart(number), tags[tags.count - 1]).status == 412)
      #expect(await desk.patch(location, try restart(number), tag).status == 204)
      tags.append(tag)
    }
    #expect(Set(tags).count == 4)
    // DELETE asks for no tag, and looks at none.
    let headers: HTTPHeaders = ["If-Match": first]
    #expect(await desk.ask("DELETE", location, headers: headers).status == 200)
    await desk.close()
  }

  @Test func `keeps everything in an offer but its ICE`() throws {
    let before = try SessionDescription(parsing: chromium)
    let lines = (1...7).map { "a=candidate:\($0) 1 udp \($0) 127.0.0.1 \($0) typ host" }
    let text = try fragment(ufrag: "again", password: "anothersecretof24letters", more: lines)
    let update = try ICEUpdate(parsing: Array(text.utf8), for: before)
    #expect(update.restarts(before))
    var after = update.restarting(before, limit: 5)
    #expect(!update.restarts(after))
    #expect(after.media[0].candidates.count == 5)
    for index in after.media.indices {
      #expect(after.media[index].usernameFragment == "again")
      after.media[index].candidates = before.media[index].candidates
      after.media[index].isEndOfCandidates = before.media[index].isEndOfCandidates
      after.media[index].usernameFragment = before.media[index].usernameFragment
      after.media[index].password = before.media[index].password
    }
    #expect(after == before)
  }
}
