#include <asio/execution/context.hpp>
#include <asio/io_context.hpp>
#include <asio/query.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/wamp/local_transport.hpp>
#include <deque>
#include <mutex>
#include <utility>

#include "message_octets.hpp"

namespace autobahn::inline v0::wamp {
namespace {

std::shared_ptr<util::LoopMailbox> mailboxOf(const asio::any_io_executor& executor) {
  auto& context = asio::query(executor, asio::execution::context);
  return util::AsioLoop::of(static_cast<asio::io_context&>(context)).mailbox();
}

/// One end of the pair. What the other end sends waits in `inbox_`; one posted function takes all that waits.
class LocalTransport final : public Transport, public std::enable_shared_from_this<LocalTransport> {
 public:
  explicit LocalTransport(LocalEnd end) : end_(std::move(end)), mailbox_(mailboxOf(end_.executor)) {}

  void join(const std::shared_ptr<LocalTransport>& peer) { peer_ = peer; }
  void start();

  void send(const Message& message) override;
  void close() override { endBoth("closed", "the peer closed the transport", true); }
  void abort() override { close(); }
  bool isOpen() const override { return isOpen_; }
  TransportDetails details() const override;
  std::string getChannelId(std::string_view /*type*/) const override { return {}; }
  asio::any_io_executor executor() const override { return end_.executor; }

 private:
  /// What became of a message.
  enum class Put : std::uint8_t { taken, tooMany, nobodyThere };
  /// Tells, by its end, that the loop goes.
  struct Residence {
    explicit Residence(std::shared_ptr<LocalTransport> who) : transport(std::move(who)) {}
    Residence(const Residence&) = delete;
    Residence& operator=(const Residence&) = delete;
    ~Residence() { transport->loopIsGone(); }
    std::shared_ptr<LocalTransport> transport;
  };

  // From the peer's thread.
  Put put(const Message& message);
  void end(std::string reason, bool isClean);

  bool isFull(std::size_t more) const;
  bool wake();
  void drain();
  void handle(std::deque<Message> messages);
  void endBoth(const char* here, const char* there, bool isClean);
  void ended();
  void loopIsGone();

  LocalEnd end_;
  std::shared_ptr<util::LoopMailbox> mailbox_;
  std::weak_ptr<Residence> residence_;  ///< held by the mailbox
  std::shared_ptr<LocalTransport> peer_;
  bool isOpen_ = false;

  std::mutex mutex_;  ///< for what follows
  std::deque<Message> inbox_;
  std::size_t waitingOctets_ = 0;
  bool isWoken_ = true;  ///< `start` looks first
  bool hasEnded_ = false;
  bool isClean_ = true;
  std::string reason_;
};

void LocalTransport::start() {
  const auto residence = std::make_shared<Residence>(shared_from_this());
  residence_ = residence;
  // Without a loop `residence` goes at once, and says so.
  if (!mailbox_->hold(residence)) return;
  mailbox_->post([self = shared_from_this()] {
    self->isOpen_ = true;
    self->end_.handler->onOpen(self);
    self->drain();
  });
}

TransportDetails LocalTransport::details() const {
  TransportDetails details;
  details.type = "local";
  details.network.peer = "local";
  details.network.local = "local";
  return details;
}

// ---- Sending

void LocalTransport::send(const Message& message) {
  if (!isOpen_) throw TransportLost("the transport is closed");
  switch (peer_->put(message)) {
    case Put::taken:
      return;
    case Put::tooMany:
      endBoth("the peer is too slow", "too slow: too much was waiting", false);
      throw TransportLost("the peer is too slow");
    case Put::nobodyThere:
      endBoth("the peer's event loop is gone", "", false);
      throw TransportLost("the peer's event loop is gone");
  }
}

bool LocalTransport::isFull(std::size_t more) const {
  return (end_.maxWaitingMessages != 0 && inbox_.size() >= end_.maxWaitingMessages) ||
         (end_.maxWaitingOctets != 0 && !inbox_.empty() && waitingOctets_ + more > end_.maxWaitingOctets);
}

LocalTransport::Put LocalTransport::put(const Message& message) {
  const std::size_t octets = octetsOf(message);
  const std::lock_guard lock(mutex_);
  if (isFull(octets)) return Put::tooMany;
  inbox_.push_back(message);
  waitingOctets_ += octets;
  return wake() ? Put::taken : Put::nobodyThere;
}

void LocalTransport::end(std::string reason, bool isClean) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(hasEnded_, true)) return;
  reason_ = std::move(reason);
  isClean_ = isClean;
  wake();
}

bool LocalTransport::wake() {
  return std::exchange(isWoken_, true) || mailbox_->post([self = shared_from_this()] { self->drain(); });
}

// ---- Receiving

void LocalTransport::drain() {
  if (!end_.handler) return;
  std::deque<Message> messages;
  bool hasEnded = false;
  {
    const std::lock_guard lock(mutex_);
    isWoken_ = false;
    waitingOctets_ = 0;
    messages.swap(inbox_);
    hasEnded = hasEnded_;
  }
  handle(std::move(messages));
  if (hasEnded) ended();
}

// An exception of the handler's costs nobody else anything: what is left comes with the next turn.
void LocalTransport::handle(std::deque<Message> messages) {
  const std::shared_ptr<TransportHandler> handler = end_.handler;
  while (!messages.empty() && isOpen_) {  // what arrives after the end is not wanted
    Message next = std::move(messages.front());
    messages.pop_front();
    try {
      handler->onMessage(std::move(next));
    } catch (...) {
      const std::lock_guard lock(mutex_);
      inbox_.insert(inbox_.begin(), std::make_move_iterator(messages.begin()),
                    std::make_move_iterator(messages.end()));
      wake();
      throw;
    }
  }
}

// ---- The end

void LocalTransport::endBoth(const char* here, const char* there, bool isClean) {
  if (!std::exchange(isOpen_, false)) return;
  peer_->end(there, isClean);
  end(here, isClean);
}

void LocalTransport::ended() {
  isOpen_ = false;
  const auto self = shared_from_this();
  peer_ = nullptr;
  if (const auto residence = residence_.lock()) {
    mailbox_->release(residence);
    // It has nothing to say any more: the handler is let go here.
    const auto handler = std::exchange(end_.handler, nullptr);
    if (handler) handler->onClose(isClean_, reason_);
  }
}

// The thread that destroys the loop.
void LocalTransport::loopIsGone() {
  isOpen_ = false;
  const auto peer = std::exchange(peer_, nullptr);
  if (peer) peer->end("the peer's event loop is gone", false);
  end_.handler = nullptr;
}

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
