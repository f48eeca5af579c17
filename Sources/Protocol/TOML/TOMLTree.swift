// SPDX-License-Identifier: Apache-2.0

/// One part of a key, and where it stands.
struct TOMLKey: CustomStringConvertible {
  let name: String
  let position: TOMLPosition

  var description: String { TOMLTable.key(name) }
}

/// The tables while they are being read: which key may still be added where.
///
/// The nodes lie in one array and name one another by number, so that a table is added to in place.
struct TOMLTree {
  /// What has defined a table; it decides what may be added.
  private enum Origin {
    /// It lies on the way to another table's header, and may get a header of its own.
    case path
    /// Its header.
    case header
    /// A key with dots, in the table around it.
    case dots
    /// Braces.
    case braces
  }

  private enum Kind {
    case leaf(TOMLValue)
    case table(Origin)
    /// The tables of `[[name]]`.
    case list
  }

  private struct Node {
    var kind: Kind
    var position: TOMLPosition
    let depth: Int
    var keys: [TOMLKey] = []
    /// The nodes of `keys`, or of a list's tables.
    var children: [Int] = []
    var index: [String: Int] = [:]
  }

  private var nodes: [Node] = [
    Node(kind: .table(.header), position: TOMLPosition(line: 1, column: 1), depth: 0)
  ]
  /// Tables and arrays inside one another.
  let maximumDepth: Int

  init(maximumDepth: Int) {
    self.maximumDepth = maximumDepth
  }

  /// How deep the node lies; the document's own table is 0.
  func depth(of node: Int) -> Int { nodes[node].depth }

  /// Throws where something lies too deep.
  func check(_ depth: Int, at position: TOMLPosition) throws(TOMLError) {
    guard depth > maximumDepth else { return }
    throw TOMLError(position, "tables and arrays are more than \(maximumDepth) deep in one another")
  }

  // MARK: Headers

  /// The table that the header `path` begins; with `isList` another table of `[[path]]`.
  mutating func open(_ path: [TOMLKey], isList: Bool) throws(TOMLError) -> Int {
    var node = 0
    for (number, key) in path.enumerated() {
      guard number < path.count - 1 else {
        return isList ? try openElement(key, in: node) : try openTable(key, in: node)
      }
      node = try pass(key, from: node)
    }
    return node
  }

  /// The table `key` on the way to another; the last one of a list.
  private mutating func pass(_ key: TOMLKey, from node: Int) throws(TOMLError) -> Int {
    guard let found = nodes[node].index[key.name] else {
      return try add(.table(.path), key, to: node)
    }
    switch nodes[found].kind {
    case .table: return found
    case .list: return nodes[found].children.last ?? found
    case .leaf(let value): throw closed(key, value, nodes[found].position)
    }
  }

  private mutating func openTable(_ key: TOMLKey, in node: Int) throws(TOMLError) -> Int {
    guard let found = nodes[node].index[key.name] else {
      return try add(.table(.header), key, to: node)
    }
    let line = nodes[found].position.line
    switch nodes[found].kind {
    case .table(.path):
      nodes[found].kind = .table(.header)
      nodes[found].position = key.position
      return found
    case .table:
      throw TOMLError(
        key.position,
        "the table \(key) stands on line \(line) already: put these keys there"
      )
    case .list:
      throw TOMLError(
        key.position,
        "\(key) is a list of tables since line \(line): write its name in [[ ]]"
      )
    case .leaf(let value): throw closed(key, value, nodes[found].position)
    }
  }

  private mutating func openElement(_ key: TOMLKey, in node: Int) throws(TOMLError) -> Int {
    guard let found = nodes[node].index[key.name] else {
      return try addElement(key.position, to: try add(.list, key, to: node))
    }
    switch nodes[found].kind {
    case .list: return try addElement(key.position, to: found)
    case .table:
      let line = nodes[found].position.line
      throw TOMLError(
        key.position,
        "\(key) is a single table since line \(line): [[ ]] cannot add a second one"
      )
    case .leaf(let value): throw closed(key, value, nodes[found].position)
    }
  }

  // MARK: Keys

  /// A new table in braces, which belongs to nothing yet.
  mutating func openBraces(at position: TOMLPosition, depth: Int) -> Int {
    nodes.append(Node(kind: .table(.braces), position: position, depth: depth))
    return nodes.count - 1
  }

  /// Puts `value` under the key `path` of the table `node`.
  mutating func insert(
    _ value: TOMLValue,
    at path: [TOMLKey],
    in node: Int
  ) throws(TOMLError) {
    var node = node
    for (number, key) in path.enumerated() {
      guard let found = nodes[node].index[key.name] else {
        let isLast = number == path.count - 1
        node = try add(isLast ? .leaf(value) : .table(.dots), key, to: node)
        continue
      }
      let line = nodes[found].position.line
      guard number < path.count - 1 else {
        throw TOMLError(key.position, "the key \(key) stands on line \(line) already")
      }
      switch nodes[found].kind {
      case .table(.dots): node = found
      case .leaf(let value): throw closed(key, value, nodes[found].position)
      case .table, .list:
        throw TOMLError(
          key.position,
          "the table \(key) has its own header, as line \(line) says: put the key there"
        )
      }
    }
  }

  /// The node as a value of its own, nothing of which can be added to any more.
  func table(_ node: Int) -> TOMLTable {
    var members: [TOMLTable.Member] = []
    for (key, child) in zip(nodes[node].keys, nodes[node].children) {
      members.append(.init(key.name, at: key.position, value(child)))
    }
    return TOMLTable(at: nodes[node].position, members)
  }

  private func value(_ node: Int) -> TOMLValue {
    switch nodes[node].kind {
    case .leaf(let value): value
    case .table: .table(table(node))
    case .list: .array(nodes[node].children.map { .table(table($0)) })
    }
  }

  private mutating func add(_ kind: Kind, _ key: TOMLKey, to node: Int) throws(TOMLError) -> Int {
    let depth = nodes[node].depth + 1
    try check(depth, at: key.position)
    nodes.append(Node(kind: kind, position: key.position, depth: depth))
    let child = nodes.count - 1
    nodes[node].keys.append(key)
    nodes[node].children.append(child)
    nodes[node].index[key.name] = child
    return child
  }

  private mutating func addElement(
    _ position: TOMLPosition,
    to list: Int
  ) throws(TOMLError) -> Int {
    let depth = nodes[list].depth + 1
    try check(depth, at: position)
    nodes.append(Node(kind: .table(.header), position: position, depth: depth))
    nodes[list].children.append(nodes.count - 1)
    return nodes.count - 1
  }

  /// Why nothing can be added to a value.
  private func closed(
    _ key: TOMLKey,
    _ value: TOMLValue,
    _ position: TOMLPosition
  ) -> TOMLError {
    let line = position.line
    switch value {
    case .table:
      return TOMLError(
        key.position,
        "the table \(key) stands in braces on line \(line): add to it there"
      )
    case .array:
      return TOMLError(
        key.position,
        "\(key) is an array since line \(line): add to it there"
      )
    default:
      return TOMLError(key.position, "\(key) is a value since line \(line), and no table")
    }
  }
}
