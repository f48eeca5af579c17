// SPDX-License-Identifier: Apache-2.0

extension Check {
  /// Every check of the project, in the order of the floors.
  public static let all: [Check] = []
}

extension FuzzTarget {
  /// Every fuzz target of the project, in the order of the floors.
  public static let all: [FuzzTarget] = []
}
