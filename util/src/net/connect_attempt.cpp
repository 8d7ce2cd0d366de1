#include "connect_attempt.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "address_order.hpp"

namespace autobahn::inline v0::util {

ConnectAttempt::~ConnectAttempt() {
  if (watched_) loop_.unwatch(fd_.get(), *this);
}

std::error_code ConnectAttempt::start(const SocketAddress& local) {
  fd_.reset(::socket(address_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto failed = [] { return std::error_code(errno, std::system_category()); };
  if (!fd_) return failed();
  if (local.length != 0 && ::bind(fd_.get(), local.get(), local.length) != 0) return failed();
  // EINTR: the connection goes on being made (connect(2)).
  if (::connect(fd_.get(), address_.get(), address_.length) != 0 && errno != EINPROGRESS && errno != EINTR) {
    return failed();
  }
  // A socket connected at once is writable at once.
  if (const std::error_code error = loop_.watch(fd_.get(), EPOLLOUT, *this)) return error;
  watched_ = true;
  return {};
}

void ConnectAttempt::onDescriptor(std::uint32_t) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  watched_ = false;
  loop_.unwatch(fd_.get(), *this);
  const Done done = std::move(done_);
  done(*this, {error, std::system_category()}, std::move(fd_));
}

std::vector<SocketAddress> interleaveFamilies(const std::vector<SocketAddress>& addresses) {
  std::vector<SocketAddress> first;
  std::vector<SocketAddress> second;
  for (const SocketAddress& address : addresses) {
    (address.family() == addresses.front().family() ? first : second).push_back(address);
  }
  std::vector<SocketAddress> ordered;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) ordered.push_back(first[i]);
    if (i < second.size()) ordered.push_back(second[i]);
  }
  return ordered;
}

}  // namespace autobahn::inline v0::util
