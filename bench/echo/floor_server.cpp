// The floor server that clients are measured against: for every so many bytes received, one prebuilt frame.
// What clients send is discarded inside the kernel; that it is right, the echo servers have shown.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>

#include "server_program.hpp"
#include "wire.hpp"

namespace {

constexpr std::size_t kDiscardSize = 4 << 20;

/// Of the key in a request (RFC 6455, section 4.2.2); empty when there is none.
std::string acceptOf(std::string_view request) {
  constexpr std::string_view kField = "Sec-WebSocket-Key: ";
  constexpr std::size_t kKeySize = 24;
  const std::size_t at = request.find(kField);
  if (at == std::string_view::npos) return {};
  std::string key(request.substr(at + kField.size(), kKeySize));
  key += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  std::array<unsigned char, 32> text;
  const int size = EVP_EncodeBlock(text.data(), digest.data(), digest.size());
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

struct Connection {
  int fd;
  bool isOpen = false;         // the handshake is over
  std::string head;            // the request, until it is complete
  std::uint64_t received = 0;  // bytes of frames
  std::uint64_t sent = 0;      // bytes
};

class FloorServer {
 public:
  explicit FloorServer(const bench::Serving& serving)
      : epoll_(bench::check(epoll_create1(0), "epoll_create1")) {
    const std::string payload = bench::makePayload(bench::Content::binary, serving.payloadSize);
    masked_ = bench::makeFrame(2, payload, true).size();
    answer_ = bench::makeFrame(2, payload, false);
    for (answers_ = answer_; answers_.size() < kAtOnce; answers_ += answer_) {
    }
    answers_ += answer_;
    listener_.fd = bench::check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    sockaddr_in address = bench::loopback(serving.port);
    bench::check(bind(listener_.fd, reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
    bench::check(listen(listener_.fd, SOMAXCONN), "listen");
    socklen_t size = sizeof address;
    bench::check(getsockname(listener_.fd, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    bench::announce(ntohs(address.sin_port));
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        auto* connection = static_cast<Connection*>(event.data.ptr);
        if (connection == &listener_) {
          accept();
        } else if (!serve(*connection, event.events)) {
          close(connection->fd);
          delete connection;
        }
      }
    }
  }

 private:
  static constexpr std::size_t kAtOnce = 64 << 10;

  void watch(int operation, Connection& connection, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &connection;
    bench::check(epoll_ctl(epoll_, operation, connection.fd, &event), "epoll_ctl");
  }

  void accept() {
    for (int fd; (fd = accept4(listener_.fd, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto connection = std::make_unique<Connection>();
      connection->fd = fd;
      watch(EPOLL_CTL_ADD, *connection, EPOLLIN);
      static_cast<void>(connection.release());  // deleted by run()
    }
  }

  /// False when the connection is over.
  bool serve(Connection& connection, std::uint32_t events) {
    if (!connection.isOpen) return upgrade(connection);
    if (events & ~EPOLLOUT) {
      const ssize_t size = recv(connection.fd, nullptr, kDiscardSize, MSG_TRUNC);
      if (size == 0 || (size < 0 && errno != EAGAIN)) return false;
      if (size > 0) connection.received += static_cast<std::uint64_t>(size);
    }
    return sendOwed(connection, (events & EPOLLOUT) != 0);
  }

  bool upgrade(Connection& connection) {
    std::array<char, 4096> buffer;
    const ssize_t size = recv(connection.fd, buffer.data(), buffer.size(), 0);
    if (size <= 0) return size < 0 && errno == EAGAIN;
    connection.head.append(buffer.data(), static_cast<std::size_t>(size));
    const std::size_t end = connection.head.find("\r\n\r\n");
    if (end == std::string::npos) return true;
    const std::string response =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        acceptOf(connection.head) + "\r\n\r\n";
    connection.received = connection.head.size() - end - 4;
    connection.head = {};
    connection.isOpen = true;
    return send(connection.fd, response.data(), response.size(), MSG_NOSIGNAL) > 0 &&
           sendOwed(connection, false);
  }

  bool sendOwed(Connection& connection, bool wasBlocked) {
    const std::uint64_t owed = connection.received / masked_ * answer_.size();
    while (connection.sent < owed) {
      const std::size_t from = connection.sent % answer_.size();
      const std::size_t size = std::min(owed - connection.sent, answers_.size() - from);
      const ssize_t sent = send(connection.fd, answers_.data() + from, size, MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent < 0) {
        if (!wasBlocked) watch(EPOLL_CTL_MOD, connection, EPOLLIN | EPOLLOUT);
        return true;
      }
      connection.sent += static_cast<std::uint64_t>(sent);
    }
    if (wasBlocked) watch(EPOLL_CTL_MOD, connection, EPOLLIN);
    return true;
  }

  int epoll_;
  Connection listener_{};
  std::size_t masked_ = 0;  // size of what a client sends
  std::string answer_;      // what it gets for that
  std::string answers_;     // many
};

}  // namespace

int main(int argc, char** argv) {
  return bench::serve("bench_floor_server", argc, argv,
                      [](const bench::Serving& serving) { FloorServer(serving).run(); });
}
