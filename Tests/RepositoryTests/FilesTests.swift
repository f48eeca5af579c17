// SPDX-License-Identifier: Apache-2.0
import Testing

/// Rules that hold for every file of the project.
struct FilesTests {
  /// The only files of the product with the word, and the one C object or kernel interface each wraps.
  static let wrappers = [
    // The settings of a camera; a file that is read as a camera; sound cards; a V4L2 device with its buffers; encoders and a decoder.
    "Sources/Media/Capture/CameraControls.swift",
    "Sources/Media/Capture/InputFile.swift",
    "Sources/Media/Capture/JPEGDecoder.swift",
    "Sources/Media/Capture/SoundDevice.swift",
    "Sources/Media/Capture/SoundStream.swift",
    "Sources/Media/Capture/V4L2Device.swift",
    "Sources/Media/Codecs/OpusDecoder.swift",
    "Sources/Media/Codecs/OpusEncoder.swift",
    "Sources/Media/Codecs/X264Encoder.swift",
    // The monotonic clock; a thread; the memory of pictures, and bounded views of it; an eventfd.
    "Sources/Media/MediaTypes/MediaClock.swift",
    "Sources/Media/MediaTypes/MediaThread.swift",
    "Sources/Media/MediaTypes/PictureBuffer.swift",
    "Sources/Media/MediaTypes/PictureMemory.swift",
    "Sources/Media/MediaTypes/Wakeup.swift",
    // An echo canceller and a resampler of libspeexdsp.
    "Sources/Media/Sound/EchoCanceller.swift",
    "Sources/Media/Sound/Resampler.swift",
    // The files and streams of porthole-checks.
    "Sources/PortholeChecks/Files.swift",
    // The shims' sessions, certificates and keys; a libsrtp2 context; mbedTLS's hashes.
    "Sources/Protocol/DTLS/DTLSContext.swift",
    "Sources/Protocol/DTLS/DTLSIdentity.swift",
    "Sources/Protocol/SRTP/SRTPContext.swift",
    "Sources/Protocol/TLS/TLSAuthorities.swift",
    "Sources/Protocol/TLS/TLSContext.swift",
    "Sources/Protocol/TLS/TLSCredentials.swift",
    "Sources/Protocol/TLS/TLSPrivateKey.swift",
    "Sources/Protocol/Wire/Hash.swift",
    // A started program; the UDP socket; inotify; GPIO lines; Unix sockets; the executor's job reference and hook; files, process, thread, interfaces, epoll, TCP, errno.
    "Sources/System/EventLoop/ChildProcess.swift",
    "Sources/System/EventLoop/DatagramChannel.swift",
    "Sources/System/EventLoop/DirectoryWatch.swift",
    "Sources/System/EventLoop/EventLoop+Executor.swift",
    "Sources/System/EventLoop/EventLoop+GlobalTasks.swift",
    "Sources/System/EventLoop/GPIOButton.swift",
    "Sources/System/EventLoop/GPIOLine.swift",
    "Sources/System/EventLoop/LocalExchange.swift",
    "Sources/System/EventLoop/LocalFile.swift",
    "Sources/System/EventLoop/LocalListener.swift",
    "Sources/System/EventLoop/LocalProcess.swift",
    "Sources/System/EventLoop/LoopThread.swift",
    "Sources/System/EventLoop/NetworkInterface.swift",
    "Sources/System/EventLoop/Poller.swift",
    "Sources/System/EventLoop/StreamDescriptor.swift",
    "Sources/System/EventLoop/SystemErrorText.swift",
  ]

  /// Most lines of a file that wraps: what is unsafe must be readable at one sight.
  static let longestWrapper = 300

  /// Every file that people write: no licence text, no inputs of the fuzzer.
  static let written = Repository.files().filter { path in
    path != "LICENSE" && !path.hasPrefix("Tests/Fuzz/Corpus/")
      && !path.hasPrefix("Tests/Fuzz/FailCases/")
  }

  @Test func `the word unsafe stands only in the listed files, and they are short`() {
    let found = Self.written.filter { path in
      path.hasPrefix("Sources/") && path.hasSuffix(".swift")
        && SourceCode(path).code.lowercased().holds("unsafe")
    }
    #expect(found == Self.wrappers)
    let long = found.filter { Repository.lines($0).count > Self.longestWrapper }
    #expect(long == [])
  }

  @Test func `no C type stands in a public signature of a wrapper`() {
    // Names that only C knows: pointers, and the prefixes of the libraries and shims.
    let foreign = [
      "Pointer<", "OpaquePointer", "RawPointer", "BufferPointer", "x264_", "srtp_", "mbedtls_",
      "cdtls_", "ctls_", "clinux_", "cv4l2_", "calsa_", "copus_", "cspeexdsp_", "CInt", "CChar",
    ]
    var offences: [String] = []
    for path in Self.wrappers {
      for line in SourceCode(path).code.utf8.split(separator: 10) {
        // What stands behind the brace is the body.
        let signature = String(decoding: line.prefix { $0 != UInt8(ascii: "{") }, as: UTF8.self)
        guard signature.holds("public ") else { continue }
        for name in foreign where signature.holds(name) {
          offences.append("\(path): \(signature)")
        }
      }
    }
    #expect(offences == [])
  }

  @Test func `no file has more than 500 lines`() {
    let long = Self.written.map { ($0, Repository.lines($0).count) }.filter { $0.1 > 500 }
    #expect(long.map { "\($0.0): \($0.1)" } == [])
  }

  @Test func `each source begins with its licence`() {
    let kinds = [
      ".swift", ".c", ".h", ".py", ".js", ".html", ".css", ".modulemap", "/run", "/build",
    ]
    let sources = Self.written.filter { path in
      kinds.contains { path.hasSuffix($0) } || path.hasPrefix("tools/") || path == "Makefile"
    }
    #expect(sources.count > 50)
    let bare = sources.filter { path in
      var lines = Repository.lines(path)[...]
      // What a kernel, SwiftPM or a browser must read first.
      let isFirstOfAll = ["#!", "// swift-tools-version", "<!doctype html>"]
        .contains { lines.first?.hasPrefix($0) == true }
      if isFirstOfAll { lines.removeFirst() }
      return lines.first?.holds("SPDX-License-Identifier: Apache-2.0") != true
    }
    #expect(bare == [])
  }

  @Test func `no file speaks of work left over or of one machine`() {
    let words = [
      "TO" + "DO", "FIX" + "ME", "/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/",
    ]
    var offences: [String] = []
    for path in Self.written {
      for (number, line) in Repository.lines(path).enumerated() {
        for word in words where line.holds(word) {
          offences.append("\(path):\(number + 1): \(word)")
        }
      }
    }
    #expect(offences == [])
  }
}
