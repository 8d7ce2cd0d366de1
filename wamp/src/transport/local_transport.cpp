#include <asio/post.hpp>
#include <autobahn/wamp/local_transport.hpp>
#include <mutex>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp {
namespace {

/// One end of the pair. What the other end sends waits in `inbox_`; one posted function takes all that waits.
class LocalTransport final : public Transport, public std::enable_shared_from_this<LocalTransport> {
 public:
  explicit LocalTransport(LocalEnd end) : end_(std::move(end)) {}

  void join(const std::shared_ptr<LocalTransport>& peer) { peer_ = peer; }
  void start() {
    asio::post(end_.executor, [self = shared_from_this()] {
      self->isOpen_ = true;
      self->end_.handler->onOpen(self);
      self->drain();
    });
  }

  void send(const Message& message) override {
    if (!isOpen_) throw TransportLost("the transport is closed");
    peer_->put(message);
  }
  void close() override {
    if (!std::exchange(isOpen_, false)) return;
    peer_->end("the peer closed the transport");
    end("closed");
  }
  void abort() override { close(); }
  bool isOpen() const override { return isOpen_; }
  TransportDetails details() const override {
    TransportDetails details;
    details.type = "local";
    details.network.peer = "local";
    details.network.local = "local";
    return details;
  }
  std::string getChannelId(std::string_view /*type*/) const override { return {}; }
  asio::any_io_executor executor() const override { return end_.executor; }

 private:
  // From the peer's thread.
  void put(const Message& message) {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(message);
    wake();
  }
  void end(std::string reason) {
    const std::lock_guard lock(mutex_);
    if (hasEnded_) return;
    hasEnded_ = true;
    reason_ = std::move(reason);
    wake();
  }
  void wake() {
    if (std::exchange(isWoken_, true)) return;
    asio::post(end_.executor, [self = shared_from_this()] { self->drain(); });
  }

  void drain() {
    if (!end_.handler) return;
    std::vector<Message> messages;
    bool hasEnded = false;
    {
      const std::lock_guard lock(mutex_);
      isWoken_ = false;
      messages.swap(inbox_);
      hasEnded = hasEnded_;
    }
    for (Message& message : messages) {
      if (!isOpen_) break;  // what arrives after the end is not wanted
      end_.handler->onMessage(std::move(message));
    }
    if (!hasEnded) return;
    isOpen_ = false;
    const auto peer = std::exchange(peer_, nullptr);
    // The last call: the handler is let go, and with it the ring of references.
    if (const auto handler = std::exchange(end_.handler, nullptr)) handler->onClose(true, reason_);
  }

  LocalEnd end_;
  std::shared_ptr<LocalTransport> peer_;
  bool isOpen_ = false;

  std::mutex mutex_;  ///< for what follows
  std::vector<Message> inbox_;
  bool isWoken_ = true;  ///< `start` looks first
  bool hasEnded_ = false;
  std::string reason_;
};

}  // namespace

void connectLocally(LocalEnd first, LocalEnd second) {
  const auto one = std::make_shared<LocalTransport>(std::move(first));
  const auto other = std::make_shared<LocalTransport>(std::move(second));
  one->join(other);
  other->join(one);
  one->start();
  other->start();
}

}  // namespace autobahn::inline v0::wamp
