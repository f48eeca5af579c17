// SPDX-License-Identifier: Apache-2.0
import EventLoop
import Glibc
import Testing

@Suite struct LocalProcessTests {
  @Test func `does without huge pages once memory is to be kept small`() async {
    await #expect(processExitsWith: .exitCode(42)) {
      LocalProcess.economizeMemory()
      let status = try LocalFile.read("/proc/self/status", limit: 16_384) ?? []
      let text = String(decoding: status, as: UTF8.self)
      exit(text.split(separator: "\n").contains("THP_enabled:\t0") ? 42 : 1)
    }
  }

  @Test func `gives back what lies free between blocks that are in use`() async {
    await #expect(processExitsWith: .exitCode(42)) {
      LocalProcess.economizeMemory()
      var blocks = (0..<400).map { _ in [UInt8](repeating: 1, count: 65_536) }
      let full = residentPages()
      for index in blocks.indices where index % 16 != 0 { blocks[index] = [] }
      LocalProcess.releaseFreeMemory()
      let freed = full - residentPages()
      exit(freed * sysconf(Int32(_SC_PAGESIZE)) > 20_000_000 && blocks[16].count == 65_536 ? 42 : 1)
    }
  }
}

/// How much of this process is in memory.
private func residentPages() -> Int {
  let numbers = try? LocalFile.read("/proc/self/statm", limit: 256)
  let fields = String(decoding: numbers ?? [], as: UTF8.self).split(separator: " ")
  return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
}
