#include "proxy_header.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "http_text.hpp"

namespace autobahn::inline v0::websocket {
namespace {

constexpr std::string_view kTextStart = "PROXY ";
constexpr std::size_t kMaxText = 107;  // bytes of a version 1 line with its CRLF
constexpr std::string_view kBinaryStart("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kLead = 16;  // signature, version and command, family, length

// Version 2: family and transport, and the size of its two addresses and ports.
struct Family {
  std::uint8_t code;
  ProxySource::Kind kind;
  std::size_t size;
};
constexpr std::array kFamilies = {
    Family{0x00, ProxySource::Kind::unknown, 0}, Family{0x11, ProxySource::Kind::tcp4, 12},
    Family{0x21, ProxySource::Kind::tcp6, 36}, Family{0x31, ProxySource::Kind::unixSocket, 216}};

std::uint16_t bigEndian(std::string_view two) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(two[0]) << 8U |
                                    static_cast<unsigned char>(two[1]));
}

std::string spell(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* spelled = ::inet_ntop(family, address, text.data(), text.size());
  return spelled == nullptr ? std::string{} : std::string(spelled);
}

// The usual spelling, or empty when `text` is no address of that family.
std::string normalised(int family, std::string_view text) {
  std::array<unsigned char, 16> raw{};
  return ::inet_pton(family, std::string(text).c_str(), raw.data()) == 1 ? spell(family, raw.data())
                                                                         : std::string{};
}

std::optional<std::uint16_t> parsePort(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return http::parseNumber<std::uint16_t>(text);
}

}  // namespace

std::string ProxySource::peer() const {
  switch (kind) {
    case Kind::unknown:
      return {};
    case Kind::tcp4:
      return "tcp4:" + address + ':' + std::to_string(port);
    case Kind::tcp6:
      return "tcp6:[" + address + "]:" + std::to_string(port);
    case Kind::unixSocket:
      return "unix:" + address;
  }
  return {};
}

void ProxyHeaderParser::fail(std::string reason) {
  status_ = Status::bad;
  error_ = "PROXY header: " + std::move(reason);
}

ProxyHeaderParser::Status ProxyHeaderParser::feed(std::string_view& input) {
  while (!input.empty() && status_ == Status::partial) {
    if (needed_ != 0 && bytes_.size() == needed_) {
      const std::size_t size = std::min(skip_, input.size());
      skip_ -= size;
      input.remove_prefix(size);
      if (skip_ == 0) parseAddresses();
    } else {
      takeByte(input.front());
      input.remove_prefix(1);
    }
  }
  return status_;
}

void ProxyHeaderParser::takeByte(char byte) {
  bytes_ += byte;
  if (bytes_.front() == kTextStart.front()) {
    takeText(byte);
  } else {
    takeBinary(byte);
  }
}

void ProxyHeaderParser::takeText(char byte) {
  const std::size_t size = bytes_.size();
  if (size <= kTextStart.size()) {
    if (byte != kTextStart[size - 1]) fail("the connection does not start with one");
  } else if (byte == '\n') {
    if (bytes_[size - 2] != '\r') return fail("line ends in LF without CR");
    parseText(std::string_view(bytes_).substr(kTextStart.size(), size - kTextStart.size() - 2));
  } else if (size >= kMaxText) {
    fail("line is longer than 107 bytes");
  } else if (byte == '\0') {
    fail("line holds NUL");
  }
}

// "TCP4 source destination port port": single spaces, nothing more.
void ProxyHeaderParser::parseText(std::string_view line) {
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) {
    status_ = Status::complete;
    return;
  }
  std::array<std::string_view, 5> words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t space = i + 1 < words.size() ? line.find(' ') : line.size();
    if (space == std::string_view::npos) return fail("line has too few words");
    words[i] = line.substr(0, space);
    line.remove_prefix(std::min(space + 1, line.size()));
  }
  const bool isIpv4 = words[0] == "TCP4";
  if (!isIpv4 && words[0] != "TCP6") return fail("transport is not TCP4, TCP6 or UNKNOWN");
  const int family = isIpv4 ? AF_INET : AF_INET6;
  source_.address = normalised(family, words[1]);
  if (source_.address.empty() || normalised(family, words[2]).empty()) return fail("malformed address");
  const auto port = parsePort(words[3]);
  if (!port || !parsePort(words[4])) return fail("malformed port");
  source_.port = *port;
  source_.kind = isIpv4 ? ProxySource::Kind::tcp4 : ProxySource::Kind::tcp6;
  status_ = Status::complete;
}

void ProxyHeaderParser::takeBinary(char byte) {
  const std::size_t size = bytes_.size();
  if (size <= kBinaryStart.size()) {
    if (byte != kBinaryStart[size - 1]) fail("the connection does not start with one");
  } else if (size == kLead) {
    parseLead();
  } else if (size == needed_ && skip_ == 0) {
    parseAddresses();
  }
}

void ProxyHeaderParser::parseLead() {
  const auto command = static_cast<std::uint8_t>(bytes_[12]);
  const auto code = static_cast<std::uint8_t>(bytes_[13]);
  const std::size_t length = bigEndian(std::string_view(bytes_).substr(14, 2));
  if (command != 0x20 && command != 0x21)
    return fail("version is not 2 or command is neither LOCAL nor PROXY");
  const bool isLocal = command == 0x20;
  const auto* family = std::ranges::find(kFamilies, code, &Family::code);
  // LOCAL: whatever stands behind the length is passed over.
  if (!isLocal && family == kFamilies.end())
    return fail("family is not UNSPEC, or a stream over INET, INET6 or UNIX");
  const std::size_t addresses = isLocal ? 0 : family->size;
  if (length < addresses) return fail("length is too small for the addresses");
  source_.kind = isLocal ? ProxySource::Kind::unknown : family->kind;
  needed_ = kLead + addresses;
  skip_ = length - addresses;
  if (addresses == 0 && skip_ == 0) parseAddresses();
}

void ProxyHeaderParser::parseAddresses() {
  const std::string_view addresses = std::string_view(bytes_).substr(kLead);
  switch (source_.kind) {
    case ProxySource::Kind::unknown:
      break;
    case ProxySource::Kind::tcp4:
      source_.address = spell(AF_INET, addresses.data());
      source_.port = bigEndian(addresses.substr(8));
      break;
    case ProxySource::Kind::tcp6:
      source_.address = spell(AF_INET6, addresses.data());
      source_.port = bigEndian(addresses.substr(32));
      break;
    case ProxySource::Kind::unixSocket:
      source_.address = addresses.substr(0, std::min<std::size_t>(addresses.find('\0'), 108));
      // It goes into logs and headers.
      std::ranges::replace_if(
          source_.address, [](char c) { return c < ' ' || c == 0x7f; }, '?');
      break;
  }
  status_ = Status::complete;
}

}  // namespace autobahn::inline v0::websocket
