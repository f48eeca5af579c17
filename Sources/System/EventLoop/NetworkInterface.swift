// SPDX-License-Identifier: Apache-2.0
private import CLinux
public import Wire

/// One address of one network interface of this machine.
public struct NetworkInterface: Hashable, Sendable {
  /// The interface's name, such as `eth0`.
  public var name: String
  /// Its number in the kernel: the scope of its link-local addresses.
  public var index: UInt32
  /// The address.
  public var address: IPAddress
  /// Whether the interface is the loopback one.
  public var isLoopback: Bool
  /// Whether the interface is up and has a link.
  public var isUp: Bool

  /// Creates a description of an interface.
  public init(name: String, index: UInt32, address: IPAddress, isLoopback: Bool, isUp: Bool) {
    self.name = name
    self.index = index
    self.address = address
    self.isLoopback = isLoopback
    self.isUp = isUp
  }

  /// Whether the address is a link-local one.
  public var isLinkLocal: Bool { address.isLinkLocal }

  /// Whether the interface joins containers or virtual machines on this host, going by its name.
  ///
  /// Nobody outside can reach such an address, and as a candidate it only costs checks. The names:
  /// docker, br-, veth, virbr, vnet, lxcbr, lxdbr, cni, flannel, cali, podman, vmnet, vboxnet. VPNs
  /// (tun, tap, wg, tailscale) are not among them: viewers do come in by these.
  public var isVirtual: Bool {
    Self.virtualNames.contains { name.utf8.starts(with: $0.utf8) }
  }

  private static let virtualNames = [
    "docker", "br-", "veth", "virbr", "vnet", "lxcbr", "lxdbr", "cni", "flannel", "cali", "podman",
    "vmnet", "vboxnet",
  ]
}

/// The network interfaces of this machine.
public enum NetworkInterfaces {
  /// All addresses of all interfaces now, in the kernel's order.
  public static func current() -> [NetworkInterface] {
    var found = [clinux_interface](repeating: clinux_interface(), count: 32)
    var count = unsafe Int(clinux_interfaces(&found, Int32(found.count)))
    if count > found.count {
      found = Array(repeating: clinux_interface(), count: count)
      count = unsafe min(Int(clinux_interfaces(&found, Int32(count))), count)
    }
    return found.prefix(max(0, count)).map(NetworkInterface.init)
  }

  /// The addresses on which a viewer may reach this machine.
  ///
  /// Without `names`: those of interfaces that are up, neither loopback nor
  /// ``NetworkInterface/isVirtual``. With `names`: those of just these interfaces, whatever they
  /// are, as long as they are up.
  public static func usable(names: [String] = []) -> [NetworkInterface] {
    current().filter { interface in
      guard interface.isUp else { return false }
      guard names.isEmpty else { return names.contains(interface.name) }
      return !interface.isLoopback && !interface.isVirtual
    }
  }
}

extension NetworkInterface {
  fileprivate init(_ found: clinux_interface) {
    let name = unsafe withUnsafeBytes(of: found.name) { bytes in
      let characters = unsafe bytes.prefix { $0 != 0 }
      return unsafe String(decoding: characters, as: UTF8.self)
    }
    let required = UInt32(clinux_interface_up | clinux_interface_running)
    self.init(
      name: name,
      index: found.index,
      address: SocketAddress(found.address).ip,
      isLoopback: found.flags & UInt32(clinux_interface_loopback) != 0,
      isUp: found.flags & required == required
    )
  }
}
