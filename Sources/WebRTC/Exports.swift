// SPDX-License-Identifier: Apache-2.0

// A program that imports WebRTC needs no other import: these are the modules whose types stand in its
// signatures.
@_exported public import Capture
@_exported public import Codecs
@_exported public import EventLoop
@_exported public import MediaTypes
