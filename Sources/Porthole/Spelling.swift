// SPDX-License-Identifier: Apache-2.0

/// What somebody may have meant who wrote a word that is not known.
enum Spelling {
  /// The word of `known` that is nearest to `word`, if it is near enough to be meant.
  static func nearest(_ word: String, in known: [String]) -> String? {
    let near = known.map { (distance: distance($0, word), word: $0) }
      .min { $0.distance < $1.distance }
    guard let near, near.distance <= 3, near.distance < near.word.utf8.count else { return nil }
    return near.word
  }

  /// The Levenshtein distance between two short words.
  private static func distance(_ lhs: String, _ rhs: String) -> Int {
    let left = Array(lhs.utf8.prefix(32))
    let right = Array(rhs.utf8.prefix(32))
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}
