// SPDX-License-Identifier: Apache-2.0
import MediaTypes
import RTP
import Wire

// Expectations cannot look into spans, so the steps in between are functions over arrays.

extension RTPHeader {
  func bytes(room: Int = 2048) -> [UInt8]? {
    [UInt8](room: room, writing: { write(into: &$0) })
  }

  static func parsing(_ packet: [UInt8]) -> (header: RTPHeader, payload: Range<Int>)? {
    parse(packet.span)
  }
}

extension RTCPPacket {
  func bytes(room: Int = 2048) -> [UInt8]? {
    [UInt8](room: room, writing: { write(into: &$0) })
  }

  static func reading(_ datagram: [UInt8]) -> [RTCPPacket] {
    var reader = RTCPReader(datagram.span)
    var packets: [RTCPPacket] = []
    while let packet = reader.next() { packets.append(packet) }
    return packets
  }
}

extension H264Packetizer.Piece {
  func bytes(of frame: EncodedFrame) -> [UInt8]? {
    [UInt8](writing: { H264Packetizer.write(self, of: frame, into: &$0) })
  }
}

extension H264ParameterSets {
  static func reading(_ unit: [UInt8]) -> H264ParameterSets? {
    H264ParameterSets(sequenceParameterSet: unit.span)
  }
}
