// SPDX-License-Identifier: Apache-2.0
private import CLinux
private import Wire

/// Accepts the connections of other programs of this machine at a Unix socket.
///
/// More callers than `limit` are turned away. Loop thread only; that, not a lock, is why the class may
/// call itself Sendable.
public final class LocalListener: @unchecked Sendable {
  /// Where it listens.
  public let path: String
  /// How many connections may be open at a time.
  public var limit: Int { acceptor.limit }
  /// How many are.
  public var openConnections: Int { acceptor.openConnections }
  /// How many callers were turned away.
  public var refusedConnections: Int { acceptor.refusedConnections }

  private let acceptor: Acceptor
  private var isListening = true

  /// Listens at `path`, for this user and `group`, and calls `onAccept` for every connection.
  ///
  /// A socket that was left there by a program that has ended is replaced.
  /// - Throws: why that cannot be, in one sentence.
  public init(
    on loop: EventLoop,
    path: String,
    group: String?,
    limit: Int,
    onAccept: @escaping (TCPConnection) -> Void
  ) throws(LocalSocketError) {
    loop.requireLoop()
    var number: Int64 = -1
    if let group {
      number = unsafe clinux_group(group)
      guard number >= 0 else { throw .noSuchGroup(group) }
    }
    let opened = unsafe clinux_local_listen(path, 0o660, number, Int32(clamping: limit))
    guard opened >= 0 else { throw LocalSocketError(-opened, path, isListening: true) }
    self.path = path
    do throws(EventLoopError) {
      acceptor = try Acceptor(
        at: StreamDescriptor(adopting: opened),
        on: loop,
        limit: limit,
        onAccept: onAccept
      )
    } catch {
      throw .failed(path: path, reason: error.description)
    }
  }

  /// Stops listening and takes the socket's name away; open connections stay.
  public func close() {
    guard isListening else { return }
    isListening = false
    acceptor.close()
    unsafe clinux_local_remove(path)
  }
}

/// Why a Unix socket cannot be used, in one sentence that says what to do.
public enum LocalSocketError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nobody listens there.
  case nobody(path: String)
  /// The user may not use it.
  case forbidden(path: String)
  /// Another program listens there.
  case inUse(path: String)
  /// A socket's path has at most 107 bytes.
  case tooLong(path: String)
  /// The system knows no such group.
  case noSuchGroup(String)
  /// The system says why.
  case failed(path: String, reason: String)

  init(_ code: Int32, _ path: String, isListening: Bool) {
    switch Int(code) {
    case Int(clinux_connection_refused): self = .nobody(path: path)
    case Int(clinux_no_such_path) where !isListening: self = .nobody(path: path)
    case Int(clinux_access_denied): self = .forbidden(path: path)
    case Int(clinux_address_in_use): self = .inUse(path: path)
    case Int(clinux_name_too_long): self = .tooLong(path: path)
    default: self = .failed(path: path, reason: systemErrorText(code))
    }
  }

  /// The sentence.
  public var description: String {
    switch self {
    case .nobody(let path): "nobody listens at \(path)"
    case .forbidden(let path): "this user may not use \(path)"
    case .inUse(let path): "another program listens at \(path)"
    case .tooLong(let path): "\(path) is too long for a socket: its path may have 107 bytes"
    case .noSuchGroup(let name): "there is no group \(name)"
    case .failed(let path, let reason): "\(path) cannot be used: \(reason)"
    }
  }
}
