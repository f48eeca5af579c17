// SPDX-License-Identifier: Apache-2.0
internal import EventLoop
internal import Signaling
internal import TLS
internal import Wire

/// The certificate of `--tls auto`: signed by an authority of this board's own, for the names and addresses
/// that the board has, and made anew when these change or its time runs out.
actor BoardCertificate: EventLoopActor, TLSCredentialsSource {
  /// What a board goes by.
  struct Place: Hashable, Sendable {
    var names: [String]
    var addresses: [IPAddress]
    /// Seconds since 1970.
    var date: Int64
  }

  /// What is made for a place.
  private struct Made: Sendable {
    let leaf: TLSCertificate
    let credentials: TLSCredentials
  }

  private static let day: Int64 = 86_400
  /// The beginning of 2026: a clock before that has not been set.
  private static let earliest: Int64 = 1_767_225_600

  nonisolated let loop: EventLoop
  private let state: StateDirectory
  private let log: Log
  private let interval: Duration
  private let place: @Sendable () -> Place
  private var authority: TLSAuthority?
  private var current: Made?
  private var nextLook = Timestamp.zero
  private var renewal: Task<Void, Never>?

  /// Takes the authority that is kept, or makes one, if the clock is set.
  ///
  /// Whoever connects makes us look at the `place`, at most once in `interval`.
  init(
    in state: StateDirectory,
    on loop: EventLoop,
    log: Log,
    interval: Duration = .seconds(1),
    place: @escaping @Sendable () -> Place
  ) throws(StartError) {
    self.state = state
    self.loop = loop
    self.log = log
    self.interval = interval
    self.place = place
    let now = place()
    authority = try Self.authority(in: state, at: now)
    if authority == nil {
      log(.warning, "the clock of this machine is not set: there is no HTTPS before it is")
    }
  }

  /// The authority's certificate; `nil` while the clock is not set.
  var certificate: TLSCertificate? { authority?.certificate }

  /// A certificate for what the board is called now.
  func credentials() async -> TLSCredentials? {
    // Whoever comes while it is being made waits with the first.
    if let renewal {
      await renewal.value
    } else if loop.now >= nextLook {
      nextLook = loop.now + interval
      let renewal = Task { await renew() }
      self.renewal = renewal
      await renewal.value
      self.renewal = nil
    }
    return current?.credentials
  }

  /// By this board's authority.
  func trust() async -> TLSTrust {
    guard let authority else { return .waiting("The clock of this board is not set yet.") }
    return .authority(authority.certificate)
  }

  private func renew() async {
    let now = place()
    do throws(StartError) {
      if authority == nil { authority = try Self.authority(in: state, at: now) }
      guard let authority else { return }
      if let current, Self.isCurrent(current.leaf, now, authority) { return }
      let made = await loop.offload { [state, authority] in
        Result { () throws(StartError) in try Self.make(now, authority, in: state) }
      }
      current = try made.get()
    } catch {
      log(.warning, "there is no new certificate for HTTPS: \(error)")
    }
  }

  /// The authority that is kept; a new one where there is none, or where its end is near.
  private static func authority(
    in state: StateDirectory,
    at place: Place
  ) throws(StartError) -> TLSAuthority? {
    if let kept = try state.authority(), kept.certificate.validTo - 30 * day > place.date {
      return kept
    }
    guard place.date >= earliest else { return nil }
    var random = RandomSource.system
    let made = TLSAuthority.make(
      called: "Porthole on \(place.names.first ?? "this board")",
      names: place.names,
      at: place.date,
      using: &random
    )
    guard let made else { throw StartError("There is no memory for a certificate authority.") }
    try state.keep(made)
    return made
  }

  /// The leaf that is kept, if it will do, and else a new one.
  private static func make(
    _ place: Place,
    _ authority: TLSAuthority,
    in state: StateDirectory
  ) throws(StartError) -> Made {
    let kept = try state.leaf()
    if let kept, let leaf = TLSCertificate(kept.certificate), isCurrent(leaf, place, authority),
      let credentials = try? TLSCredentials(
        certificate: kept.certificate,
        privateKey: kept.privateKey
      )
    {
      return Made(leaf: leaf, credentials: credentials)
    }
    var random = RandomSource.system
    let issued = authority.issue(
      names: place.names,
      addresses: place.addresses,
      at: date(of: place, authority, kept.flatMap { TLSCertificate($0.certificate) }),
      using: &random
    )
    guard let issued, let leaf = TLSCertificate(issued.certificate) else {
      throw StartError("the authority may sign for none of this board's names and addresses.")
    }
    do throws(TLSCredentialsError) {
      let credentials = try TLSCredentials(
        certificate: issued.certificate,
        privateKey: issued.privateKey
      )
      try? state.keep(leaf: issued)
      return Made(leaf: leaf, credentials: credentials)
    } catch {
      throw StartError(error.description)
    }
  }

  private static func isCurrent(
    _ leaf: TLSCertificate,
    _ place: Place,
    _ authority: TLSAuthority
  ) -> Bool {
    authority.isCurrent(
      leaf,
      names: place.names,
      addresses: place.addresses,
      at: date(of: place, authority, leaf)
    )
  }

  /// The date to go by: no clock goes back behind what was signed, so one that does is not set.
  ///
  /// Certificates are dated back by a day.
  private static func date(
    of place: Place,
    _ authority: TLSAuthority,
    _ leaf: TLSCertificate?
  ) -> Int64 {
    let known = max(authority.certificate.validFrom, leaf?.validFrom ?? 0) + day
    return max(place.date, known)
  }
}
