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

constexpr std::size_t kHeadLimit = 8192;

std::string_view unitOf(Content content) {
  switch (content) {
    case Content::ascii:
      return "The quick brown fox jumps over the lazy dog. ";
    case Content::cyrillic:
      return "Съешь ещё этих мягких французских булок, да выпей чаю. ";
    case Content::japanese:
      return "いろはにほへとちりぬるを、わかよたれそつねならむ。";
    case Content::binary:
      break;
  }
  return {};
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

std::string upgradeRequest(std::uint16_t port) {
  return "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

bool isUpgraded(std::string_view head) {
  return head.starts_with("HTTP/1.1 101 ") && head.find(kAccept) != std::string_view::npos;
}

int open(std::uint16_t port) {
  const int fd = connectTo(port);
  sendAll(fd, upgradeRequest(port));
  // Byte by byte, for nothing after the head may be taken; nobody measures this.
  std::string head;
  while (!head.ends_with("\r\n\r\n") && head.size() < kHeadLimit) head += receive(fd, 1);
  if (!isUpgraded(head)) throw std::runtime_error("not upgraded: " + head);
  return fd;
}

void sendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const int sent = check(static_cast<int>(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL)), "send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string receive(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const int count = check(static_cast<int>(recv(fd, bytes.data() + done, size - done, 0)), "receive");
    if (count == 0) throw std::runtime_error("the server closed the connection");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

std::string makePayload(Content content, std::size_t size) {
  std::string payload;
  payload.reserve(size);
  if (content == Content::binary) {
    std::mt19937 random(42);
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
  std::string frame(1, static_cast<char>(0x80 | opcode));
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
