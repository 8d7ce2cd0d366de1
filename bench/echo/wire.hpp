// What the generator and the floor put on the wire: sockets on 127.0.0.1, the opening handshake, prebuilt
// frames.
#pragma once

#include <netinet/in.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace bench {

/// The handshake of RFC 6455, section 1.3: always the sample key, hence always this answer.
inline constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
inline constexpr std::string_view kUpgradeResponse =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// The result of a system call, or std::system_error.
inline int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A blocking socket connected to the port. `source` chooses the local address among those of 127.0.0.0/8,
/// because connecting for a second from one address alone runs out of ports.
int connectTo(std::uint16_t port, std::uint32_t source = 0);

/// Connected and upgraded. Throws std::runtime_error with the answer when the server does not agree.
int open(std::uint16_t port);

std::string upgradeRequest(std::uint16_t port);

/// Whether this head is the right answer to upgradeRequest.
bool isUpgraded(std::string_view head);

void sendAll(int fd, std::string_view bytes);

/// Exactly that many bytes; throws std::runtime_error when the connection ends before or stays silent for 10
/// s.
std::string receive(int fd, std::size_t size);

/// What a message consists of: bytes or text of a script (1, 2 or 3 bytes per code point).
enum class Content { binary, ascii, cyrillic, japanese };

std::string makePayload(Content content, std::size_t size);

/// A whole message in one frame, as a client sends it (masked) or as a server does.
std::string makeFrame(unsigned opcode, std::string_view payload, bool isMasked);

inline std::string makeMessage(Content content, std::string_view payload, bool isMasked) {
  return makeFrame(content == Content::binary ? 2 : 1, payload, isMasked);
}

}  // namespace bench
