#include "longpoll_transport.hpp"

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

namespace autobahn::inline v0::wamp {
namespace {

namespace http = websocket::http;

constexpr std::chrono::seconds kLinger{5};
/// Messages in one answer: clients have limits too.
constexpr std::size_t kMostInBatch = 1000;

std::string contentType(std::string_view serializer) {
  if (serializer.starts_with("json")) return "application/json; charset=utf-8";
  if (serializer.starts_with("msgpack")) return "application/x-msgpack";
  if (serializer.starts_with("cbor")) return "application/cbor";
  return "application/octet-stream";
}

http::Response notThere() { return plainAnswer(404, "there is no such transport"); }

}  // namespace

http::Response plainAnswer(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(text) + '\n';
  return response;
}

http::Response emptyAnswer() {
  http::Response response;
  response.status = 204;
  return response;
}

void LongPollOptions::validate() const {
  const auto require = [](bool holds, const char* rule) {
    if (!holds) throw std::invalid_argument(rule);
  };
  require(pollTimeout >= std::chrono::milliseconds(1) && pollTimeout <= std::chrono::hours(1),
          "longPoll.pollTimeout is outside 1 ms…1 h");
  require(inactivityTimeout >= std::chrono::milliseconds(1) && inactivityTimeout <= std::chrono::hours(24),
          "longPoll.inactivityTimeout is outside 1 ms…24 h");
  require(maxQueuedMessages > 0, "longPoll.maxQueuedMessages is 0: nothing could be sent");
}

/// Counts a request that waits, also one whose coroutine is destroyed.
class LongPollTransport::Waiting {
 public:
  explicit Waiting(LongPollTransport& transport) : transport_(transport) { ++transport_.waiting_; }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() { --transport_.waiting_; }

 private:
  LongPollTransport& transport_;
};

LongPollTransport::LongPollTransport(util::EventLoop& loop, const LongPollOptions& options,
                                     std::unique_ptr<Serializer> serializer,
                                     std::shared_ptr<TransportHandler> handler,
                                     util::TransportDetails network, std::function<void()> gone)
    : SerializedTransport(std::move(serializer), std::move(handler), loop.executor()),
      loop_(loop),
      options_(options),
      gone_(std::move(gone)),
      news_(loop.executor()),
      lastSeen_(loop.now()),
      linger_(kLinger) {
  details_.type = "longpoll";
  details_.protocol = this->serializer()->subprotocol();
  details_.serializer = this->serializer()->id();
  details_.network = std::move(network);
}

std::shared_ptr<LongPollTransport> LongPollTransport::self() {
  return std::static_pointer_cast<LongPollTransport>(shared_from_this());
}

void LongPollTransport::start() {
  loop_.schedule(*this, lastSeen_ + options_.inactivityTimeout);
  opened();
}

// ---- Requests

http::Response LongPollTransport::takeSent(std::string_view body) {
  if (isEnding_ || isGone_) return notThere();
  seen();
  const Problem problem = received(body, serializer()->isBinary());
  return problem ? plainAnswer(400, *problem) : emptyAnswer();
}

websocket::HttpDecision LongPollTransport::fetch() {
  seen();
  ++turn_;
  news_.cancel();
  if (!queue_.empty()) return takeQueued();
  if (isEnding_ || isGone_) return notThere();
  return waitForNews(self(), turn_);
}

asio::awaitable<http::Response> LongPollTransport::waitForNews(std::shared_ptr<LongPollTransport> self,
                                                               std::uint64_t turn) {
  const Waiting waiting(*self);
  const auto isUp = [&] {
    return turn != self->turn_ || !self->queue_.empty() || self->isEnding_ || self->isGone_;
  };
  if (!isUp()) self->news_.expires_after(self->options_.pollTimeout);
  while (!isUp()) {
    std::error_code interrupted;
    co_await self->news_.async_wait(asio::redirect_error(asio::use_awaitable, interrupted));
    if (!interrupted) break;
  }
  self->seen();
  if (turn != self->turn_) co_return emptyAnswer();
  if (!self->queue_.empty()) co_return self->takeQueued();
  if (!self->isEnding_ && !self->isGone_) co_return emptyAnswer();
  self->leave();
  co_return notThere();
}

/// One message, or as many as there are of a batched serializer.
http::Response LongPollTransport::takeQueued() {
  const bool isBatched = details_.serializer.ends_with(".batched");
  http::Response response;
  response.headers.add("Content-Type", contentType(details_.serializer));
  const std::size_t count = isBatched ? std::min(queue_.size(), kMostInBatch) : 1;
  for (std::size_t i = 0; i < count; ++i) {
    queuedSize_ -= queue_.front().size();
    response.body += queue_.front();
    queue_.pop_front();
  }
  if (isEnding_ && queue_.empty()) leave();
  return response;
}

http::Response LongPollTransport::closeByClient() {
  const auto guard = shared_from_this();
  leave();
  ended(true, "closed by the peer");
  return emptyAnswer();
}

// ---- Sending

bool LongPollTransport::sendBytes(std::string_view bytes, bool /*isBinary*/) {
  if (isEnding_ || isGone_) return false;
  const bool isTooMuch =
      queue_.size() >= options_.maxQueuedMessages || queuedSize_ + bytes.size() > options_.maxQueuedSize;
  if (!queue_.empty() && isTooMuch) {
    abortReason_ = "the client does not fetch its messages";
    abort();
    return false;
  }
  queue_.emplace_back(bytes);
  queuedSize_ += bytes.size();
  if (waiting_ != 0) news_.cancel();
  return true;
}

// ---- The end

void LongPollTransport::abortConnection() {
  loop_.post([self = self()] { self->ended(false, self->abortReason_); });
  leave();
}

void LongPollTransport::goAway(std::chrono::milliseconds linger) {
  linger_ = std::min(linger_, linger);
  if (isOpen()) return close();
  if (isEnding_ && !isGone_) loop_.schedule(*this, loop_.now() + linger_);
}

void LongPollTransport::terminate(const std::string& reason) {
  const auto guard = shared_from_this();
  leave();
  ended(false, reason);
}

/// The handler is told in a moment; what waits for the client is kept a little.
void LongPollTransport::endSoon(std::string reason) {
  if (isEnding_ || isGone_) return;
  isEnding_ = true;
  loop_.post([self = self(), reason = std::move(reason)] { self->ended(true, reason); });
  if (waiting_ != 0) {
    news_.cancel();  // the request that waits answers with what there is
  } else if (queue_.empty()) {
    return leave();
  }
  loop_.schedule(*this, loop_.now() + linger_);
}

/// The transport is no more; only the handler may have to hear of it.
void LongPollTransport::leave() {
  if (std::exchange(isGone_, true)) return;
  const auto guard = shared_from_this();
  queue_.clear();
  queuedSize_ = 0;
  news_.cancel();
  loop_.forget(*this);
  if (const auto gone = std::exchange(gone_, nullptr)) gone();
}

void LongPollTransport::onTimer() {
  if (isEnding_) return leave();
  if (waiting_ != 0) seen();
  const util::TimePoint due = lastSeen_ + options_.inactivityTimeout;
  if (loop_.now() < due) return loop_.schedule(*this, due);
  terminate("the client has not been heard of for too long");
}

}  // namespace autobahn::inline v0::wamp
