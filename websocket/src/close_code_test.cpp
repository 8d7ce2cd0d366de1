#include <gtest/gtest.h>

#include <autobahn/websocket/close_code.hpp>
#include <set>

namespace autobahn::websocket {
namespace {

// Written from RFC 6455 section 7.4 and the IANA registry, independently of the table in the source.
bool receivable(unsigned code) {
  static const std::set<unsigned> kOk = {1000, 1001, 1002, 1003, 1007, 1008,
                                         1009, 1010, 1011, 1012, 1013, 1014};
  return kOk.contains(code) || (code >= 3000 && code <= 4999);
}

bool sendable(unsigned code) {
  static const std::set<unsigned> kOk = {1000, 1001, 1008, 1011, 1012, 1013, 1014};
  return kOk.contains(code) || (code >= 3000 && code <= 4999);
}

TEST(CloseCode, EveryNumberMayOrMayNotBeUsed) {
  for (unsigned code = 0; code <= 0xffff; ++code) {
    EXPECT_EQ(mayReceiveCloseCode(static_cast<std::uint16_t>(code)), receivable(code)) << code;
    EXPECT_EQ(maySendCloseCode(static_cast<std::uint16_t>(code)), sendable(code)) << code;
  }
}

TEST(CloseCode, HasNames) {
  EXPECT_EQ(closeCodeName(1000), "normal closure");
  EXPECT_EQ(closeCodeName(1002), "protocol error");
  EXPECT_EQ(closeCodeName(1006), "abnormal closure");
  EXPECT_EQ(closeCodeName(1015), "TLS handshake failed");
  EXPECT_EQ(closeCodeName(3000), "library");
  EXPECT_EQ(closeCodeName(4999), "application");
  constexpr std::uint16_t kUnlisted[] = {0, 999, 1004, 1016, 2999, 5000, 65535};
  for (const std::uint16_t code : kUnlisted) {
    EXPECT_EQ(closeCodeName(code), "unknown") << code;
  }
}

}  // namespace
}  // namespace autobahn::websocket
