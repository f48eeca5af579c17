// SPDX-License-Identifier: Apache-2.0
private import CLinux
public import Wire

/// Why nobody could be reached, in words for the person who asked for it.
public enum ConnectError: Error, Hashable, CustomStringConvertible {
  /// The name is in no table of this machine; DNS is not asked.
  case unknownHost(String)
  /// /etc/hosts is there and cannot be read; the sentence says why.
  case unreadableHosts(String)
  /// The machine is there, and nothing listens.
  case refused(SocketAddress)
  /// No answer came in time.
  case timedOut(SocketAddress)
  /// The kernel gave up; `code` is its errno.
  case failed(SocketAddress, code: Int32)

  init(_ code: Int32, connectingTo address: SocketAddress) {
    switch code {
    case Int32(clinux_connection_refused): self = .refused(address)
    case Int32(clinux_connection_timed_out): self = .timedOut(address)
    default: self = .failed(address, code: code)
    }
  }

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unknownHost(let name):
      return """
        the name \(name) is not in /etc/hosts, and DNS is not asked: \
        use the IP address of the machine instead
        """
    case .unreadableHosts(let reason):
      return "names of hosts cannot be looked up: \(reason)"
    case .refused(let address):
      return """
        nothing listens on port \(address.port) of \(address.ip): \
        see whether the other program runs, and on which port
        """
    case .timedOut(let address):
      return """
        \(address) does not answer: see whether the machine is on, \
        and whether a firewall lets the port through
        """
    case .failed(let address, let code):
      return "cannot connect to \(address): \(systemErrorText(code))"
    }
  }
}
