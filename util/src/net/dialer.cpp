#include <autobahn/util/net/dialer.hpp>

#include <algorithm>
#include <array>
#include <asio/ip/tcp.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/socket_stream.hpp>
#include <autobahn/util/net/tls.hpp>
#include <cstring>

#include "address_order.hpp"
#include "connect_attempt.hpp"
#include "proxy_handshake.hpp"

namespace autobahn::inline v0::util {

namespace {

/// RFC 8305 section 5: "Connection Attempt Delay".
constexpr std::chrono::milliseconds kAttemptDelay{250};
constexpr std::size_t kProxyReadSize = 4096;

std::error_code errorOf(std::errc code) { return std::make_error_code(code); }

/// Look-up, connecting, proxy; then the stream is handed out. Owned by its handle; whatever may call the
/// handler holds a reference meanwhile.
class Dialing final : public std::enable_shared_from_this<Dialing>, private LoopTask, private StreamObserver {
 public:
  /// `known`: the addresses of all names, when they are not to be looked up.
  Dialing(AsioLoop& loop, DialTarget target, DialHandler handler, std::vector<SocketAddress> known)
      : loop_(loop),
        target_(std::move(target)),
        handler_(std::move(handler)),
        resolver_(loop.context()),
        addresses_(std::move(known)) {}
  ~Dialing() { loop_.forget(*this); }

  void start(std::chrono::milliseconds timeout);
  void cancel() {
    handler_ = nullptr;
    release();
  }

 private:
  using Resolver = asio::ip::tcp::resolver;

  void begin();
  void resolve();
  void resolved(std::error_code error, const Resolver::results_type& results);
  void connectToNext();
  void attemptFailed(const SocketAddress& address, std::error_code error);
  void connected(UniqueFd socket);
  void negotiate();
  void finishNegotiation(ProxyHandshake::Status status);
  void succeed(std::unique_ptr<Stream> stream);
  void fail(std::error_code error, const std::string& detail);
  void finish(std::error_code error, const std::string& detail, std::unique_ptr<Stream> stream);
  void release();
  void arm() { loop_.schedule(*this, std::min(deadline_, nextAttempt_)); }

  void onTimer() override;
  void onReadable() override;
  void onWritable() override { negotiate(); }

  const std::string& host() const { return target_.proxy ? target_.proxy->host : target_.host; }
  std::uint16_t port() const { return target_.proxy ? target_.proxy->port : target_.port; }
  std::string name() const;

  AsioLoop& loop_;
  DialTarget target_;
  DialHandler handler_;
  Resolver resolver_;
  TimePoint deadline_ = kNever;
  TimePoint nextAttempt_ = kNever;
  SocketAddress local_;
  std::vector<SocketAddress> addresses_;  ///< to be tried, in order
  std::size_t nextAddress_ = 0;
  std::vector<std::unique_ptr<ConnectAttempt>> attempts_;
  std::error_code lastError_;
  std::string failures_;            ///< in words, of all attempts
  std::unique_ptr<Stream> stream_;  ///< during the proxy's handshake
  std::unique_ptr<ProxyHandshake> proxy_;
  std::string unsent_;
};

std::string Dialing::name() const {
  if (!target_.unixPath.empty()) return target_.unixPath;
  const bool isV6 = host().find(':') != std::string::npos;
  return (target_.proxy ? "proxy " : "") + (isV6 ? '[' + host() + ']' : host()) + ':' +
         std::to_string(port());
}

void Dialing::start(std::chrono::milliseconds timeout) {
  if (timeout > timeout.zero()) {
    deadline_ = loop_.now() + timeout;
    arm();
  }
  loop_.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->begin();
  });
}

void Dialing::begin() {
  if (!handler_) return;
  if (!target_.localAddress.empty() && !local_.setNumeric(target_.localAddress, 0)) {
    return fail(errorOf(std::errc::invalid_argument), "local address " + target_.localAddress + " is none");
  }
  SocketAddress address;
  if (!target_.unixPath.empty()) {
    target_.proxy.reset();
    local_ = {};
    if (!address.setUnixPath(target_.unixPath)) return fail(errorOf(std::errc::filename_too_long), name());
  } else if (!address.setNumeric(host(), port())) {
    return addresses_.empty() ? resolve() : connectToNext();
  }
  addresses_ = {address};
  connectToNext();
}

void Dialing::resolve() {
  resolver_.async_resolve(
      host(), std::to_string(port()), Resolver::numeric_service,
      [weak = weak_from_this()](std::error_code error, const Resolver::results_type& results) {
        if (const auto self = weak.lock()) self->resolved(error, results);
      });
}

void Dialing::resolved(std::error_code error, const Resolver::results_type& results) {
  if (!handler_) return;
  if (error) return fail(error, "cannot resolve " + host() + ": " + error.message());
  for (const auto& entry : results) {
    const asio::ip::tcp::endpoint endpoint = entry.endpoint();
    SocketAddress address;
    address.length = static_cast<socklen_t>(endpoint.size());
    std::memcpy(&address.storage, endpoint.data(), endpoint.size());
    addresses_.push_back(address);
  }
  addresses_ = interleaveFamilies(addresses_);
  connectToNext();
}

