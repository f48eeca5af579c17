// SPDX-License-Identifier: Apache-2.0
// The bridge between libFuzzer and one FuzzTarget, built by tools/fuzz (not part of the package).
import Checks
import Glibc

private let target: FuzzTarget = {
  let name = getenv("PORTHOLE_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    let names = FuzzTarget.all.map(\.name).joined(separator: " ")
    let sentence = Array("no fuzz target is called \(name); there are: \(names)\n".utf8)
    _ = write(STDERR_FILENO, sentence, sentence.count)
    // Not `exit`: the sanitizer would complain of what is still in use.
    _exit(2)
  }
  return target
}()

/// Called once before any input: writes the target's seeds beside the corpus that libFuzzer reads.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<Int32>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>
) -> Int32 {
  guard let folder = getenv("PORTHOLE_FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
  for (number, seed) in target.seeds.enumerated() {
    guard let file = fopen("\(folder)/seed-\(number)", "w") else { continue }
    fwrite(seed, 1, seed.count, file)
    fclose(file)
  }
  return 0
}

/// Feeds one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func feed(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  target.feed(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
