// Readiness emulated over completions: one read ahead, one write behind.
#include <algorithm>
#include <asio/error.hpp>
#include <autobahn/util/net/asio_stream.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <string>
#include <vector>

#include "socket_address.hpp"

namespace autobahn::inline v0::util::detail {

namespace {

constexpr std::size_t kReadSize = std::size_t{64} << 10;
constexpr std::size_t kWriteSize = std::size_t{256} << 10;

class AsioStream;

/// What pending operations need, kept by them beyond the stream's life.
struct Shared {
  explicit Shared(std::shared_ptr<AsioTransport> t) : transport(std::move(t)) {}
  std::shared_ptr<AsioTransport> transport;
  AsioStream* owner = nullptr;  ///< null once it is gone
  std::vector<char> input;      ///< what a read goes into
  std::string output;           ///< what is being written
};

class AsioStream final : public Stream, private LoopTask {
 public:
  AsioStream(EventLoop& loop, std::shared_ptr<AsioTransport> transport, TransportDetails details)
      : loop_(loop), shared_(std::make_shared<Shared>(std::move(transport))), details_(std::move(details)) {
    shared_->owner = this;
  }
  ~AsioStream() override {
    shared_->owner = nullptr;
    loop_.forget(*this);
    shared_->transport->close();
  }

  std::error_code attach(StreamObserver& observer) override {
    observer_ = &observer;
    watchRead(true);
    return {};
  }
  IoResult read(std::span<char> into) override;
  IoResult write(std::span<const std::string_view> parts) override;
  void watchRead(bool on) override {
    readsWatched_ = on;
    announce();
  }
  void watchWrite(bool on) override {
    writesWatched_ = on;
    announce();
  }
  std::size_t pendingWrite() const override { return shared_->output.size() - written_; }
  void shutdownWrite() override {
    shutdownDue_ = true;
    if (pendingWrite() == 0) shared_->transport->shutdownWrite();
  }
  TransportDetails details() const override {
    const int fd = shared_->transport->nativeHandle();
    return details_.peer.empty() && fd >= 0 ? describeSocket(fd) : details_;
  }

 private:
  void onTurnEnd() override;
  bool readable() const { return available_ != taken_ || ((readError_ || eof_) && !endTold_); }
  /// Level-triggered: as long as something is there, the observer is told once per turn.
  void announce() {
    if (observer_ == nullptr) return;
    if (readsWatched_ && !readable()) startRead();
    if ((readsWatched_ && readable()) || (writesWatched_ && pendingWrite() == 0)) loop_.callAtTurnEnd(*this);
  }
  void startRead();
  void readDone(std::error_code error, std::size_t size);
  void startWrite();
  void writeDone(std::error_code error, std::size_t size);

  EventLoop& loop_;
  std::shared_ptr<Shared> shared_;
  TransportDetails details_;
  StreamObserver* observer_ = nullptr;
  std::size_t available_ = 0;  ///< bytes in `input`
  std::size_t taken_ = 0;      ///< of which the user has
  std::size_t written_ = 0;    ///< bytes of `output` that have gone
  std::error_code readError_;
  std::error_code writeError_;
  bool eof_ = false;
  bool endTold_ = false;
  bool reading_ = false;
  bool readsWatched_ = false;
  bool writesWatched_ = false;
  bool shutdownDue_ = false;
};

void AsioStream::startRead() {
  if (reading_ || readError_ || eof_) return;
  reading_ = true;
  available_ = taken_ = 0;
  shared_->input.resize(kReadSize);
  shared_->transport->read(asio::buffer(shared_->input),
                           [shared = shared_](std::error_code error, std::size_t size) {
                             if (shared->owner != nullptr) shared->owner->readDone(error, size);
                           });
}

void AsioStream::readDone(std::error_code error, std::size_t size) {
  reading_ = false;
  available_ = size;
  if (error == asio::error::eof) {
    eof_ = true;
  } else {
    readError_ = error;
  }
  announce();
}

IoResult AsioStream::read(std::span<char> into) {
  IoResult result;
  result.size = std::min(into.size(), available_ - taken_);
  std::copy_n(shared_->input.data() + taken_, result.size, into.data());
  taken_ += result.size;
  if (result.size == 0 && !into.empty()) {
    endTold_ = eof_ || readError_;
    result.eof = eof_;
    result.error = readError_;
    if (!endTold_) result.error = std::make_error_code(std::errc::operation_would_block);
  }
  if (observer_ != nullptr && readsWatched_) announce();
  return result;
}

IoResult AsioStream::write(std::span<const std::string_view> parts) {
  IoResult result;
  result.error = writeError_;
  if (!result.error && shutdownDue_) result.error = std::make_error_code(std::errc::broken_pipe);
  if (!result.error && pendingWrite() != 0)
    result.error = std::make_error_code(std::errc::operation_would_block);
  if (result.error) return result;
  for (const std::string_view part : parts) {
    const std::string_view taken = part.substr(0, kWriteSize - result.size);
    shared_->output += taken;
    result.size += taken.size();
  }
  if (result.size != 0) startWrite();
  return result;
}

void AsioStream::startWrite() {
  const asio::const_buffer rest(shared_->output.data() + written_, pendingWrite());
  shared_->transport->write(rest, [shared = shared_](std::error_code error, std::size_t size) {
    if (shared->owner != nullptr) shared->owner->writeDone(error, size);
  });
}

void AsioStream::writeDone(std::error_code error, std::size_t size) {
  written_ += size;
  writeError_ = error;
  if (!error && pendingWrite() != 0) return startWrite();
  shared_->output.clear();
  written_ = 0;
  if (shutdownDue_) shared_->transport->shutdownWrite();
  announce();
}

void AsioStream::onTurnEnd() {
  const std::shared_ptr<Shared> shared = shared_;  // the observer may destroy this
  if (readsWatched_ && readable()) {
    observer_->onReadable();
    if (shared->owner == nullptr) return;
  }
  if (writesWatched_ && pendingWrite() == 0) {
    observer_->onWritable();
    if (shared->owner == nullptr) return;
  }
  announce();
}

}  // namespace

std::unique_ptr<Stream> makeStreamOver(EventLoop& loop, std::shared_ptr<AsioTransport> transport,
                                       TransportDetails details) {
  return std::make_unique<AsioStream>(loop, std::move(transport), std::move(details));
}

asio::any_io_executor executorOf(EventLoop& loop) { return loop.executor(); }

}  // namespace autobahn::inline v0::util::detail