/// Starts one more attempt: at the beginning, when one has failed, or when the others take their time.
void Dialing::connectToNext() {
  nextAttempt_ = kNever;
  while (nextAddress_ < addresses_.size()) {
    const SocketAddress& address = addresses_[nextAddress_++];
    if (local_.length != 0 && local_.family() != address.family()) continue;
    auto attempt = std::make_unique<ConnectAttempt>(
        loop_, address, [this](ConnectAttempt& one, std::error_code error, UniqueFd socket) {
          const auto self = shared_from_this();
          if (!error) return connected(std::move(socket));
          attemptFailed(one.address(), error);
          std::erase_if(attempts_, [&](const auto& other) { return other.get() == &one; });
          connectToNext();
        });
    if (const std::error_code error = attempt->start(local_)) {
      attemptFailed(address, error);
      continue;
    }
    attempts_.push_back(std::move(attempt));
    if (nextAddress_ < addresses_.size()) nextAttempt_ = loop_.now() + kAttemptDelay;
    break;
  }
  if (!attempts_.empty()) return arm();
  if (!lastError_) lastError_ = errorOf(std::errc::address_not_available);
  fail(lastError_,
       "cannot connect to " + name() + ": " + (failures_.empty() ? lastError_.message() : failures_));
}

void Dialing::attemptFailed(const SocketAddress& address, std::error_code error) {
  lastError_ = error;
  if (!failures_.empty()) failures_ += "; ";
  if (addresses_.size() > 1 || address.text() != name()) failures_ += address.text() + ": ";
  failures_ += error.message();
}

void Dialing::connected(UniqueFd socket) {
  nextAttempt_ = kNever;
  arm();
  attempts_.clear();
  std::unique_ptr<Stream> stream = makeSocketStream(loop_, socket.release());
  if (!target_.proxy) return succeed(std::move(stream));
  stream_ = std::move(stream);
  proxy_ = makeProxyHandshake(*target_.proxy, target_.host, target_.port);
  if (const std::error_code error = stream_->attach(*this)) return fail(error, "cannot watch the socket");
  finishNegotiation(proxy_->feed({}, unsent_));
}

void Dialing::onReadable() {
  const auto self = shared_from_this();
  std::array<char, kProxyReadSize> buffer;
  const IoResult result = stream_->read(buffer);
  if (result.wouldBlock()) return;
  if (result.failed()) return fail(result.error, name() + ": " + result.error.message());
  if (result.eof) {
    return fail(errorOf(std::errc::connection_aborted),
                name() + " closed the connection during its handshake");
  }
  finishNegotiation(proxy_->feed({buffer.data(), result.size}, unsent_));
}

void Dialing::finishNegotiation(ProxyHandshake::Status status) {
  if (status == ProxyHandshake::Status::failed) {
    return fail(errorOf(std::errc::connection_refused), name() + ": " + proxy_->error());
  }
  if (status == ProxyHandshake::Status::done) return succeed(std::move(stream_));
  negotiate();
}

void Dialing::negotiate() {
  const auto self = shared_from_this();
  if (!unsent_.empty()) {
    const std::string_view part = unsent_;
    const IoResult result = stream_->write(std::span(&part, 1));
    if (result.failed()) return fail(result.error, name() + ": " + result.error.message());
    unsent_.erase(0, result.size);
  }
  stream_->watchWrite(!unsent_.empty());
}

void Dialing::onTimer() {
  const auto self = shared_from_this();
  if (loop_.now() >= deadline_) {
    const std::string what = failures_.empty() ? std::string() : " (" + failures_ + ')';
    return fail(errorOf(std::errc::timed_out), "connecting to " + name() + " took too long" + what);
  }
  if (loop_.now() >= nextAttempt_) return connectToNext();
  arm();
}

void Dialing::succeed(std::unique_ptr<Stream> stream) {
  if (target_.tls) {
    const std::string& serverName = target_.serverName.empty() ? target_.host : target_.serverName;
    stream = makeTlsStream(std::move(stream), target_.tls, loop_, false, serverName);
  }
  finish({}, {}, std::move(stream));
}

void Dialing::fail(std::error_code error, const std::string& detail) { finish(error, detail, nullptr); }

void Dialing::finish(std::error_code error, const std::string& detail, std::unique_ptr<Stream> stream) {
  const auto self = shared_from_this();
  const DialHandler handler = std::exchange(handler_, nullptr);
  release();
  if (handler) handler(error, detail, std::move(stream));
}

void Dialing::release() {
  loop_.forget(*this);
  resolver_.cancel();
  attempts_.clear();
  stream_.reset();
}

class Operation final : public DialOperation {
 public:
  explicit Operation(std::shared_ptr<Dialing> dialing) : dialing_(std::move(dialing)) {}
  ~Operation() override { dialing_->cancel(); }

 private:
  std::shared_ptr<Dialing> dialing_;
};

class AsioDialer final : public Dialer {
 public:
  AsioDialer(AsioLoop& loop, std::vector<SocketAddress> known) : loop_(loop), known_(std::move(known)) {}

  DialHandle dial(const DialTarget& target, std::chrono::milliseconds timeout, DialHandler handler) override {
    auto dialing = std::make_shared<Dialing>(loop_, target, std::move(handler), known_);
    dialing->start(timeout);
    return std::make_unique<Operation>(std::move(dialing));
  }

 private:
  AsioLoop& loop_;
  std::vector<SocketAddress> known_;
};

}  // namespace

std::unique_ptr<Dialer> makeDialer(asio::io_context& context) { return makeDialerTo(context, {}); }

std::unique_ptr<Dialer> makeDialerTo(asio::io_context& context, std::vector<SocketAddress> addresses) {
  return std::make_unique<AsioDialer>(AsioLoop::of(context), std::move(addresses));
}

}  // namespace autobahn::inline v0::util
