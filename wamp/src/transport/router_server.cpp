#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/signalled_run.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/local_transport.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <utility>
#include <vector>

#include "loop_crossing.hpp"
#include "relayed_connection.hpp"
#include "router_connection.hpp"
#include "router_port.hpp"

namespace autobahn::inline v0::wamp {

namespace {

/// What may wait for a session of this process before it is taken for dead, as the send buffer of others.
constexpr std::size_t kMaxWaitingMessages = 100'000;
constexpr std::size_t kMaxWaitingOctets = std::size_t{16} << 20;
/// From so many threads on, the first has no connections.
constexpr std::size_t kRoutingApart = 3;

}  // namespace

class RouterServer::Impl final : public RouterHost, public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context* io, RouterOptions options, std::size_t threads)
      : ownIo_(io == nullptr ? std::make_unique<asio::io_context>(1) : nullptr),
        io_(io == nullptr ? *ownIo_ : *io),
        loop_(util::AsioLoop::of(io_)),
        mailbox_(loop_.mailbox()),
        router_(std::move(options)),
        timer_(io_),
        drainTimer_(io_) {
    // With many connections of its own the first loop would keep the messages of the others waiting.
    const auto dealing =
        threads >= kRoutingApart ? util::LoopGroup::Dealing::others : util::LoopGroup::Dealing::all;
    auto loops = std::make_shared<util::LoopGroup>(io_, threads, dealing);
    if (threads > 1) crossings_ = std::make_unique<LoopCrossings>(std::move(loops));
    tellTime();
    router_.watchTurns([this] { tellTime(); }, [this] { watchDeadline(); });
  }

  // RouterHost
  Router& router() override { return router_; }
  LoopCrossings* crossings() override { return crossings_.get(); }

  bool ownsContext() const { return ownIo_ != nullptr; }
  asio::io_context& context() { return io_; }
  RouterListener listen(std::string_view url, RouterListenOptions options);
  void reloadCertificates() {
    for (const auto& each : ports_) each->reloadCertificates();
  }
  void connectLocal(std::shared_ptr<TransportHandler> handler, asio::any_io_executor executor);
  int run();
  void onLoop(std::function<void(Impl&)> function);
  void drain(std::chrono::milliseconds deadline, std::function<void()> done);
  void readMetrics(std::function<void(const std::vector<RouterListenerMetrics>&)> done);
  /// Ends all connections; what comes after is refused.
  void shutDown();

 private:
  void tellTime();
  void watchDeadline();
  /// Makes the router's end of a transport, on the transport's loop.
  TransportHandlerFactory handlers();
  void addLocal(const std::shared_ptr<RouterConnection>& connection);
  void endLocals();

  std::unique_ptr<asio::io_context> ownIo_;
  asio::io_context& io_;
  util::AsioLoop& loop_;
  std::shared_ptr<util::LoopMailbox> mailbox_;
  std::chrono::steady_clock::time_point told_;  ///< the time that the router knows
  Router router_;
  asio::steady_timer timer_;
  std::optional<std::chrono::steady_clock::time_point> armed_;
  std::unique_ptr<LoopCrossings> crossings_;  ///< null: the loop is the only one
  std::vector<std::unique_ptr<RouterPort>> ports_;
  /// Of sessions of this process; some may have ended.
  std::vector<std::weak_ptr<RouterConnection>> locals_;
  std::size_t localsLooked_ = 0;  ///< how many there were when those that had ended were last taken out
  asio::steady_timer drainTimer_;
};

// One look at the clocks serves all that one turn of the loop brings.
void RouterServer::Impl::tellTime() {
  const auto now = loop_.now();
  if (std::exchange(told_, now) != now) router_.setTime(now, std::chrono::system_clock::now());
}

void RouterServer::Impl::watchDeadline() {
  const auto next = router_.nextDeadline();
  // A timer that comes too early finds nothing due and looks again.
  if (!next) {
    // An idle timer would keep the caller's io_context::run() from returning.
    if (armed_) timer_.cancel();
    armed_.reset();
    return;
  }
  if (armed_ && *armed_ <= *next) return;
  armed_ = next;
  timer_.expires_at(*next);
  timer_.async_wait([weak = weak_from_this()](std::error_code error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->armed_.reset();
    self->router_.handleTimeout();
  });
}

TransportHandlerFactory RouterServer::Impl::handlers() {
  const std::weak_ptr<RouterHost> weak = weak_from_this();
  if (!crossings_) return [weak] { return std::make_shared<RouterConnection>(weak); };
  return [weak, crossings = crossings_.get()]() -> std::shared_ptr<TransportHandler> {
    auto crossing = crossings->ofCurrentThread();
    if (!crossing) return std::make_shared<RouterConnection>(weak);
    return std::make_shared<RelayedConnection>(weak, std::move(crossing));
  };
}

RouterListener RouterServer::Impl::listen(std::string_view url, RouterListenOptions options) {
  ports_.push_back(std::make_unique<RouterPort>(io_, crossings_ ? crossings_->loops() : nullptr, url,
                                                std::move(options), handlers()));
  return ports_.back()->listener();
}

