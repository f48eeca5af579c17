// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Capture

@Suite struct CameraControlTests {
  private func control(
    _ kind: CameraControl.Kind,
    _ low: Int64,
    _ high: Int64,
    step: Int64 = 1
  )
    -> CameraControl
  {
    CameraControl(
      id: 1,
      name: "White Balance, Automatic",
      kind: kind,
      state: .init(value: low, in: low...high, step: step, standard: low)
    )
  }

  @Test func `is called as v4l2-ctl calls it`() {
    #expect(control(.boolean, 0, 1).word == "white_balance_automatic")
    var odd = control(.boolean, 0, 1)
    odd.name = "  (Pan) +é 2 "
    #expect(odd.word == "pan_2")
  }

  @Test(
    arguments: [
      (-1e30, -64), (-64, -64), (-61, -60), (0, 0), (2.1, 4), (63, 64), (65, 64), (1e30, 64),
    ] as [(Double, Int64)]
  )
  func `takes the nearest value that is a whole number of steps away`(
    _ wish: Double,
    _ value: Int64
  ) {
    #expect(control(.integer, -64, 66, step: 4).nearest(to: wish) == value)
  }

  @Test func `takes no entry that the menu has not, and no value for a button`() {
    let menu = control(.menu([.init(value: 0, name: "Off"), .init(value: 3, name: "On")]), 0, 3)
    #expect(menu.nearest(to: 3) == 3)
    #expect(menu.nearest(to: 1) == nil)
    #expect(control(.button, 0, 0).nearest(to: 0) == nil)
    #expect(control(.boolean, 0, 1).nearest(to: 0.5) == 1)
  }

  @Test func `numbers as large as can be do no harm`() {
    let wide = control(.integer, .min, .max)
    for wish in [-.infinity, .infinity, 0, 1e18, -1e19] as [Double] {
      let value = wide.nearest(to: wish)
      #expect(value == nil || value.map { wide.state.minimum <= $0 } == true)
    }
    #expect(control(.integer, 0, 10).nearest(to: .nan) == nil)
  }
}
