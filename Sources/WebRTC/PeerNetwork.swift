// SPDX-License-Identifier: Apache-2.0
public import DTLS
public import EventLoop
internal import ICE
internal import PeerSession
internal import Synchronization
internal import Wire

/// What all connections of a program share: one UDP port, the interfaces it may use, one certificate.
///
/// Datagrams find their connection by the address they come from, and the first ones by the ICE
/// username fragment that they name, so the number of sockets does not grow with viewers. For any
/// thread: what is asked for is done on the loop's.
public final class PeerNetwork: @unchecked Sendable {
  /// Remote addresses remembered per connection, so that a peer cannot fill the table.
  private static let maximumAddresses = 100
  /// The certificate of all that are made on demand, made once in a process.
  private static let common = Mutex<DTLSIdentity?>(nil)

  /// The loop that everything runs on.
  public let loop: EventLoop
  /// The certificate that every connection shows.
  ///
  /// `nil` before the first call of a connection that was given no network.
  public var identity: DTLSIdentity? { loop.sync { certificate } }
  /// The UDP port, once bound; 0 before.
  public var port: UInt16 { loop.sync { socket?.localPort ?? 0 } }

  private var certificate: DTLSIdentity?
  private var socket: UDPSocket?
  /// Timers and limits of ICE, of connections that are opened from now on.
  var ice = ICEConfiguration()
  private let interfaces: [String]
  private var transports: [String: PeerTransport] = [:]
  private var byAddress: [SocketAddress: PeerTransport] = [:]
  private var addresses: [ObjectIdentifier: [SocketAddress]] = [:]
  /// Connections with something to send, in the order in which they came by it.
  private var ready: [PeerTransport] = []
  /// What connections of this network have for one another.
  private var neighbours = NeighbourDatagrams()
  private var strangers: UInt64 = 0
  /// What connections have dropped that are no more.
  private var droppedBefore = DroppedDatagrams()

  /// Binds `port` (0: any free one) for all connections; `interfaces` empty means all that are up.
  public init(
    on loop: EventLoop,
    identity: DTLSIdentity,
    port: UInt16 = 0,
    interfaces: [String] = []
  ) throws(EventLoopError) {
    self.loop = loop
    certificate = identity
    self.interfaces = interfaces
    try loop.sync { () throws(EventLoopError) in try bind(port) }
  }

  /// The network of one connection that was given none: any free port, every interface that is up.
  ///
  /// From any thread. It is bound, and the certificate of the process made, when `open` is first called.
  init(onDemandOn loop: EventLoop) {
    self.loop = loop
    interfaces = []
  }

  /// Binds a port and takes the certificate of the process, unless that is done.
  ///
  /// Loop thread only. The first time in a process it makes a key, which may take a small board 100 ms.
  func open() throws(RTCError) -> DTLSIdentity {
    if let certificate { return certificate }
    do {
      if socket == nil { try bind(0) }
      let made = try Self.common.withLock { common in
        var random = RandomSource.system
        let made = try common ?? DTLSIdentity.make(using: &random)
        common = made
        return made
      }
      certificate = made
      return made
    } catch {
      throw RTCError(.operation, "\(error)")
    }
  }

  private func bind(_ port: UInt16) throws(EventLoopError) {
    let socket = try UDPSocket(on: loop, port: port)
    self.socket = socket
    socket.onReceive = { [weak self] datagram, source, local in
      self?.receive(datagram, from: source, to: local)
    }
    socket.onBatchEnd = { [weak self] in self?.flush() }
    socket.onWritable = { [weak self] in self?.flush() }
  }

  /// What the port has seen so far.
  public var counters: NetworkCounters { loop.sync { counted } }

  private var counted: NetworkCounters {
    var counters = NetworkCounters()
    guard let kernel = socket?.statistics else { return counters }
    counters.datagramsReceived = kernel.received
    counters.datagramsSent = kernel.sent
    counters.datagramsUnsent = kernel.dropped
    counters.tooLong = kernel.truncated
    counters.receiveBufferFull = kernel.overflowed
    counters.strangers = strangers
    counters.dropped = droppedBefore
    for transport in transports.values {
      counters.dropped.add(DroppedDatagrams(of: transport.session))
    }
    return counters
  }

  /// The addresses that a connection may offer as host candidates.
  ///
  /// Loopback only if it was asked for, or if nothing was asked for and there is no other.
  func hostAddresses() -> [SocketAddress] {
    var usable = NetworkInterfaces.usable(names: interfaces)
    if usable.isEmpty, interfaces.isEmpty {
      usable = NetworkInterfaces.current().filter(\.isLoopback)
    }
    let port = port
    let addresses = usable.map { SocketAddress($0.address, port: port) }
    neighbours.addresses = Set(addresses)
    return addresses
  }

  /// Connections that datagrams can reach.
  var connectionCount: Int { transports.count }

  /// Remote addresses that are known to belong to a connection.
  var addressCount: Int { byAddress.count }

  func register(_ transport: PeerTransport) {
    transports[transport.session.usernameFragment] = transport
  }

