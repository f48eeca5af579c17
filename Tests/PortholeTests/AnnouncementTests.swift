// SPDX-License-Identifier: Apache-2.0
@testable import Porthole
import Testing

@Suite struct AnnouncementTests {
  private func text(_ token: String?, _ controlToken: String?) -> String {
    Announcement(hosts: ["192.0.2.1", "::1"], port: 80, token: token, controlToken: controlToken)
      .text
  }

  @Test func `gives every address with the token to watch`() {
    let watch = "Open in a browser:\n  http://192.0.2.1:80/?token=aa\n  http://[::1]:80/?token=aa\n"
    #expect(text("aa", nil) == watch)
    #expect(text(nil, nil) == "Open in a browser:\n  http://192.0.2.1:80/\n  http://[::1]:80/\n")
    #expect(text("aa", "aa") == watch, "one token that does both is told once")
  }

  @Test func `gives the token to control behind it`() {
    for token in ["aa", nil] {
      let both = text(token, "bb")
      #expect(both.utf8.starts(with: text(token, nil).utf8))
      #expect(both.holds("To control"))
      #expect(both.holds("\n  http://192.0.2.1:80/?token=bb\n  http://[::1]:80/?token=bb\n"))
    }
  }

  @Test func `says how the page is had by HTTPS`() {
    var announcement = Announcement(hosts: ["192.0.2.1"], port: 80, token: "aa", controlToken: nil)
    let plain = announcement.text
    announcement.security = .own("AB:CD")
    #expect(announcement.text.utf8.starts(with: plain.utf8))
    #expect(announcement.text.holds("\n  http://192.0.2.1:80/trust\n"))
    #expect(announcement.text.holds("AB:CD\n"))
    announcement.security = .known(["shed.example"])
    #expect(announcement.text.utf8.starts(with: plain.utf8))
    #expect(announcement.text.holds("\n  https://shed.example:80/?token=aa\n"))
    announcement.security = .known([])
    #expect(announcement.text == plain)
  }
}
