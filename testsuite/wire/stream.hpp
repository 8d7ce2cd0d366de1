// A connection's bytes, over TCP or TLS: what the harness sends and receives with, and can break on purpose.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "wire/stop.hpp"

namespace wstest {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;
using namespace std::chrono_literals;

/// How an attempt to move bytes went.
enum class Io : std::uint8_t {
  done,       ///< at least one byte moved
  later,      ///< nothing now: wait
  end,        ///< the peer has ended its side in order (FIN; with TLS: close_notify)
  truncated,  ///< TLS only: the peer's TCP ended without close_notify
  reset,  ///< the connection is broken (RST, EPIPE, TLS alert or error): `Stream::problem()` has the words
};

/// What `Stream::wait` ended with.
enum class Waited : std::uint8_t { ready, timedOut, stopped };

struct IoResult {
  Io io = Io::later;
  std::size_t size = 0;
};

/// A socket that never blocks, except in wait(). One thread at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual IoResult read(std::span<char> into) = 0;
  virtual IoResult write(std::string_view bytes) = 0;
  /// Waits until a read (and, with `forWriting`, a write) may be worth a try.
  virtual Waited wait(bool forWriting, TimePoint until, const StopSwitch& stop) = 0;
  /// Ends our side: with TLS close_notify first, unless `isAbrupt`; then FIN. Reading goes on.
  virtual void endWriting(bool isAbrupt = false) = 0;
  /// Breaks the connection with RST.
  virtual void reset() = 0;
  virtual bool isSecure() const { return false; }
  virtual std::string problem() const = 0;
  /// "127.0.0.1:9001"
  virtual std::string peer() const = 0;
  virtual int fd() const = 0;
};

/// Nobody there: refused, no such name, timed out. The message says where.
class ConnectError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Connects over TCP. `host` is a name or an address without brackets. Throws ConnectError.
std::unique_ptr<Stream> connectTcp(const std::string& host, std::uint16_t port, TimePoint until,
                                   const StopSwitch& stop);
/// Takes over an accepted socket.
std::unique_ptr<Stream> adoptSocket(int fd);

/// A listening TCP socket; port 0 takes a free one.
class TcpListener {
 public:
  /// Throws std::runtime_error: "cannot listen on 127.0.0.1:9001: Address already in use".
  TcpListener(const std::string& host, std::uint16_t port);
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  /// The next connection, or nothing when `stop` is pressed (or at `until`).
  std::unique_ptr<Stream> accept(const StopSwitch& stop, TimePoint until = TimePoint::max());

 private:
  int fd_;
  std::uint16_t port_;
};

}  // namespace wstest
