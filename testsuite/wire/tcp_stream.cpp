// Streams over TCP, and listening for them.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "wire/poll.hpp"
#include "wire/stream.hpp"

namespace wstest {

Waited waitFor(int fd, short events, TimePoint until, const StopSwitch& stop) {
  for (;;) {
    if (stop.isPressed()) return Waited::stopped;
    std::array<pollfd, 2> fds{{{fd, events, 0}, {stop.fd(), POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    const bool isEndless = until == TimePoint::max();
    if (!isEndless && left <= 0ms) return Waited::timedOut;
    const int limit = isEndless ? -1 : static_cast<int>(std::min<std::int64_t>(left.count(), 1 << 30));
    const int ready = ::poll(fds.data(), fds.size(), limit);
    if (ready < 0 && errno != EINTR) return Waited::stopped;
    if (ready > 0 && fds[0].revents != 0) return Waited::ready;
  }
}

std::string errorText(int error) { return std::strerror(error); }  // NOLINT(concurrency-mt-unsafe)

namespace {

bool isForLater(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

std::string addressText(const sockaddr* address, socklen_t size) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (::getnameinfo(address, size, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown";
  }
  const std::string name = host.data();
  return (name.find(':') == std::string::npos ? name : "[" + name + "]") + ":" + port.data();
}

class TcpStream final : public Stream {
 public:
  explicit TcpStream(int fd) : fd_(fd) {
    ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::getpeername(fd_, generic, &size) == 0) peer_ = addressText(generic, size);
  }
  ~TcpStream() override { ::close(fd_); }
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;

  IoResult read(std::span<char> into) override {
    const auto got = ::recv(fd_, into.data(), into.size(), 0);
    if (got > 0) return {Io::done, static_cast<std::size_t>(got)};
    if (got == 0) return {Io::end, 0};
    return failed();
  }

  IoResult write(std::string_view bytes) override {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent >= 0 ? IoResult{Io::done, static_cast<std::size_t>(sent)} : failed();
  }

  Waited wait(bool forWriting, TimePoint until, const StopSwitch& stop) override {
    return waitFor(fd_, static_cast<short>(POLLIN | (forWriting ? POLLOUT : 0)), until, stop);
  }

  void endWriting(bool /*isAbrupt*/) override { ::shutdown(fd_, SHUT_WR); }

  void reset() override {
    const linger none{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    // Closing is what sends the RST; the number stays ours, so that nobody else gets it.
    const int placeholder = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (placeholder < 0) return;
    ::dup3(placeholder, fd_, O_CLOEXEC);
    ::close(placeholder);
  }

  std::string problem() const override { return problem_; }
  std::string peer() const override { return peer_; }
  int fd() const override { return fd_; }

 private:
  IoResult failed() {
    if (isForLater(errno)) return {Io::later, 0};
    problem_ = errorText(errno);
    return {Io::reset, 0};
  }

  int fd_;
  std::string problem_;
  std::string peer_;
};

struct Addresses {
  explicit Addresses(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &list);
  }
  ~Addresses() {
    if (list != nullptr) ::freeaddrinfo(list);
  }
  Addresses(const Addresses&) = delete;
  Addresses& operator=(const Addresses&) = delete;
  addrinfo* list = nullptr;
  int error = 0;
};

/// 0, or the errno of why not.
int finishConnecting(int fd, const addrinfo& address, TimePoint until, const StopSwitch& stop) {
  if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (waitFor(fd, POLLOUT, until, stop) != Waited::ready) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

std::unique_ptr<Stream> connectTcp(const std::string& host, std::uint16_t port, TimePoint until,
                                   const StopSwitch& stop) {
  const std::string where = host + ":" + std::to_string(port);
  const Addresses addresses(host, port, 0);
  if (addresses.error != 0) {
    throw ConnectError("cannot connect to " + where + ": " + ::gai_strerror(addresses.error));
  }
  int error = 0;
  for (const addrinfo* each = addresses.list; each != nullptr; each = each->ai_next) {
    const int fd = ::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) throw ConnectError("cannot connect to " + where + ": " + errorText(errno));
    error = finishConnecting(fd, *each, until, stop);
    if (error == 0) return std::make_unique<TcpStream>(fd);
    ::close(fd);
  }
  throw ConnectError("cannot connect to " + where + ": " + errorText(error));
}

std::unique_ptr<Stream> adoptSocket(int fd) { return std::make_unique<TcpStream>(fd); }

TcpListener::TcpListener(const std::string& host, std::uint16_t port) : fd_(-1), port_(port) {
  const std::string where = "cannot listen on " + host + ":" + std::to_string(port) + ": ";
  const Addresses addresses(host, port, AI_PASSIVE);
  if (addresses.error != 0) throw std::runtime_error(where + ::gai_strerror(addresses.error));
  // A name such as localhost may have addresses of both families. Everybody tries IPv4 in the end.
  const addrinfo* chosen = addresses.list;
  for (const addrinfo* each = chosen; each != nullptr; each = each->ai_next) {
    if (each->ai_family == AF_INET) chosen = each;
  }
  const addrinfo& address = *chosen;
  fd_ = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int one = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (fd_ < 0 || ::bind(fd_, address.ai_addr, address.ai_addrlen) != 0 || ::listen(fd_, SOMAXCONN) != 0) {
    const std::string why = errorText(errno);
    if (fd_ >= 0) ::close(fd_);
    throw std::runtime_error(where + why);
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &size);
  // The port lies at the same place in both families' addresses.
  port_ = ntohs(reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
}

TcpListener::~TcpListener() { ::close(fd_); }

std::unique_ptr<Stream> TcpListener::accept(const StopSwitch& stop, TimePoint until) {
  while (waitFor(fd_, POLLIN, until, stop) == Waited::ready) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) return adoptSocket(fd);
    // Out of descriptors: those of ended connections come back.
    if (errno == EMFILE || errno == ENFILE) waitFor(stop.fd(), POLLIN, Clock::now() + 50ms, stop);
  }
  return nullptr;
}

}  // namespace wstest
