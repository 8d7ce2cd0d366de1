#include <autobahn/util/net/listener.hpp>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <autobahn/util/log.hpp>
#include <cerrno>
#include <chrono>
#include <exception>
#include <string>
#include <system_error>

#include "listening_socket.hpp"
#include "socket_address.hpp"

namespace autobahn::inline v0::util {

namespace {

constexpr Logger kLog{"autobahn.net"};
/// How long accepting rests when the system has run out of descriptors or memory.
constexpr std::chrono::milliseconds kRest{100};
/// What stays the same is said again after this.
constexpr std::chrono::seconds kSilence{60};
/// Accepted at once, before the connections that are there get their turn.
constexpr int kMaxAccepts = 64;

bool isShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/// What accept(2) says of one failed connection, not of the listening socket.
bool isPassing(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case EPERM:
      return true;
    default:
      return false;
  }
}

/// Of one that somebody else has made.
void prepareListeningSocket(int socket) {
  const auto failed = [socket](int error) {
    throw std::system_error(error, std::system_category(),
                            "cannot listen on the socket " + std::to_string(socket));
  };
  int listens = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0) failed(errno);
  if (listens == 0) failed(EINVAL);
  // Accepting ends when there is nobody left, instead of waiting.
  const int flags = ::fcntl(socket, F_GETFL);
  if (flags < 0 || ::fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0) failed(errno);
  if (::fcntl(socket, F_SETFD, FD_CLOEXEC) != 0) failed(errno);
}

}  // namespace

class Listener::Acceptor final : private DescriptorObserver, private LoopTask {
 public:
  Acceptor(AsioLoop& loop, UniqueFd fd, Accepted accepted)
      : loop_(loop), fd_(std::move(fd)), accepted_(std::make_shared<Accepted>(std::move(accepted))) {
    if (const std::error_code error = loop_.watch(fd_.get(), EPOLLIN, *this)) {
      throw std::system_error(error, "cannot watch the listening socket");
    }
  }
  ~Acceptor() {
    loop_.forget(*this);
    loop_.unwatch(fd_.get(), *this);
  }

  int fd() const { return fd_.get(); }
  void setAccepting(bool on) {
    accepting_ = on;
    if (on) loop_.forget(*this);
    watch(on);
  }

 private:
  void onTimer() override { watch(accepting_); }
  void watch(bool on) { loop_.rewatch(fd_.get(), on ? std::uint32_t{EPOLLIN} : 0U, *this); }

  void onDescriptor(std::uint32_t) override {
    AsioLoop& loop = loop_;
    const std::shared_ptr<Accepted> accepted = accepted_;  // the callback may destroy this
    for (int count = 0; count != kMaxAccepts && accepting_; ++count) {
      const int socket = ::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket < 0) {
        if (isPassing(errno)) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) rest(errno);
        return;
      }
      give(*accepted, socket);
      if (!loop.isDispatching(*this)) return;
    }
  }

  static void give(const Accepted& accepted, int socket) {
    try {
      accepted(socket);
    } catch (const std::exception& error) {
      kLog.error("accepted connection dropped", {{"error", error.what()}});
    } catch (...) {
      kLog.error("accepted connection dropped");
    }
  }

  /// Level-triggered, the waiting connection would wake us again and again.
  void rest(int error) {
    complain(error);
    watch(false);
    loop_.schedule(*this, loop_.now() + kRest);
  }
  /// A shortage may last, and comes and goes while connections do.
  void complain(int error) {
    if (error == lastError_ && loop_.now() < complainsAgain_) return;
    lastError_ = error;
    complainsAgain_ = loop_.now() + kSilence;
    const std::string reason = std::system_category().message(error);
    kLog.warning(isShortage(error) ? "out of resources, accepting rests" : "accept failed, accepting rests",
                 {{"endpoint", SocketAddress::ofSocket(fd_.get()).endpoint()}, {"error", reason}});
  }

  AsioLoop& loop_;
  UniqueFd fd_;
  UnixSocketFile file_;
  std::shared_ptr<Accepted> accepted_;
  bool accepting_ = true;
  int lastError_ = 0;
  TimePoint complainsAgain_{};

  friend class Listener;
};

Listener::Listener(AsioLoop& loop, const ListenAddress& address, Accepted accepted) {
  ListeningSocket socket = openListeningSocket(address);
  acceptor_ = std::make_unique<Acceptor>(loop, std::move(socket.fd), std::move(accepted));
  acceptor_->file_ = std::move(socket.file);
}

Listener::Listener(AsioLoop& loop, UniqueFd listening, Accepted accepted) {
  prepareListeningSocket(listening.get());
  acceptor_ = std::make_unique<Acceptor>(loop, std::move(listening), std::move(accepted));
}

Listener::~Listener() = default;

void Listener::stop() { acceptor_.reset(); }

void Listener::setAccepting(bool on) {
  if (acceptor_) acceptor_->setAccepting(on);
}

std::uint16_t Listener::port() const {
  return acceptor_ ? SocketAddress::ofSocket(acceptor_->fd()).port() : 0;
}

std::string Listener::endpoint() const {
  return acceptor_ ? SocketAddress::ofSocket(acceptor_->fd()).endpoint() : std::string();
}

}  // namespace autobahn::inline v0::util
