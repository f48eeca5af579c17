// SPDX-License-Identifier: Apache-2.0
public import Wire

/// Which hosts a request may be for, and which pages may change state.
///
/// A page of a foreign site that makes its own name point at this device (DNS rebinding) sends its
/// own name as `Host`: comparing `Origin` with `Host` alone would let it pass.
public struct HostPolicy: Hashable, Sendable {
  /// The addresses of this device's interfaces; loopback addresses are always allowed.
  public var addresses: [IPAddress]
  /// Names of this device in lower case, `porthole.local` for one; `localhost` is always allowed.
  public var names: [String]
  /// Pages of other origins that may change state.
  public var origins: [HTTPOrigin]

  /// Creates a policy.
  public init(addresses: [IPAddress] = [], names: [String] = [], origins: [HTTPOrigin] = []) {
    self.addresses = addresses
    self.names = names
    self.origins = origins
  }

  /// Whether a request for `authority` is meant for this device; `nil` (HTTP/1.0) never is.
  public func allows(_ authority: HTTPAuthority?) -> Bool {
    switch authority?.host {
    case .address(let address):
      let plain = Self.plain(address)
      return plain.isLoopback || addresses.contains { Self.plain($0) == plain }
    case .name(let name):
      return name == "localhost" || names.contains { HTTPHeaders.isSame($0, name) }
    case nil:
      return false
    }
  }

  /// Whether `origin` may change state by a request for `authority`: it is the device's own page
  /// under an allowed host, or one of `origins`.
  public func allows(
    _ origin: HTTPOrigin,
    for authority: HTTPAuthority?,
    isSecure: Bool
  ) -> Bool {
    if origin != .opaque, origins.contains(origin) { return true }
    guard let authority, allows(authority) else { return false }
    return origin.isSame(as: authority, isSecure: isSecure)
  }

  /// The answer to a request that is not for this device: 421, or `nil` when it is.
  public func refusal(of request: HTTPRequest) -> HTTPResponse? {
    guard !allows(request.authority) else { return nil }
    return HTTPResponse(
      421,
      text: "This device is not known by the host name of the request; "
        + "use its address, or add the name to the configuration."
    )
  }

  /// The address without an IPv4 mapping and without a scope.
  private static func plain(_ address: IPAddress) -> IPAddress {
    guard case .v6(let high, let low, _) = address.unmapped else { return address.unmapped }
    return .v6(high: high, low: low, scope: 0)
  }
}
