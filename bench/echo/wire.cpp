#include "wire.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <random>
#include <stdexcept>

namespace bench {
namespace {

std::string_view unitOf(Content content) {
  switch (content) {
    case Content::ascii:
      return "The quick brown fox jumps over the lazy dog. ";
    case Content::cyrillic:
      return "Съешь ещё этих мягких французских булок, да выпей чаю. ";
    case Content::japanese:
      return "いろはにほへとちりぬるを、わかよたれそつねならむ。";
    case Content::binary:
    case Content::json:
      break;
  }
  return {};
}

/// Records of different fields with values that differ, as services exchange them; cut at `size`.
std::string makeJson(std::size_t size, std::mt19937& random) {
  constexpr std::array<std::string_view, 8> words{"inbound", "outbound", "pending", "confirmed",
                                                  "north",   "kitchen",  "garage",  "unknown"};
  const auto below = [&random](std::uint32_t limit) { return std::to_string(random() % limit); };
  std::string text = "[";
  while (text.size() < size) {
    text += R"({"id":)" + below(1000000) + R"(,"sensor":")";
    text += words[random() % words.size()];
    text += "-" + below(50) + R"(","temperature":)" + below(40) + "." + below(100) + R"(,"valid":)";
    text += random() % 2 == 0 ? "true" : "false";
    text += R"(,"tags":[")";
    text.append(words[random() % words.size()]).append("\",\"").append(words[random() % words.size()]);
    text += R"("],"time":"2026-05-)" + below(28) + "T" + below(24) + ":" + below(60) + R"("},)";
  }
  text.resize(size);
  return text;
}

}  // namespace

int connectTo(std::uint16_t port, std::uint32_t source) {
  const int fd = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  const int on = 1;
  if (source != 0) {
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in local = loopback(0);
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK + source % 250);
    check(bind(fd, reinterpret_cast<sockaddr*>(&local), sizeof local), "bind");
  }
  sockaddr_in address = loopback(port);
  check(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), "connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval patience{10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return fd;
}

std::string upgradeRequest(std::uint16_t port, std::string_view offer) {
  std::string request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (!offer.empty()) request.append("Sec-WebSocket-Extensions: ").append(offer).append("\r\n");
  return request + "\r\n";
}

bool isUpgraded(std::string_view head) {
  return head.starts_with("HTTP/1.1 101 ") && head.find(kAccept) != std::string_view::npos;
}

void sendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const int sent = check(static_cast<int>(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL)), "send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string makePayload(Content content, std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  if (content == Content::json) return makeJson(size, random);
  std::string payload;
  payload.reserve(size);
  if (content == Content::binary) {
    while (payload.size() < size) payload += static_cast<char>(random());
    return payload;
  }
  const std::string_view unit = unitOf(content);
  while (payload.size() + unit.size() <= size) payload += unit;
  return payload.append(size - payload.size(), '.');  // never half a code point
}

// RFC 6455, section 5.2. One mask serves for all: nobody attacks a proxy here.
std::string makeFrame(unsigned opcode, std::string_view payload, bool isMasked) {
  constexpr std::array<unsigned char, 4> mask{0x37, 0xfa, 0x21, 0x3d};
  std::string frame(1, static_cast<char>(kFin | opcode));
  const std::size_t size = payload.size();
  const int lengthBytes = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  const std::size_t shortLength = lengthBytes == 0 ? size : lengthBytes == 2 ? 126 : 127;
  frame += static_cast<char>((isMasked ? 0x80 : 0) | shortLength);
  for (int i = lengthBytes - 1; i >= 0; --i) frame += static_cast<char>(size >> (8 * i));
  if (!isMasked) return frame.append(payload);
  for (const unsigned char byte : mask) frame += static_cast<char>(byte);
  for (std::size_t i = 0; i < size; ++i) {
    frame += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ mask[i % 4]);
  }
  return frame;
}

}  // namespace bench
