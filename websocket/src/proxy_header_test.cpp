#include "proxy_header.hpp"

#include <gtest/gtest.h>

#include <string>

namespace autobahn::websocket {
namespace {

using Status = ProxyHeaderParser::Status;

// Fed whole, byte by byte, and in threes; "peer|rest" or "bad" or "partial".
std::string parse(const std::string& text) {
  std::string result;
  for (const std::size_t step : {text.size() + 1, std::size_t{1}, std::size_t{3}}) {
    ProxyHeaderParser parser;
    std::string_view all = text;
    Status status = Status::partial;
    while (!all.empty() && status == Status::partial) {
      std::string_view piece = all.substr(0, step);
      const std::size_t given = piece.size();
      status = parser.feed(piece);
      all.remove_prefix(given - piece.size());
    }
    std::string outcome = "partial";
    if (status == Status::bad) {
      EXPECT_FALSE(parser.error().empty());
      outcome = "bad";
    } else if (status == Status::complete) {
      outcome = parser.source().peer() + '|' + std::string(all);
    }
    if (!result.empty()) {
      EXPECT_EQ(outcome, result) << "step " << step;
    }
    result = outcome;
  }
  return result;
}

TEST(ProxyHeader, Version1) {
  const struct {
    std::string text, result;
  } cases[] = {
      {"PROXY TCP4 192.0.2.1 10.0.0.1 51234 80\r\nGET", "tcp4:192.0.2.1:51234|GET"},
      {"PROXY TCP6 2001:DB8:0::1 ::1 65535 0\r\n", "tcp6:[2001:db8::1]:65535|"},
      {"PROXY UNKNOWN\r\nx", "|x"},
      {"PROXY UNKNOWN whatever it is\r\nx", "|x"},
      {"PROXY TCP4 192.0.2.1", "partial"},
      {"GET / HTTP/1.1\r\n", "bad"},
      {"PRI", "bad"},
      {"PROXY\tTCP4", "bad"},
      {"PROXY TCP4 192.0.2.1 10.0.0.1 51234 80\n", "bad"},
      {"PROXY UNKNOWNX\r\n", "bad"},
      {"PROXY \r\n", "bad"},
      {"PROXY TCP4\r\n", "bad"},
      {"PROXY TCP5 192.0.2.1 10.0.0.1 1 2\r\n", "bad"},
      {"PROXY TCP4 192.0.2.1 10.0.0.1 1\r\n", "bad"},
      {"PROXY TCP4 192.0.2.1 10.0.0.1 1 2 3\r\n", "bad"},
      {"PROXY TCP4 192.0.2.1  10.0.0.1 1 2\r\n", "bad"},
      {"PROXY TCP4 192.0.2.256 10.0.0.1 1 2\r\n", "bad"},
      {"PROXY TCP4 ::1 10.0.0.1 1 2\r\n", "bad"},
      {"PROXY TCP6 10.0.0.1 ::1 1 2\r\n", "bad"},
      {"PROXY TCP4 192.0.2.1 x 1 2\r\n", "bad"},
      {"PROXY TCP4 192.0.2.1 10.0.0.1 65536 2\r\n", "bad"},
      {"PROXY TCP4 192.0.2.1 10.0.0.1 01 2\r\n", "bad"},
      {"PROXY TCP4 192.0.2.1 10.0.0.1 -1 2\r\n", "bad"},
      {"PROXY TCP4 192.0.2.1 10.0.0.1 1 \r\n", "bad"},
      {"PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", "|"},
      {"PROXY UNKNOWN " + std::string(92, 'x') + "\r\n", "bad"},
      {"PROXY UNKNOWN " + std::string(1000, 'x'), "bad"},
      {std::string("PROXY UNKNOWN \0\r\n", 17), "bad"},
  };
  for (const auto& c : cases) EXPECT_EQ(parse(c.text), c.result) << c.text;
}

std::string binary(int command, int family, const std::string& payload, int length = -1) {
  std::string text("\r\n\r\n\0\r\nQUIT\n", 12);
  const std::size_t size = length < 0 ? payload.size() : static_cast<std::size_t>(length);
  text += static_cast<char>(command);
  text += static_cast<char>(family);
  text += static_cast<char>(size >> 8U);
  text += static_cast<char>(size & 255U);
  return text + payload;
}

TEST(ProxyHeader, Version2) {
  const std::string four("\xc0\x00\x02\x01\x0a\x00\x00\x01\xc8\x22\x00\x50", 12);
  const std::string six = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x01" +
                          std::string(16, '\0') + std::string("\x00\x07\x00\x50", 4);
  std::string local = "/run/a\n.sock";
  local.resize(216, '\0');
  const struct {
    std::string text, result;
  } cases[] = {
      {binary(0x21, 0x11, four) + "GET", "tcp4:192.0.2.1:51234|GET"},
      {binary(0x21, 0x11, four + "\x03tlv") + "GET", "tcp4:192.0.2.1:51234|GET"},
      {binary(0x21, 0x11, four + std::string(65000, 't')) + "G", "tcp4:192.0.2.1:51234|G"},
      {binary(0x21, 0x21, six) + "x", "tcp6:[2001:db8::1]:7|x"},
      {binary(0x21, 0x31, local) + "x", "unix:/run/a?.sock|x"},
      {binary(0x21, 0x31, std::string(216, 'u')) + "x", "unix:" + std::string(108, 'u') + "|x"},
      {binary(0x20, 0x00, "") + "x", "|x"},
      {binary(0x20, 0x11, four) + "x", "|x"},
      {binary(0x20, 0x99, "12345") + "x", "|x"},
      {binary(0x21, 0x00, "") + "x", "|x"},
      {binary(0x21, 0x00, "123") + "x", "|x"},
      {binary(0x21, 0x11, four.substr(0, 11)), "bad"},
      {binary(0x21, 0x11, four, 65535), "partial"},
      {binary(0x21, 0x21, four), "bad"},
      {binary(0x21, 0x31, six), "bad"},
      {binary(0x21, 0x12, four), "bad"},
      {binary(0x21, 0x41, four), "bad"},
      {binary(0x22, 0x11, four), "bad"},
      {binary(0x11, 0x11, four), "bad"},
      {std::string("\r\n\r\n\0\r\nQUIT", 11), "partial"},
      {"\r\n\r\nGET", "bad"},
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) EXPECT_EQ(parse(cases[i].text), cases[i].result) << i;
}

}  // namespace
}  // namespace autobahn::websocket