// From any thread.
void RouterServer::Impl::connectLocal(std::shared_ptr<TransportHandler> handler,
                                      asio::any_io_executor executor) {
  if (!executor) executor = io_.get_executor();
  const auto connection = std::make_shared<RouterConnection>(weak_from_this());
  onLoop([connection](Impl& self) { self.addLocal(connection); });  // before it opens
  LocalEnd session{std::move(executor), std::move(handler)};
  session.maxWaitingMessages = kMaxWaitingMessages;
  session.maxWaitingOctets = kMaxWaitingOctets;
  connectLocally({io_.get_executor(), connection}, std::move(session));
}

void RouterServer::Impl::addLocal(const std::shared_ptr<RouterConnection>& connection) {
  if (locals_.size() >= 2 * localsLooked_ + 16) {
    std::erase_if(locals_, [](const auto& each) {
      const auto there = each.lock();
      return !there || there->hasEnded();
    });
    localsLooked_ = locals_.size();
  }
  locals_.push_back(connection);
}

void RouterServer::Impl::endLocals() {
  for (const auto& each : locals_) {
    if (const auto connection = each.lock()) connection->close();
  }
}

int RouterServer::Impl::run() {
  if (!ownIo_) throw InvalidState("the router runs on your io_context: call its run() instead");
  util::SignalledRun run(io_, [this](int) { drain(std::chrono::seconds(5), [this] { io_.stop(); }); });
  return run.run();
}

void RouterServer::Impl::onLoop(std::function<void(Impl&)> function) {
  mailbox_->post([weak = weak_from_this(), function = std::move(function)] {
    if (const auto self = weak.lock()) function(*self);
  });
}

void RouterServer::Impl::drain(std::chrono::milliseconds deadline, std::function<void()> done) {
  // Called when the last listener and the last local connection have dropped their shares.
  const std::shared_ptr<void> whenAll(
      nullptr, [weak = weak_from_this(), done = std::move(done), mailbox = mailbox_](void*) {
        if (const auto self = weak.lock()) self->drainTimer_.cancel();
        if (done) mailbox->post(done);
      });
  for (const auto& each : locals_) {
    const auto connection = each.lock();
    if (connection && !connection->hasEnded()) connection->holdUntilEnd(whenAll);
  }
  drainTimer_.expires_after(deadline);
  drainTimer_.async_wait([weak = weak_from_this()](std::error_code error) {
    if (const auto self = weak.lock(); self && !error) self->endLocals();
  });
  router_.close(close::kSystemShutdown);
  for (const auto& each : ports_) each->drain(deadline, [whenAll] {});
}

void RouterServer::Impl::readMetrics(std::function<void(const std::vector<RouterListenerMetrics>&)> done) {
  struct Gathering {
    std::vector<RouterListenerMetrics> all;
    std::size_t missing;
    std::function<void(const std::vector<RouterListenerMetrics>&)> done;
  };
  if (ports_.empty()) return done({});
  const auto gathering = std::make_shared<Gathering>();
  gathering->all.resize(ports_.size());
  gathering->missing = ports_.size();
  gathering->done = std::move(done);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    ports_[i]->readMetrics([gathering, i](RouterListenerMetrics metrics) {
      gathering->all[i] = std::move(metrics);
      if (--gathering->missing == 0) gathering->done(gathering->all);
    });
  }
}

void RouterServer::Impl::shutDown() {
  timer_.cancel();
  drainTimer_.cancel();
  endLocals();
  ports_.clear();
  crossings_.reset();
}

RouterServer::RouterServer(RouterOptions options, std::size_t threads)
    : impl_(std::make_shared<Impl>(nullptr, std::move(options), threads)) {}
RouterServer::RouterServer(asio::io_context& io, RouterOptions options, std::size_t threads)
    : impl_(std::make_shared<Impl>(&io, std::move(options), threads)) {}
RouterServer::~RouterServer() { impl_->shutDown(); }

Router& RouterServer::router() { return impl_->router(); }
asio::io_context& RouterServer::context() { return impl_->context(); }
RouterListener RouterServer::listen(std::string_view url, RouterListenOptions options) {
  return impl_->listen(url, std::move(options));
}
void RouterServer::reloadCertificates() { impl_->reloadCertificates(); }
void RouterServer::connectLocal(std::shared_ptr<TransportHandler> handler, asio::any_io_executor executor) {
  impl_->connectLocal(std::move(handler), std::move(executor));
}
int RouterServer::run() { return impl_->run(); }
void RouterServer::stop() {
  if (!impl_->ownsContext()) throw InvalidState("the router runs on your io_context: stop that instead");
  impl_->context().stop();
}
void RouterServer::drain(std::chrono::milliseconds deadline, std::function<void()> done) {
  impl_->onLoop([deadline, done = std::move(done)](Impl& impl) { impl.drain(deadline, done); });
}
void RouterServer::readMetrics(std::function<void(const std::vector<RouterListenerMetrics>&)> done) {
  impl_->onLoop([done = std::move(done)](Impl& impl) { impl.readMetrics(done); });
}
std::size_t RouterServer::connectionCount() const { return impl_->router().transportCount(); }

}  // namespace autobahn::inline v0::wamp