  /// Lets datagrams find `transport` by its ICE username fragment of now, once a restart has changed it
  /// from `name`; answers whether it has.
  ///
  /// Checks of the generation before find nobody from now on; its data still comes by its address.
  func rename(_ transport: PeerTransport, from name: String) -> Bool {
    guard transport.session.usernameFragment != name else { return false }
    transports[name] = nil
    register(transport)
    return true
  }

  func unregister(_ transport: PeerTransport) {
    transports[transport.session.usernameFragment] = nil
    droppedBefore.add(DroppedDatagrams(of: transport.session))
    for address in addresses.removeValue(forKey: ObjectIdentifier(transport)) ?? []
    where byAddress[address] === transport {
      byAddress[address] = nil
    }
  }

  /// Remembers that `transport` has something to send at the next flush.
  func queue(_ transport: PeerTransport) {
    guard !transport.isQueued else { return }
    transport.isQueued = true
    ready.append(transport)
  }

  /// Sends what every queued connection has to send, in turn, as full batches.
  ///
  /// Where the kernel has no room the rest waits for `onWritable`, the unfinished connection first.
  func flush() {
    let port = socket?.localPort
    socket?.send { slot in
      while let transport = ready.first {
        while let transmit = next(of: transport, into: &slot) {
          // One comparison tells what leaves this port from what comes back to it.
          guard transmit.destination.port == port, neighbours.has(transmit.destination) else {
            return transmit
          }
          hand(slot.span, of: transport, by: transmit)
          slot.removeAll()
        }
        ready.removeFirst()
        transport.isQueued = false
        transport.hasFlushed()
      }
      return nil
    }
  }

  private func receive(_ datagram: Span<UInt8>, from source: SocketAddress, to local: SocketAddress)
  {
    guard let transport = transport(for: datagram, from: source) else {
      strangers &+= 1
      return
    }
    transport.receive(datagram, from: source, to: local, at: loop.now)
    if byAddress[source] !== transport, transport.session.accepts(from: source, to: local) {
      remember(source, of: transport)
    }
  }

  /// A STUN request names its session; everything else belongs to whom its address was proved for.
  private func transport(for datagram: Span<UInt8>, from source: SocketAddress) -> PeerTransport? {
    if ICEAgent.isSTUN(datagram), let fragment = ICEAgent.requestedUsernameFragment(datagram) {
      return transports[fragment]
    }
    return byAddress[source]
  }

  /// The next datagram of `transport`; the answer to a check of ours finds its way back by address.
  @_lifetime(slot: copy slot)
  private func next(of transport: PeerTransport, into slot: inout OutputSpan<UInt8>) -> Transmit? {
    guard let transmit = transport.session.nextTransmit(into: &slot) else { return nil }
    if ICEAgent.isSTUN(slot.span), byAddress[transmit.destination] == nil,
      !neighbours.has(transmit.destination)
    {
      remember(transmit.destination, of: transport)
    }
    return transmit
  }

  /// A connection that was closed in the meantime is not remembered: nobody would forget it again.
  private func remember(_ address: SocketAddress, of transport: PeerTransport) {
    guard !transport.isClosed else { return }
    var list = addresses[ObjectIdentifier(transport), default: []]
    if list.count >= Self.maximumAddresses {
      let oldest = list.removeFirst()
      if byAddress[oldest] === transport { byAddress[oldest] = nil }
    }
    list.append(address)
    addresses[ObjectIdentifier(transport)] = list
    byAddress[address] = transport
  }

  // MARK: Between two connections of this network

  /// Keeps what `transport` has for another connection of this network until the next turn of the loop.
  private func hand(_ datagram: Span<UInt8>, of transport: PeerTransport, by way: Transmit) {
    let isFirst = neighbours.isEmpty
    neighbours.add(datagram, of: transport, by: way)
    if isFirst { loop.post { [weak self] in self?.deliver() } }
  }

  private func deliver() {
    for datagram in neighbours.take() {
      let bytes = datagram.bytes
      guard let receiver = neighbour(of: datagram.sender, for: bytes.span) else {
        strangers &+= 1
        continue
      }
      receiver.receive(
        bytes.span,
        from: datagram.way.source,
        to: datagram.way.destination,
        at: loop.now
      )
    }
    flush()
  }

  /// Whom a datagram of `sender` is for: whom a STUN request names, else whom its peer's description names.
  ///
  /// A connection that has no description of its peer yet answers whoever asked it, and while ICE restarts,
  /// the old name still finds whom it found before.
  private func neighbour(
    of sender: PeerTransport,
    for datagram: Span<UInt8>
  ) -> PeerTransport? {
    if let fragment = ICEAgent.requestedUsernameFragment(datagram) {
      guard let named = transports[fragment] else { return nil }
      let expected = named.session.remoteUsernameFragment
      if expected == nil || expected == sender.session.usernameFragment { named.neighbour = sender }
      return named
    }
    if let fragment = sender.session.remoteUsernameFragment, let known = transports[fragment] {
      sender.neighbour = known
    }
    guard let neighbour = sender.neighbour, !neighbour.isClosed else { return nil }
    return neighbour
  }
}
