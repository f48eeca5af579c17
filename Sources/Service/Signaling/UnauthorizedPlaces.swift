// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The places of connections that have not brought an authorised request yet (S23).
///
/// The newcomer always gets one. Where all are taken, the oldest connection of the address that has
/// the most gives way: many slow clients of one machine cannot keep another machine out.
struct UnauthorizedPlaces {
  /// How many places there are.
  static let limit = 64

  /// Those who have one, the oldest first.
  private var holders: [(id: ObjectIdentifier, address: IPAddress)] = []

  /// How many are taken.
  var count: Int { holders.count }

  /// Gives `id` a place; answers who has lost one for it.
  mutating func admit(_ id: ObjectIdentifier, from address: IPAddress) -> ObjectIdentifier? {
    defer { holders.append((id, address)) }
    guard holders.count >= Self.limit else { return nil }
    var counts: [IPAddress: Int] = [:]
    for holder in holders { counts[holder.address, default: 0] += 1 }
    let most = counts.values.max() ?? 0
    guard let index = holders.firstIndex(where: { counts[$0.address] == most }) else { return nil }
    return holders.remove(at: index).id
  }

  /// Frees the place of `id`, if it has one.
  mutating func remove(_ id: ObjectIdentifier) {
    holders.removeAll { $0.id == id }
  }
}
