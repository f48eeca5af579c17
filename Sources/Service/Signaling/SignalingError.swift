// SPDX-License-Identifier: Apache-2.0
public import EventLoop
public import HTTP

/// Why a signalling line could not be opened, in words for the person who asked for it.
public enum SignalingError: Error, Hashable, CustomStringConvertible {
  /// The address cannot be read.
  case address(WebSocketURL.Fault)
  /// Nobody is there.
  case unreachable(ConnectError)
  /// There is no TLS between both sides: a sentence that says why.
  case insecure(String)
  /// The server's certificate is signed by nobody who is believed here.
  case unknownAuthority
  /// The server answers with an HTTP status instead of opening the line.
  case refused(status: Int)
  /// What is there is no WebSocket, or does not answer in time.
  case notWebSocket(String)

  /// One sentence: what is wrong and what to do.
  public var description: String {
    switch self {
    case .address(let fault): fault.description
    case .unreachable(let error): error.description
    case .insecure(let reason): reason
    case .unknownAuthority:
      """
      the certificate of the other side is signed by nobody who is believed here: if it is a Porthole, \
      fetch /ca.crt from its page, compare the fingerprint with the one that it printed, and name the \
      file by --ca
      """
    case .refused(401):
      """
      the other side does not accept the access token (401): take the one from the address that it \
      printed when it started, and append it as ?token=…
      """
    case .refused(200..<400), .refused(426):
      "what is at that address is a web page, no WebSocket: a Porthole's address ends in /ws"
    case .refused(404): "there is no signalling at that address (404): a Porthole's ends in /ws"
    case .refused(let status):
      "the other side refuses: \(status) \(HTTPResponse.reason(of: status))"
    case .notWebSocket(let reason): reason
    }
  }
}
