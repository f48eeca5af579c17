// SPDX-License-Identifier: Apache-2.0
private import CLinux
public import Wire

/// Why a socket or a loop could not be made, in words for the person who asked for it.
public enum EventLoopError: Error, Equatable, CustomStringConvertible {
  /// The kind of a port.
  public enum Transport: String, Sendable {
    /// A port of TCP, as `--listen` names it.
    case tcp = "TCP"
    /// A port of UDP, as `--udp-port` names it.
    case udp = "UDP"

    fileprivate var option: String {
      switch self {
      case .tcp: "--listen"
      case .udp: "--udp-port"
      }
    }
  }

  /// Somebody else has the port.
  case addressInUse(SocketAddress, Transport)
  /// No interface of this machine has the address.
  case addressNotAvailable(SocketAddress, Transport)
  /// The port is one that only a privileged program may take.
  case permissionDenied(SocketAddress, Transport)
  /// The kernel refused; `code` is its errno.
  case system(action: String, code: Int32)

  init(_ code: Int32, taking address: SocketAddress, _ transport: Transport) {
    switch Int(code) {
    case Int(clinux_address_in_use): self = .addressInUse(address, transport)
    case Int(clinux_address_not_available): self = .addressNotAvailable(address, transport)
    case Int(clinux_access_denied): self = .permissionDenied(address, transport)
    default: self = .system(action: "open \(transport.rawValue) port \(address.port)", code: code)
    }
  }

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .addressInUse(let address, let transport):
      return """
        \(transport.rawValue) port \(address.port) is in use by another program: \
        stop that one, or choose another port with \(transport.option)
        """
    case .addressNotAvailable(let address, let transport):
      return """
        this machine has no address \(address.ip): \
        choose one of its own, or [::] for all, with \(transport.option)
        """
    case .permissionDenied(let address, let transport):
      return """
        \(transport.rawValue) port \(address.port) needs privileges: \
        choose one above 1023 with \(transport.option)
        """
    case .system(let action, let code):
      return "cannot \(action): \(systemErrorText(code))"
    }
  }
}
