// SPDX-License-Identifier: Apache-2.0
import ICE
import Testing
import Wire

@Suite struct STUNMessageTests {
  let id = STUNTransactionID(high: 1, low: 2)

  @Test func `reads every class and method back`() throws {
    for messageClass in [STUNMessage.Class.request, .indication, .success, .failure] {
      for method in [UInt16(0), 1, 3, 0x00F, 0x010, 0x07F, 0x080, 0x0FF] {
        let bytes = STUNWriter(messageClass, method: method, transaction: id).bytes
        let message = try #require(STUNMessage(of: bytes))
        #expect(message.messageClass == messageClass)
        #expect(message.method == method)
        #expect(message.transaction == id)
      }
    }
  }

  @Test func `reads only whole messages with the cookie and a fitting length`() {
    var writer = STUNWriter(.request, transaction: id)
    writer.append(.username, value: Array("abcd:efgh".utf8))
    let whole = writer.bytes
    for count in 0..<whole.count {
      let cut = Array(whole.prefix(count))
      #expect(STUNMessage(of: cut) == nil)
      #expect(!ICEAgent.isSTUN(cut))
    }
    for index in 0..<8 where index != 1 {
      var damaged = whole
      damaged[index] ^= index == 0 ? 0x80 : 1
      #expect(STUNMessage(of: damaged) == nil, "byte \(index)")
    }
    let long = whole + [0, 0, 0, 0]
    #expect(STUNMessage(of: long) == nil)
  }

  @Test func `refuses known attributes of a wrong width`() {
    let widths: [(STUNAttribute, Int)] = [
      (.priority, 4), (.iceControlled, 8), (.iceControlling, 8), (.messageIntegrity, 20),
      (.fingerprint, 4),
    ]
    for (attribute, width) in widths {
      for count in 0..<32 where count != width {
        var writer = STUNWriter(.request, transaction: id)
        writer.append(attribute, value: [UInt8](repeating: 0, count: count))
        let bytes = writer.bytes
        #expect(STUNMessage(of: bytes) == nil, "\(attribute) of \(count) bytes")
      }
    }
  }

  @Test func `refuses addresses of an unknown family or a wrong width`() {
    for family in UInt8(0)...3 {
      for count in 2..<24 {
        var writer = STUNWriter(.success, transaction: id)
        var value = [UInt8](repeating: 0, count: count)
        value[1] = family
        writer.append(.xorMappedAddress, value: value)
        let bytes = writer.bytes
        let isRight = family == 1 && count == 8 || family == 2 && count == 20
        #expect((STUNMessage(of: bytes) != nil) == isRight, "\(family), \(count) bytes")
      }
    }
  }

  @Test func `reads error codes of 300 to 699 only`() {
    for hundreds in UInt8(0)...9 {
      for rest in [UInt8(0), 99, 100, 255] {
        var writer = STUNWriter(.failure, transaction: id)
        writer.append(.errorCode, value: [0, 0, hundreds, rest])
        let bytes = writer.bytes
        let code = STUNMessage(of: bytes)?.errorCode
        let isRight = (3...6).contains(hundreds & 7) && rest < 100
        #expect(code == (isRight ? UInt16(hundreds & 7) * 100 + UInt16(rest) : nil))
      }
    }
  }

  @Test func `lets nothing follow FINGERPRINT, and believes nothing behind MESSAGE-INTEGRITY`()
    throws
  {
    var writer = STUNWriter(.request, transaction: id)
    writer.append(.username, value: Array("abcd:efgh".utf8))
    writer.authenticate(key: [1])
    writer.append(.useCandidate)
    writer.append(.priority, number: UInt32(7))
    writer.append(type: 0x7FFF, value: [])
    writer.addFingerprint()
    let bytes = writer.bytes
    let message = try #require(STUNMessage(of: bytes))
    #expect(message.isAuthentic(bytes, key: [1]))
    #expect(!message.isAuthentic(bytes, key: [2]))
    #expect(message.fingerprint == .valid)
    #expect(!message.usesCandidate)
    #expect(message.priority == nil)
    #expect(message.unknownAttributes.isEmpty)
    writer.append(.useCandidate)
    let longer = writer.bytes
    #expect(STUNMessage(of: longer) == nil)
  }

  @Test func `is not authentic without MESSAGE-INTEGRITY, nor over other bytes`() throws {
    var writer = STUNWriter(.request, transaction: id)
    let bare = writer.bytes
    #expect(try #require(STUNMessage(of: bare)).isAuthentic(bare, key: []) == false)
    writer.authenticate(key: [])
    let bytes = writer.bytes
    let message = try #require(STUNMessage(of: bytes))
    #expect(message.isAuthentic(bytes, key: []))
    #expect(!message.isAuthentic(bare, key: []))
  }

  @Test func `counts the first of repeated attributes and remembers eight unknown ones`() throws {
    var writer = STUNWriter(.request, transaction: id)
    writer.append(.priority, number: UInt32(1))
    writer.append(.priority, number: UInt32(2))
    for type in 0..<100 { writer.append(type: 0x7000 + UInt16(type), value: []) }
    writer.append(type: 0x8888, value: [1, 2, 3])
    let bytes = writer.bytes
    let message = try #require(STUNMessage(of: bytes))
    #expect(message.priority == 1)
    #expect(message.unknownAttributes == Array(0x7000..<0x7008))
  }

  @Test func `compares the whole user name`() throws {
    var writer = STUNWriter(.request, transaction: id)
    writer.append(.username, value: Array("abcd:efgh".utf8))
    let bytes = writer.bytes
    let message = try #require(STUNMessage(of: bytes))
    #expect(message.hasUsername("abcd:efgh", in: bytes))
    for other in ["", "abcd", "abcd:efg", "abcd:efghi", "abcd:efgx", "Abcd:efgh"] {
      #expect(!message.hasUsername(other, in: bytes), "\(other)")
    }
  }
}
