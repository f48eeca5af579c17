// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
  name: "Loopback",
  dependencies: [.package(name: "porthole", path: "../..")],
  targets: [
    .executableTarget(
      name: "Loopback",
      dependencies: [.product(name: "WebRTC", package: "porthole")]
    )
  ],
  swiftLanguageModes: [.v6]
)
