#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/socket_stream.hpp>
#include <autobahn/util/net/unique_fd.hpp>
#include <cerrno>
#include <stdexcept>

#include "socket_address.hpp"

namespace autobahn::inline v0::util {

namespace {

/// Parts given to the system at once; the system's own limit (IOV_MAX) is 1024.
constexpr std::size_t kMaxParts = 128;
constexpr int kSendFlags = MSG_DONTWAIT | MSG_NOSIGNAL;

std::error_code lastError() {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return std::make_error_code(std::errc::operation_would_block);
  return {errno, std::system_category()};
}

/// Small on purpose: there may be a million of them. What can be asked of the socket is not kept.
class SocketStream final : public Stream, private DescriptorObserver {
 public:
  SocketStream(AsioLoop& loop, UniqueFd fd) : loop_(loop), fd_(std::move(fd)) {}
  ~SocketStream() {
    if (watched_) loop_.unwatch(fd_.get(), *this);
  }

  std::error_code attach(StreamObserver& observer) override;
  IoResult read(std::span<char> into) override;
  IoResult readScattered(std::span<char> first, std::span<char> then) override;
  IoResult write(std::span<const std::string_view> parts) override;
  void watchRead(bool on) override { watch(EPOLLIN, on); }
  void watchWrite(bool on) override { watch(EPOLLOUT, on); }
  void shutdownWrite() override { ::shutdown(fd_.get(), SHUT_WR); }
  void setAbortive() override;
  TransportDetails details() const override { return describeSocket(fd_.get()); }
  void setNoDelay(bool on) override;

 private:
  void onDescriptor(std::uint32_t events) override;
  void watch(std::uint32_t event, bool on);
  void update();
  IoResult outcome(ssize_t received);
  ssize_t sendMany(std::span<const std::string_view> parts);
  IoResult writeBatch(std::span<const std::string_view> parts, std::size_t& offered);

  AsioLoop& loop_;
  StreamObserver* observer_ = nullptr;
  UniqueFd fd_;
  std::uint32_t events_ = 0;  ///< what the observer wants to be told
  bool watched_ = false;      ///< the descriptor is in the loop's set
  bool eof_ = false;
};

std::error_code SocketStream::attach(StreamObserver& observer) {
  observer_ = &observer;
  const std::uint32_t wanted = eof_ ? 0U : std::uint32_t{EPOLLIN};
  if (!watched_) {
    if (const std::error_code error = loop_.watch(fd_.get(), wanted, *this)) return error;
    watched_ = true;
    events_ = wanted;
  } else if (events_ != wanted) {
    events_ = wanted;
    update();
  }
  return {};
}

void SocketStream::watch(std::uint32_t event, bool on) {
  if (on && event == EPOLLIN && eof_) return;
  const std::uint32_t wanted = on ? events_ | event : events_ & ~event;
  if (wanted == events_ || observer_ == nullptr) return;
  events_ = wanted;
  update();
}

void SocketStream::update() {
  if (watched_) {
    loop_.rewatch(fd_.get(), events_, *this);
  } else {
    watched_ = !loop_.watch(fd_.get(), events_, *this);
  }
}

void SocketStream::onDescriptor(std::uint32_t events) {
  AsioLoop& loop = loop_;  // the observer may destroy this
  constexpr std::uint32_t kBroken = EPOLLERR | EPOLLHUP;
  const bool broken = (events & kBroken) != 0;
  bool reads = (events_ & EPOLLIN) != 0;
  if (eof_ && reads) {
    // The end was read and stays readable: told once is enough.
    watch(EPOLLIN, false);
    reads = false;
  } else if (reads && (events & (EPOLLIN | kBroken)) != 0) {
    observer_->onReadable();
    if (!loop.isDispatching(*this)) return;
  }
  if ((events_ & EPOLLOUT) != 0) {
    if ((events & (EPOLLOUT | kBroken)) != 0) observer_->onWritable();
    return;
  }
  if (!broken || reads || (events_ & EPOLLIN) != 0) return;
  // epoll reports this whether asked or not, so nothing but leaving the set keeps it from spinning. Watching
  // anything brings the socket back.
  watched_ = false;
  loop_.unwatch(fd_.get(), *this);
  observer_->onReadable();
}

IoResult SocketStream::read(std::span<char> into) {
  if (into.empty()) return {};
  ssize_t received;
  do {
    received = ::recv(fd_.get(), into.data(), into.size(), MSG_DONTWAIT);
  } while (received < 0 && errno == EINTR);
  return outcome(received);
}

IoResult SocketStream::readScattered(std::span<char> first, std::span<char> then) {
  if (first.empty()) return {};
  std::array<iovec, 2> places{{{first.data(), first.size()}, {then.data(), then.size()}}};
  msghdr message{};
  message.msg_iov = places.data();
  message.msg_iovlen = places.size();
  ssize_t received;
  do {
    received = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT);
  } while (received < 0 && errno == EINTR);
  return outcome(received);
}

IoResult SocketStream::outcome(ssize_t received) {
  IoResult result;
  if (received > 0) {
    result.size = static_cast<std::size_t>(received);
  } else if (received == 0) {
    result.eof = eof_ = true;
  } else {
    result.error = lastError();
  }
  return result;
}

IoResult SocketStream::write(std::span<const std::string_view> parts) {
  std::size_t offered = 0;
  if (parts.size() == 1) return writeBatch(parts, offered);
  IoResult sum;
  while (!parts.empty()) {
    const auto batch = parts.first(std::min(parts.size(), kMaxParts));
    offered = 0;
    const IoResult result = writeBatch(batch, offered);
    sum.size += result.size;
    // An error after a partial write comes again with the next one.
    if (result.error && sum.size == 0) sum.error = result.error;
    if (result.error || result.size != offered) break;
    parts = parts.subspan(batch.size());
  }
  return sum;
}

ssize_t SocketStream::sendMany(std::span<const std::string_view> parts) {
  std::array<iovec, kMaxParts> vector;
  for (std::size_t i = 0; i != parts.size(); ++i) {
    vector[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
  }
  msghdr message{};
  message.msg_iov = vector.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(fd_.get(), &message, kSendFlags);
}

/// A single part goes with `send`, which has no vector to copy into the kernel.
IoResult SocketStream::writeBatch(std::span<const std::string_view> parts, std::size_t& offered) {
  for (const std::string_view part : parts) offered += part.size();
  IoResult result;
  if (offered == 0) return result;
  ssize_t sent;
  do {
    sent = parts.size() == 1 ? ::send(fd_.get(), parts[0].data(), offered, kSendFlags) : sendMany(parts);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) {
    result.error = lastError();
  } else {
    result.size = static_cast<std::size_t>(sent);
  }
  return result;
}

void SocketStream::setAbortive() {
  const linger lingering{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &lingering, sizeof lingering);
}

void SocketStream::setNoDelay(bool on) {
  const int value = on ? 1 : 0;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &value, sizeof value);
}

}  // namespace

std::unique_ptr<Stream> makeSocketStream(EventLoop& loop, int fd) {
  UniqueFd owned(fd);
  auto* const asioLoop = dynamic_cast<AsioLoop*>(&loop);
  if (asioLoop == nullptr) throw std::invalid_argument("sockets need an AsioLoop");
  return std::make_unique<SocketStream>(*asioLoop, std::move(owned));
}

}  // namespace autobahn::inline v0::util
