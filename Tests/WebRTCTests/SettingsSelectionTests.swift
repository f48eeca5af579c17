// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import WebRTC

struct SettingsSelectionTests {
  /// 640x480 and 1280x720 at 15 and 30, 1920x1080 at 15.
  private static let pictures = [
    (1280, 720, 30.0), (1280, 720, 15), (640, 480, 30), (640, 480, 15), (1920, 1080, 15),
  ].map { width, height, rate in
    var settings = MediaTrackSettings()
    settings.width = width
    settings.height = height
    settings.aspectRatio = Double(width) / Double(height)
    settings.frameRate = rate
    settings.deviceId = "/dev/video0"
    return settings
  }

  /// A sound card with and without the canceller of echoes, which has one channel and 48 kHz only.
  private static let sounds = [(48000, 2, false), (44100, 2, false), (48000, 1, true)].map {
    found in
    var settings = MediaTrackSettings()
    (settings.sampleRate, settings.channelCount, settings.echoCancellation) = found
    settings.deviceId = "default"
    return settings
  }

  private func picture(_ constraints: MediaTrackConstraints) throws -> [Int?] {
    let index = try SettingsSelection.best(of: Self.pictures, for: constraints, .video)
    let settings = Self.pictures[index]
    return [settings.width, settings.height, settings.frameRate.map { Int($0) }]
  }

  private func sound(_ constraints: MediaTrackConstraints) throws -> Int {
    try SettingsSelection.best(of: Self.sounds, for: constraints, .audio)
  }

  /// The constraint that fails; `nil` when none does.
  private func failure(
    _ constraints: MediaTrackConstraints,
    _ kind: MediaStreamTrack.Kind = .video
  ) -> String? {
    let candidates = kind == .video ? Self.pictures : Self.sounds
    do throws(RTCError) {
      _ = try SettingsSelection.best(of: candidates, for: constraints, kind)
      return nil
    } catch {
      #expect(error.name == .overconstrained)
      return error.constraint ?? "no constraint at all"
    }
  }

  @Test func `without constraints takes the first`() throws {
    #expect(try picture(.init()) == [1280, 720, 30])
  }

  @Test func `takes the nearest to all ideals together`() throws {
    #expect(try picture(.init(width: 700)) == [640, 480, 30])
    #expect(try picture(.init(width: .ideal(1800))) == [1920, 1080, 15])
    // Too small by a half is worse than too slow by a half and right in size.
    #expect(try picture(.init(width: 1920, height: 1080, frameRate: 30)) == [1920, 1080, 15])
    #expect(try picture(.init(width: 1400, frameRate: 30)) == [1280, 720, 30])
  }

  @Test func `what must be comes before what would be best`() throws {
    #expect(try picture(.init(width: 1920, frameRate: .min(20))) == [1280, 720, 30])
    #expect(try picture(.init(width: 1920, height: .max(500))) == [640, 480, 30])
    #expect(try picture(.init(frameRate: .exact(15))) == [1280, 720, 15])
    #expect(try picture(.init(aspectRatio: .max(1.4))) == [640, 480, 30])
  }

  @Test func `names the constraint that nothing satisfies`() {
    #expect(failure(.init(width: .exact(12345))) == "width")
    #expect(failure(.init(height: .min(2000))) == "height")
    #expect(failure(.init(frameRate: .max(5))) == "frameRate")
    #expect(failure(.init(deviceId: .exact("/dev/video7"))) == "deviceId")
    #expect(failure(.init(groupId: .exact("usb"))) == "groupId")
    #expect(failure(.init(width: .exact(640), frameRate: .exact(60))) == "frameRate")
  }

  @Test func `names none where each can be satisfied, but not all at once`() {
    #expect(failure(.init(width: .exact(1920), frameRate: .exact(30))) == "")
  }

  @Test func `says in its message what there is`() {
    do throws(RTCError) {
      _ = try SettingsSelection.best(
        of: Self.pictures,
        for: .init(width: .exact(12345)),
        .video
      )
      Issue.record("nothing was thrown")
    } catch {
      #expect(
        error.message == "No device satisfies the constraint width: there is only 1280, 640, 1920."
      )
    }
  }

  @Test func `meets each advanced set as a whole, or passes over it`() throws {
    let sets = [
      MediaTrackConstraintSet(width: 1920, frameRate: 30), MediaTrackConstraintSet(width: 1920),
      MediaTrackConstraintSet(width: 640),
    ]
    #expect(try picture(.init(advanced: sets)) == [1920, 1080, 15])
    #expect(try picture(.init(frameRate: .min(20), advanced: sets)) == [640, 480, 30])
    #expect(
      try picture(.init(width: 640, advanced: [.init(frameRate: .max(20))])) == [640, 480, 15]
    )
  }

  @Test func `chooses sound by sampleRate, channelCount and echoCancellation`() throws {
    #expect(try sound(.init()) == 0)
    #expect(try sound(.init(sampleRate: 44000)) == 1)
    #expect(try sound(.init(channelCount: .exact(1))) == 2)
    #expect(try sound(.init(echoCancellation: true)) == 2)
    #expect(try sound(.init(sampleRate: .exact(44100), echoCancellation: true)) == 1)
    #expect(failure(.init(sampleRate: .exact(96000)), .audio) == "sampleRate")
    #expect(failure(.init(channelCount: .min(3)), .audio) == "channelCount")
    #expect(failure(.init(channelCount: .exact(2), echoCancellation: .exact(true)), .audio) == "")
  }

  @Test func `passes over what does not apply to the kind`() throws {
    #expect(
      try picture(.init(sampleRate: .exact(1), echoCancellation: .exact(true))) == [1280, 720, 30]
    )
    #expect(try sound(.init(width: .exact(1), frameRate: .exact(1))) == 0)
  }
}
