// The floor under every echo server: what the kernel and one epoll loop cost for the same bytes.
// Level-triggered, one receive buffer for all, direct send; no WebSocket. The opening handshake is answered
// with a constant (the generator always sends the sample key of RFC 6455, section 1.3), and from then on
// bytes go back as they came, masked frames included; the generator is told so with --raw. With --payload
// everybody gets one prebuilt frame for whatever anybody has sent: the floor under a broadcast.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "server_program.hpp"
#include "wire.hpp"

namespace {

constexpr std::size_t kReceiveSize = 512 << 10;

struct Connection {
  int fd;
  bool isOpen = false;  // the handshake is over
  std::string head;     // the request, until it is complete
  std::string unsent;   // what the socket would not take; nothing is read meanwhile
};

class Floor {
 public:
  explicit Floor(const bench::Serving& serving) : epoll_(bench::check(epoll_create1(0), "epoll_create1")) {
    constexpr auto kContent = bench::Content::binary;
    if (serving.payloadSize != 0)
      news_ = bench::makeMessage(kContent, bench::makePayload(kContent, serving.payloadSize), false);
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
        auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (connection == &listener_) {
          acceptAll();
        } else if (!serve(*connection, events[static_cast<std::size_t>(i)].events)) {
          close(connection->fd);
          std::erase(subscribers_, connection);
          delete connection;
        }
      }
    }
  }

 private:
  void watch(int operation, Connection& connection, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &connection;
    bench::check(epoll_ctl(epoll_, operation, connection.fd, &event), "epoll_ctl");
  }

  void acceptAll() {
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
    if (events & EPOLLOUT) return resume(connection);
    const ssize_t size = recv(connection.fd, buffer_.get(), kReceiveSize, 0);
    if (size <= 0) return size < 0 && errno == EAGAIN;
    const std::string_view bytes(buffer_.get(), static_cast<std::size_t>(size));
    if (!connection.isOpen) return answer(connection, bytes);
    return news_.empty() ? sendBack(connection, bytes) : sendToAll();
  }

  bool answer(Connection& connection, std::string_view bytes) {
    connection.head += bytes;
    if (connection.head.find("\r\n\r\n") == std::string::npos) return true;
    connection.head = {};
    connection.isOpen = true;
    if (!news_.empty()) subscribers_.push_back(&connection);
    return sendBack(connection, bench::kUpgradeResponse);
  }

  bool sendBack(Connection& connection, std::string_view bytes) {
    const ssize_t sent = send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (taken == bytes.size()) return true;
    connection.unsent = bytes.substr(taken);
    watch(EPOLL_CTL_MOD, connection, EPOLLOUT);
    return true;
  }

  bool sendToAll() {
    for (Connection* subscriber : subscribers_) sendBack(*subscriber, news_);
    return true;
  }

  bool resume(Connection& connection) {
    const ssize_t sent =
        send(connection.fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    connection.unsent.erase(0, static_cast<std::size_t>(sent));
    if (connection.unsent.empty()) watch(EPOLL_CTL_MOD, connection, EPOLLIN);
    return true;
  }

  int epoll_;
  Connection listener_{};
  std::string news_;                      // what is broadcast
  std::vector<Connection*> subscribers_;  // whom it goes to
  std::unique_ptr<char[]> buffer_ = std::make_unique<char[]>(kReceiveSize);
};

}  // namespace

int main(int argc, char** argv) {
  return bench::serve("bench_floor_echo", argc, argv,
                      [](const bench::Serving& serving) { Floor(serving).run(); });
}
