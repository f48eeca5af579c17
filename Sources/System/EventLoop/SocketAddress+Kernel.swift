// SPDX-License-Identifier: Apache-2.0
internal import CLinux
public import Wire

extension SocketAddress {
  init(_ address: clinux_address) {
    let ip: IPAddress =
      if address.family == 4 {
        .v4(UInt32(truncatingIfNeeded: address.low))
      } else {
        .v6(high: address.high, low: address.low, scope: address.scope)
      }
    self.init(ip, port: address.port)
  }

  var forKernel: clinux_address {
    switch ip.unmapped {
    case .v4(let bits):
      clinux_address(high: 0, low: UInt64(bits), scope: 0, port: port, family: 4)
    case .v6(let high, let low, let scope):
      clinux_address(high: high, low: low, scope: scope, port: port, family: 6)
    }
  }

  /// Parses `HOST:PORT` as `--listen` takes it: `[::]:8080`, `0.0.0.0:8080`, `[fe80::1%2]:80`,
  /// `localhost:8080` (127.0.0.1), or `:8080` for all addresses of both families; else `nil`.
  public init?(listening text: String) {
    let bytes = Array(text.utf8)
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
      bytes[(colon + 1)...].allSatisfy({ (48...57).contains($0) }),
      let port = UInt16(String(decoding: bytes[(colon + 1)...], as: UTF8.self))
    else { return nil }
    let host = bytes[..<colon]
    if host.isEmpty {
      self.init(.v6(high: 0, low: 0, scope: 0), port: port)
    } else if host.elementsEqual("localhost".utf8) {
      self.init(.v4(0x7F00_0001), port: port)
    } else if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]"),
      let ip = IPAddress(String(decoding: host.dropFirst().dropLast(), as: UTF8.self)), ip.isV6
    {
      self.init(ip, port: port)
    } else if let ip = IPAddress(String(decoding: host, as: UTF8.self)), !ip.isV6 {
      self.init(ip, port: port)
    } else {
      return nil
    }
  }
}
