// What the generator and the floors put on the wire: sockets on 127.0.0.1, the opening handshake, prebuilt
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

/// A client's request; `offer` is what Sec-WebSocket-Extensions says, nothing without one.
std::string upgradeRequest(std::uint16_t port, std::string_view offer = {});

/// Whether this head is the right answer to upgradeRequest.
bool isUpgraded(std::string_view head);

void sendAll(int fd, std::string_view bytes);

/// What a message consists of: bytes, text of a script (1, 2 or 3 bytes per code point), or ASCII text in the
/// manner of JSON.
enum class Content { binary, ascii, cyrillic, japanese, json };

/// `seed` makes others of the same kind, for binary and json.
std::string makePayload(Content content, std::size_t size, std::uint32_t seed = 42);

/// The first two bits of a frame: a whole message, compressed or not (RFC 7692, section 7.2.3).
inline constexpr unsigned kFin = 0x80;
inline constexpr unsigned kCompressed = 0x40;

/// A whole message in one frame, as a client sends it (masked) or as a server does. `opcode` may have
/// kCompressed.
std::string makeFrame(unsigned opcode, std::string_view payload, bool isMasked);

inline std::string makeMessage(Content content, std::string_view payload, bool isMasked) {
  return makeFrame(content == Content::binary ? 2 : 1, payload, isMasked);
}

}  // namespace bench
