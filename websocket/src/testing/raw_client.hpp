// A peer that sends any bytes it is told to: for tests of what must not hurt us.
#pragma once

#include <array>
#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::websocket::testing {

/// Connected to 127.0.0.1 from the start; lives on the test's io_context.
class RawClient {
 public:
  RawClient(asio::io_context& io, std::uint16_t port) : socket_(io) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// Queues bytes; they leave while the loop runs.
  void send(std::string bytes) {
    auto owned = std::make_shared<std::string>(std::move(bytes));
    asio::async_write(socket_, asio::buffer(*owned), [owned](std::error_code, std::size_t) {});
  }
  /// Collects what arrives into `received` until the server ends the connection.
  void read() {
    socket_.async_read_some(asio::buffer(buffer_), [this](std::error_code error, std::size_t size) {
      received.append(buffer_.data(), size);
      if (error) {
        ended = true;
        wasReset = error == asio::error::connection_reset;
        return;
      }
      read();
    });
  }
  asio::ip::tcp::socket& socket() { return socket_; }

  std::string received;
  bool ended = false;
  bool wasReset = false;

 private:
  asio::ip::tcp::socket socket_;
  std::array<char, 16384> buffer_;
};

/// The request line and fields of a good opening handshake; `extra`: further lines, each with its CRLF.
inline std::string goodRequest(std::string_view extra = {}) {
  return "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         std::string(extra) + "\r\n";
}

/// One masked frame with key 0 (so that the payload stands as it is). `first`: FIN, RSV and opcode.
inline std::string maskedFrame(std::uint8_t first, std::string_view payload) {
  std::string frame(1, static_cast<char>(first));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    frame += {static_cast<char>(0xFE), static_cast<char>(payload.size() >> 8),
              static_cast<char>(payload.size() & 0xFF)};
  } else {
    frame += static_cast<char>(0xFF);
    for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(payload.size() >> shift & 0xFF);
  }
  frame.append(4, '\0');
  return frame.append(payload);
}

}  // namespace autobahn::inline v0::websocket::testing
