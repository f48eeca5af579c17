// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing
import Wire

@testable import EventLoop

struct DirectoryWatchTests {
  /// A new directory, removed with what `body` left in it.
  private func inDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/porthole-watch-XXXXXX".utf8.map { CChar(bitPattern: $0) } + [0])
    let path = try #require(
      unsafe mkdtemp(&template).map { unsafe String(cString: $0) },
      "no directory for the test"
    )
    defer { unsafe rmdir(path) }
    try body(path)
  }

  private func make(_ path: String) {
    close(unsafe open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
  }

  @Test func `tells of what comes, changes its permissions and goes`() throws {
    try inDirectory { path in
      let file = path + "/video7"
      var steps = [{ self.make(file) }, { unsafe chmod(file, 0o400) }, { unsafe unlink(file) }]
      try runLoop { loop in
        let watch = try DirectoryWatch(of: path, entries: "video", on: loop) {
          guard !steps.isEmpty else { return loop.stop() }
          steps.removeFirst()()
        }
        steps.removeFirst()()
        return watch
      }
      #expect(steps.isEmpty)
    }
  }

  @Test func `passes over what is called otherwise`() throws {
    try inDirectory { path in
      var told: [String] = []
      try runLoop { loop in
        let video = try DirectoryWatch(of: path, entries: "video", on: loop) {
          told.append("video")
          loop.stop()
        }
        var isFirst = true
        let sound = try DirectoryWatch(of: path, entries: "sound", on: loop) {
          guard isFirst else { return }
          isFirst = false
          told.append("sound")
          make(path + "/video0")
        }
        make(path + "/sound0")
        return (video, sound)
      }
      #expect(told == ["sound", "video"])
      for name in ["sound0", "video0"] { unsafe unlink("\(path)/\(name)") }
    }
  }

  @Test func `says which directory cannot be watched`() throws {
    try runLoop { loop in
      defer { loop.stop() }
      #expect(throws: EventLoopError.system(action: "watch /none", code: ENOENT)) {
        _ = try DirectoryWatch(of: "/none", entries: "", on: loop) {}
      }
    }
  }
}
