// SPDX-License-Identifier: Apache-2.0

/// Why there is no picture, in a sentence that says what to do.
public enum CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text after `--camera` names no kind of source.
  case selectionUnknown(String)
  /// The source is known, but this build has no part for it.
  case notInThisBuild(String)
  /// There is no such device; `available` are the paths of the cameras that there are.
  case deviceMissing(path: String, available: [String])
  /// The user may not open the device.
  case deviceForbidden(path: String)
  /// Another program is taking pictures from the device.
  case deviceBusy(path: String)
  /// The path is no device that takes pictures.
  case notACamera(path: String)
  /// The camera has none of the formats that we understand, only `offered`.
  case formatUnknown(path: String, offered: [String])
  /// Nothing is connected to the device's input, or it is switched off.
  case noSignal(path: String)
  /// The device was there and is no more.
  case deviceGone(path: String)
  /// The driver refused a step for a reason of its own.
  case deviceFailed(path: String, step: String, reason: String)
  /// The driver refused a value for one of the camera's settings.
  case controlRefused(name: String, reason: String)
  /// There is no such file.
  case fileMissing(path: String)
  /// The user may not read the file.
  case fileForbidden(path: String)
  /// The file is not what its name promises.
  case fileMalformed(path: String, reason: String)
  /// Reading the file failed for a reason of the system.
  case fileFailed(path: String, reason: String)
  /// Whoever wrote to the standard input has closed it.
  case streamEnded(path: String)
  /// The system has no thread or descriptor left for the camera.
  case systemExhausted

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .selectionUnknown(let text):
      "camera '\(text)' is not known: use test, none, /dev/videoN, or file:PATH with a .y4m or .h264 file"
    case .notInThisBuild(let text):
      "camera '\(text)' is not in this build: run the program under libcamerify and use /dev/videoN"
    case .deviceMissing(let path, let available):
      available.isEmpty
        ? "camera \(path) does not exist, nor does any other: connect one, or use the camera 'test'"
        : "camera \(path) does not exist: use \(available.joined(separator: " or "))"
    case .deviceForbidden(let path):
      "camera \(path) may not be opened by this user: add the user to the group 'video'"
    case .deviceBusy(let path):
      "camera \(path) is in use by another program: stop that program, or use another camera"
    case .notACamera(let path):
      "\(path) takes no pictures that can be read here: 'porthole devices' lists what does"
    case .formatUnknown(let path, let offered):
      "camera \(path) delivers \(offered.isEmpty ? "nothing" : offered.joined(separator: ", ")) "
        + "only: use one that delivers NV12, YU12, YUYV or MJPG"
    case .noSignal(let path):
      "camera \(path) has no signal: connect its input and switch the other end on"
    case .deviceGone(let path):
      "camera \(path) was unplugged: plug it in again"
    case .deviceFailed(let path, let step, let reason):
      "camera \(path) failed to \(step) (\(reason)): unplug it and plug it in, or use another"
    case .controlRefused(let name, let reason):
      "the camera does not take this value for \(name): \(reason)"
    case .fileMissing(let path):
      "file \(path) does not exist: check its name"
    case .fileForbidden(let path):
      "file \(path) may not be read by this user: change its permissions"
    case .fileMalformed(let path, let reason):
      "file \(path) \(reason): use a .y4m file (YUV4MPEG2) with 8-bit 4:2:0 pictures, or H.264 with "
        + "start codes (.h264), progressive and without B-pictures"
    case .fileFailed(let path, let reason):
      "file \(path) could not be read (\(reason)): check the disk and the path"
    case .streamEnded(let path):
      "\(path) has ended: start the program that writes to it again"
    case .systemExhausted:
      "the system has no thread or descriptor left for the camera: raise its limits"
    }
  }
}
