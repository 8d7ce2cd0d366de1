// The header of the PROXY protocol: the same in pieces, nothing behind it touched, and a source that fits.
#include "websocket/src/proxy_header.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "choices.hpp"
#include "target.hpp"

namespace autobahn::fuzz {
namespace {

using websocket::ProxyHeaderParser;
using websocket::ProxySource;
using Status = ProxyHeaderParser::Status;

struct Reading {
  Status status;
  std::size_t taken;
  std::string said;
  bool operator==(const Reading&) const = default;
};

Reading read(ProxyHeaderParser& parser, std::string_view input, std::uint32_t how) {
  Cuts cuts(how);
  Reading reading{Status::partial, 0, {}};
  while (reading.taken < input.size() && reading.status == Status::partial) {
    const ExactBytes piece(input.substr(reading.taken, cuts.next(input.size() - reading.taken)));
    std::string_view left = piece.view();
    reading.status = parser.feed(left);
    reading.taken += piece.view().size() - left.size();
    require(left.empty() || reading.status != Status::partial, "not all of a partial header was taken");
  }
  reading.said = reading.status == Status::bad ? parser.error() : parser.source().peer();
  return reading;
}

bool isAddress(int family, const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(family, text.c_str(), bytes.data()) == 1;
}

void checkSource(const ProxySource& source) {
  switch (source.kind) {
    case ProxySource::Kind::unknown:
      return require(source.address.empty() && source.port == 0, "an unknown source has an address");
    case ProxySource::Kind::tcp4:
      return require(isAddress(AF_INET, source.address), "not an IPv4 address: " + source.address);
    case ProxySource::Kind::tcp6:
      return require(isAddress(AF_INET6, source.address), "not an IPv6 address: " + source.address);
    case ProxySource::Kind::unixSocket:
      require(source.address.size() <= 108 && source.port == 0, "not a Unix socket");
      return require(
          std::ranges::none_of(source.address, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }),
          "a control character in an address");
  }
}

// What a header takes, told from its first bytes alone.
std::size_t sizeOf(std::string_view header) {
  if (header.starts_with("PROXY ")) return header.find("\r\n") + 2;
  return 16 + static_cast<unsigned char>(header[14]) * 256U + static_cast<unsigned char>(header[15]);
}

// A header of version 1 that says what was read.
void checkText(const ProxySource& source) {
  if (source.kind != ProxySource::Kind::tcp4 && source.kind != ProxySource::Kind::tcp6) return;
  const std::string line = (source.kind == ProxySource::Kind::tcp4 ? "PROXY TCP4 " : "PROXY TCP6 ") +
                           source.address + ' ' + source.address + ' ' + std::to_string(source.port) +
                           " 443\r\n";
  ProxyHeaderParser parser;
  require(read(parser, line, 0).status == Status::complete,
          "what was read is refused when it is written: " + line);
  require(parser.source().peer() == source.peer(), "it comes back as another one");
}

}  // namespace

void tryProxy(std::string_view input) {
  Choices choices(input);
  const std::uint32_t seed = choices.byte();
  const std::string_view text = choices.rest();
  ProxyHeaderParser parser;
  const Reading whole = read(parser, text, 0);
  for (const std::uint32_t cuts : {1U, 2U + seed, 300U + seed}) {
    ProxyHeaderParser other;
    require(read(other, text, cuts) == whole, "in pieces it is another one");
  }
  if (whole.status == Status::bad) require(!whole.said.empty(), "refused without a reason");
  if (whole.status != Status::complete) return;
  require(whole.taken == sizeOf(text), "another size");
  checkSource(parser.source());
  checkText(parser.source());
}

}  // namespace autobahn::fuzz
