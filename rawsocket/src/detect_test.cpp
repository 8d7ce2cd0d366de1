#include <gtest/gtest.h>

#include <autobahn/rawsocket/detect.hpp>
#include <string>

namespace autobahn::rawsocket {
namespace {

TEST(Detect, TellsByTheFirstOctet) {
  EXPECT_EQ(detectProtocol(""), WireProtocol::undecided);
  EXPECT_EQ(detectProtocol("\x7F"), WireProtocol::rawSocket);
  EXPECT_EQ(detectProtocol(std::string("\x7F\xF1\0\0", 4)), WireProtocol::rawSocket);
  for (const char* method :
       {"GET / HTTP/1.1", "G", "POST", "OPTIONS", "PROPFIND", "\r\nGET", "\nGET", "m-search"})
    EXPECT_EQ(detectProtocol(method), WireProtocol::http) << method;
  EXPECT_EQ(detectProtocol("\x16\x03\x01"), WireProtocol::tls);
}

TEST(Detect, EveryFirstOctetIsDecidedWithOneOctet) {
  int counts[5] = {};
  for (int octet = 0; octet < 256; ++octet) {
    const char byte = static_cast<char>(octet);
    ++counts[static_cast<int>(detectProtocol({&byte, 1}))];
  }
  EXPECT_EQ(counts[static_cast<int>(WireProtocol::undecided)], 0);
  EXPECT_EQ(counts[static_cast<int>(WireProtocol::rawSocket)], 1);
  EXPECT_EQ(counts[static_cast<int>(WireProtocol::tls)], 1);
  EXPECT_EQ(counts[static_cast<int>(WireProtocol::http)], 26 + 26 + 10 + 15 + 2);
}

TEST(Detect, HttpIsNeverTakenForRawSocket) {
  // 0x7F is no token character (RFC 9110 section 5.6.2).
  EXPECT_EQ(detectProtocol(std::string(1, '\x7E')), WireProtocol::http);
  EXPECT_EQ(detectProtocol(std::string(1, '\x80')), WireProtocol::unknown);
  EXPECT_EQ(detectProtocol(std::string(1, '\0')), WireProtocol::unknown);
}

}  // namespace
}  // namespace autobahn::rawsocket
