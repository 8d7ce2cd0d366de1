// The generator's end of a connection, over TCP or TLS.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// Once opened, blocking until `setNonBlocking`. Byte counts: −1 when the call would block; 0 when the peer
/// has ended the connection. Throws std::system_error or std::runtime_error when the connection is broken.
class Channel {
 public:
  explicit Channel(int fd) : fd_(fd) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  /// Closes the socket, whatever is under way.
  virtual ~Channel();

  virtual ssize_t send(std::string_view bytes) = 0;
  virtual ssize_t receive(char* to, std::size_t size) = 0;
  /// Receives what is there without looking at it, the cheapest way.
  virtual ssize_t discard() = 0;

  void sendAll(std::string_view bytes);
  /// Exactly that many bytes; throws when the connection ends before or stays silent for 10 s.
  std::string receiveAll(std::size_t size);

  int fd() const { return fd_; }
  void setNonBlocking(bool on);
  /// Keeps the socket open for ever without this object.
  void release() { fd_ = -1; }

 private:
  int fd_;
};

/// How connections are made.
struct Opening {
  std::uint16_t port = 0;
  bool isTls = false;
  bool isCopying = false;    ///< `discard` copies the bytes as a client would that looks at them
  std::string offer{};       ///< of extensions; the server has to accept it
  bool isUnchecked = false;  ///< the server is a floor, which accepts no extension and does as if
};

/// So many connections, connected and upgraded, all under way at once. `source` as for connectTo. Throws
/// std::runtime_error with the answer when the server does not agree.
std::vector<std::unique_ptr<Channel>> openAll(const Opening& opening, std::uint32_t count,
                                              std::uint32_t source = 0);

inline std::unique_ptr<Channel> open(const Opening& opening) {
  return std::move(openAll(opening, 1).front());
}

/// Calls `use` with the channels of `count` connections, a few hundred at a time, from as many source
/// addresses as that takes.
void openMany(const Opening& opening, std::uint32_t count,
              const std::function<void(std::vector<std::unique_ptr<Channel>>)>& use);

}  // namespace bench
