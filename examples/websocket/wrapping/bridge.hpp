// Copies what a TCP socket receives into binary messages of a WebSocket connection, and the reverse. Neither
// side is read faster than the other takes it.
#pragma once

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <autobahn/websocket/protocol.hpp>
#include <memory>
#include <string>
#include <utility>

namespace wrapping {

using autobahn::websocket::WebSocketProtocol;
using Socket = std::shared_ptr<asio::ip::tcp::socket>;

/// Socket to WebSocket, until one of them ends. Takes part in the protocol object's life.
inline asio::awaitable<void> copyToWebSocket(std::shared_ptr<WebSocketProtocol> protocol, Socket socket) {
  std::array<char, 16384> buffer;
  while (protocol->isOpen()) {
    std::error_code error;
    const std::size_t size = co_await socket->async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (error || !protocol->sendMessage(std::string_view(buffer.data(), size), true)) break;
    co_await protocol->drain();
  }
  protocol->sendClose();
}

/// One message to the socket; to be awaited in `onMessageAsync`, so that messages keep their order.
inline asio::awaitable<void> writeToSocket(std::string payload, Socket socket) {
  std::error_code error;
  co_await asio::async_write(*socket, asio::buffer(payload),
                             asio::redirect_error(asio::use_awaitable, error));
}

inline void closeSocket(const Socket& socket) {
  std::error_code ignored;
  if (socket) socket->close(ignored);
}

}  // namespace wrapping
