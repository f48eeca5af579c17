// SPDX-License-Identifier: Apache-2.0
internal import DTLS
internal import Glibc
internal import Wire

/// One run of the `openssl` program on the other end of a loopback socket.
final class OpenSSL {
  /// The digest of the program's own certificate.
  let fingerprint: DTLSFingerprint
  private let directory: String
  private let socketDescriptor: Int32
  private var peer = sockaddr_in()

  /// Starts `openssl` as the other role; it shows a certificate when `hasCertificate`.
  init(as role: DTLSRole, hasCertificate: Bool = true) throws {
    var template = Array("/tmp/porthole-dtls-XXXXXX".utf8CString)
    directory = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? ""
    Self.shell(
      """
      cd \(directory) && openssl ecparam -name prime256v1 -genkey -noout -out k.pem \
      && openssl req -new -x509 -key k.pem -out c.pem -days 30 -subj /CN=test -sha256 \
      && openssl x509 -in c.pem -noout -fingerprint -sha256 | sed 's/.*=/sha-256 /' > f.txt
      """
    )
    fingerprint =
      DTLSFingerprint(parsing: Self.lines(of: directory + "/f.txt").first ?? "")
      ?? DTLSFingerprint(algorithm: "none", digest: [])
    socketDescriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    let own = Self.bind(socketDescriptor)
    let certificate = hasCertificate ? "-cert c.pem -key k.pem" : ""
    let common =
      "-dtls1_2 \(certificate) -use_srtp SRTP_AES128_CM_SHA1_80 "
      + "-keymatexport EXTRACTOR-dtls_srtp -keymatexportlen 60"
    let command: String
    switch role {
    case .client:
      command = "openssl s_client -connect 127.0.0.1:\(own) \(common)"
    case .server:
      let probe = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
      let port = Self.bind(probe)
      Glibc.close(probe)
      peer = Self.address(port)
      command = "openssl s_server -accept 127.0.0.1:\(port) -4 -Verify 1 \(common)"
    }
    Self.shell(
      "cd \(directory); timeout 20 sh -c 'sleep 20 | \(command)' > out.txt 2>&1 & echo $! > \(directory)/pid"
    )
  }

  deinit {
    Self.shell("kill $(cat \(directory)/pid); rm -rf \(directory)")
    Glibc.close(socketDescriptor)
  }

  /// Runs `session` against the program for at most ten seconds, until it connects or fails.
  func run(_ session: inout DTLSSession) -> DTLSEvent? {
    let begin = Self.now()
    session.start(at: begin)
    while Self.now() - begin < .seconds(10) {
      while let datagram = Self.datagram(of: &session) { send(datagram) }
      if let event = session.nextEvent() { return event }
      if let datagram = receive() {
        session.receive(datagram.span, at: Self.now())
      }
      session.advance(to: Self.now())
    }
    return nil
  }

  /// The keying material that the program printed, in hexadecimal; waits for it a little.
  func keyingMaterial() -> String? {
    for _ in 0..<100 {
      for line in Self.lines(of: directory + "/out.txt") {
        let words = line.split(separator: " ")
        if words.count == 3, words[0] == "Keying", words[1] == "material:" {
          return words[2].lowercased()
        }
      }
      usleep(20_000)
    }
    return nil
  }

  private func send(_ bytes: [UInt8]) {
    guard peer.sin_port != 0 else { return }
    _ = unsafe withUnsafePointer(to: peer) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe sendto(
          socketDescriptor,
          bytes,
          bytes.count,
          0,
          address,
          socklen_t(MemoryLayout<sockaddr_in>.size)
        )
      }
    }
  }

  private func receive() -> [UInt8]? {
    var waiting = pollfd(fd: socketDescriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&waiting, 1, 10) > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 2048)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let count = unsafe withUnsafeMutablePointer(to: &peer) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe recvfrom(socketDescriptor, &bytes, bytes.count, 0, address, &length)
      }
    }
    return count > 0 ? [UInt8](bytes.prefix(count)) : nil
  }

  private static func bind(_ descriptor: Int32) -> UInt16 {
    var address = address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = unsafe Glibc.bind(descriptor, address, length)
        _ = unsafe getsockname(descriptor, address, &length)
      }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private static func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  private static func datagram(of session: inout DTLSSession) -> [UInt8]? {
    var count = 0
    let buffer = InlineArray<1500, UInt8> { slot in
      if session.nextTransmit(into: &slot) { count = slot.count }
      while !slot.isFull { slot.append(0) }
    }
    return count > 0 ? (0..<count).map { buffer[$0] } : nil
  }

  private static func shell(_ command: String) {
    _ = unsafe system("{ \(command); } 2>/dev/null")
  }

  private static func lines(of path: String) -> [String] {
    guard let file = unsafe fopen(path, "r") else { return [] }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return bytes.prefix(count).split(separator: UInt8(ascii: "\n"))
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
