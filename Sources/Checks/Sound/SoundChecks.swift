// SPDX-License-Identifier: Apache-2.0

extension Check {
  /// Everything between the packets and the loudspeaker that is to hold on every machine.
  public static let sound: [Check] =
    jitterBuffer + drift + talkArbiter + echo + echoPath + soundMutations

  private static let soundMutations: [Check] = FuzzTarget.sound.map { target in
    Check("survives 10000 mutations of \(target.name)") { target.mutate(count: 10_000, seed: 1) }
  }
}
