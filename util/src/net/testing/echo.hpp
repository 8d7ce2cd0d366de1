// Stream users for tests over real sockets.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/stream.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace autobahn::inline v0::util::testing {

/// Runs the loop until `done()`; false when that takes longer than any test may.
inline bool runUntil(asio::io_context& io, const std::function<bool()>& done,
                     std::chrono::seconds limit = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    io.restart();
    io.run_one_for(std::chrono::milliseconds(50));
  }
  return true;
}

/// Keeps what it reads; writes what it is given as the stream takes it; may echo.
class Peer : public StreamObserver {
 public:
  explicit Peer(std::unique_ptr<Stream> stream, bool echoes = false)
      : stream_(std::move(stream)), echoes_(echoes) {}
  virtual ~Peer() = default;

  void start() {
    error = stream_->attach(*this);
    advance();
  }
  void send(std::string_view bytes) {
    unsent_ += bytes;
    flush();
  }
  /// Ends the sending direction once everything is written.
  void finish() {
    finishing_ = true;
    flush();
  }
  Stream& stream() { return *stream_; }
  bool alive() const { return stream_ != nullptr; }
  void close() { stream_.reset(); }
  bool sentAll() const { return unsent_.empty() && (!stream_ || stream_->pendingWrite() == 0); }

  std::string received;
  std::error_code error;
  std::string detail;
  bool eof = false;
  bool ready = false;  ///< the transport handshake is done
  std::size_t shortWrites = 0;
  std::size_t readSize = 4096;
  bool readOnce = false;  ///< one read per notice
  std::function<void()> afterRead;

  void onReadable() override {
    if (!ready) return advance();
    readAll();
  }
  void onWritable() override {
    if (!ready) return advance();
    flush();
  }

 private:
  void fail(std::error_code code) {
    detail = stream_->errorDetail();
    error = code;
    stream_.reset();
  }
  void advance() {
    const std::error_code code = stream_->handshake();
    if (code == std::errc::operation_would_block) return;
    if (code) return fail(code);
    ready = true;
    flush();
    if (stream_) readAll();
  }
  void readAll() {
    std::string buffer(readSize, '\0');
    for (IoResult result{readSize, {}, false}; stream_ && result.size == readSize;) {
      result = stream_->read(buffer);
      received.append(buffer, 0, result.size);
      if (echoes_ && result.size != 0) send(std::string_view(buffer).substr(0, result.size));
      if (!stream_) return;
      if (result.failed()) return fail(result.error);
      if (result.eof) {
        eof = true;
        detail = stream_->errorDetail();
        if (echoes_) finish();
      }
      if (afterRead && result.size != 0) afterRead();
      if (readOnce) return;
    }
  }
  void flush() {
    if (!ready || !stream_) return;
    while (!unsent_.empty()) {
      const std::string_view part = unsent_;
      const IoResult result = stream_->write(std::span(&part, 1));
      if (result.failed()) return fail(result.error);
      if (result.size != unsent_.size()) ++shortWrites;
      unsent_.erase(0, result.size);
      if (result.size != part.size()) break;
    }
    const bool waiting = !unsent_.empty() || stream_->pendingWrite() != 0;
    stream_->watchWrite(waiting);
    if (unsent_.empty() && finishing_ && !finished_) {
      finished_ = true;
      stream_->shutdownWrite();
    }
  }

  std::unique_ptr<Stream> stream_;
  std::string unsent_;
  bool echoes_;
  bool finishing_ = false;
  bool finished_ = false;
};

}  // namespace autobahn::inline v0::util::testing
