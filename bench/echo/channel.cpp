#include "channel.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include "wire.hpp"

namespace bench {
namespace {

constexpr std::size_t kHeadLimit = 8192;
constexpr std::size_t kDiscardSize = 4 << 20;

/// Where discarded bytes go when they have to go somewhere. One thread only.
std::array<char, 512 << 10> scratch;

ssize_t orBlocked(ssize_t result, const char* what) {
  if (result < 0 && errno != EAGAIN) check(-1, what);
  return result;
}

class PlainChannel final : public Channel {
 public:
  PlainChannel(int fd, bool isCopying) : Channel(fd), isCopying_(isCopying) {}
  ssize_t send(std::string_view bytes) override {
    return orBlocked(::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), "send");
  }
  ssize_t receive(char* to, std::size_t size) override {
    return orBlocked(recv(fd(), to, size, 0), "receive");
  }
  ssize_t discard() override {
    if (isCopying_) return receive(scratch.data(), scratch.size());
    // MSG_TRUNC on TCP: the kernel drops the bytes instead of copying them (tcp(7)).
    return orBlocked(recv(fd(), nullptr, kDiscardSize, MSG_TRUNC), "receive");
  }

 private:
  bool isCopying_;
};

class TlsChannel final : public Channel {
 public:
  explicit TlsChannel(int fd) : Channel(fd), ssl_(SSL_new(context())) {
    SSL_set_fd(ssl_, fd);
    // What is sent is prebuilt and lies where it lies; a retry may offer more of it.
    SSL_set_mode(ssl_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_set_connect_state(ssl_);
    // Only the first flight: what is sent or received first does the rest.
    setNonBlocking(true);
    result(SSL_do_handshake(ssl_));
    setNonBlocking(false);
  }
  ~TlsChannel() override { SSL_free(ssl_); }

  ssize_t send(std::string_view bytes) override {
    return result(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())));
  }
  ssize_t receive(char* to, std::size_t size) override {
    return result(SSL_read(ssl_, to, static_cast<int>(size)));
  }
  ssize_t discard() override { return receive(scratch.data(), scratch.size()); }

 private:
  /// Whoever listens on the loopback address is trusted.
  static SSL_CTX* context() {
    static SSL_CTX* const made = SSL_CTX_new(TLS_client_method());
    return made;
  }
  static std::string lastError() {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    return text.data();
  }
  ssize_t result(int count) {
    if (count > 0) return count;
    const int error = SSL_get_error(ssl_, count);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return -1;
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    throw std::runtime_error("TLS failed: " + lastError());
  }

  SSL* ssl_;
};

}  // namespace

Channel::~Channel() {
  if (fd_ >= 0) close(fd_);
}

void Channel::sendAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(bytes);
    if (sent <= 0) throw std::runtime_error("the server has taken nothing for 10 s");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Channel::receiveAll(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const ssize_t count = receive(bytes.data() + done, size - done);
    if (count == 0) throw std::runtime_error("the server closed the connection");
    if (count < 0) throw std::runtime_error("the server has been silent for 10 s");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

void Channel::setNonBlocking(bool on) { check(fcntl(fd_, F_SETFL, on ? O_NONBLOCK : 0), "fcntl"); }

namespace {

/// One source address has some 28,000 ports, and those of the last minute are taken.
constexpr std::uint32_t kPortsPerSource = 5000;
constexpr std::uint32_t kAtOnce = 250;

std::unique_ptr<Channel> connectChannel(const Opening& opening, std::uint32_t source) {
  const int fd = connectTo(opening.port, source);
  if (opening.isTls) return std::make_unique<TlsChannel>(fd);
  return std::make_unique<PlainChannel>(fd, opening.isCopying);
}

void awaitUpgrade(Channel& channel, const Opening& opening) {
  // Byte by byte, for nothing after the head may be taken; nobody measures this.
  std::string head;
  while (!head.ends_with("\r\n\r\n") && head.size() < kHeadLimit) head += channel.receiveAll(1);
  const bool isAgreed =
      opening.offer.empty() || opening.isUnchecked || head.find("permessage-deflate") != std::string::npos;
  if (!isUpgraded(head) || !isAgreed) throw std::runtime_error("not upgraded as asked: " + head);
}

}  // namespace

std::vector<std::unique_ptr<Channel>> openAll(const Opening& opening, std::uint32_t count,
                                              std::uint32_t source) {
  std::vector<std::unique_ptr<Channel>> channels;
  const std::string request = upgradeRequest(opening.port, opening.offer);
  for (std::uint32_t i = 0; i < count; ++i) channels.push_back(connectChannel(opening, source));
  for (const auto& channel : channels) channel->sendAll(request);
  for (const auto& channel : channels) awaitUpgrade(*channel, opening);
  return channels;
}

void openMany(const Opening& opening, std::uint32_t count,
              const std::function<void(std::vector<std::unique_ptr<Channel>>)>& use) {
  for (std::uint32_t done = 0; done < count; done += kAtOnce)
    use(openAll(opening, std::min(kAtOnce, count - done), done / kPortsPerSource + 1));
}

}  // namespace bench
