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

#include "router_connection.hpp"
#include "router_port.hpp"

namespace autobahn::inline v0::wamp {

class RouterServer::Impl final : public RouterHost, public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context* io, RouterOptions options)
      : ownIo_(io == nullptr ? std::make_unique<asio::io_context>(1) : nullptr),
        io_(io == nullptr ? *ownIo_ : *io),
        mailbox_(util::AsioLoop::of(io_).mailbox()),
        router_(std::move(options)),
        timer_(io_) {
    tellTime();
  }

  // RouterHost
  Router& router() override { return router_; }
  void tellTime() override {
    router_.setTime(std::chrono::steady_clock::now(), std::chrono::system_clock::now());
  }
  void watchDeadline() override;

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
  /// Ends all connections; what comes after is refused.
  void shutDown();

 private:
  TransportHandlerFactory handlers() {
    return [weak = weak_from_this()] { return std::make_shared<RouterConnection>(weak); };
  }
  void closeListeners(std::chrono::milliseconds deadline, std::function<void()> done);

  std::unique_ptr<asio::io_context> ownIo_;
  asio::io_context& io_;
  std::shared_ptr<util::LoopMailbox> mailbox_;
  Router router_;
  asio::steady_timer timer_;
  std::optional<std::chrono::steady_clock::time_point> armed_;
  std::vector<std::unique_ptr<RouterPort>> ports_;
};

void RouterServer::Impl::watchDeadline() {
  const auto next = router_.nextDeadline();
  // A timer that comes too early finds nothing due and looks again.
  if (!next || (armed_ && *armed_ <= *next)) return;
  armed_ = next;
  timer_.expires_at(*next);
  timer_.async_wait([weak = weak_from_this()](std::error_code error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->armed_.reset();
    self->tellTime();
    self->router_.handleTimeout();
    self->watchDeadline();
  });
}

RouterListener RouterServer::Impl::listen(std::string_view url, RouterListenOptions options) {
  ports_.push_back(std::make_unique<RouterPort>(io_, url, std::move(options), handlers()));
  return ports_.back()->listener();
}

void RouterServer::Impl::connectLocal(std::shared_ptr<TransportHandler> handler,
                                      asio::any_io_executor executor) {
  if (!executor) executor = io_.get_executor();
  connectLocally({io_.get_executor(), std::make_shared<RouterConnection>(weak_from_this())},
                 {std::move(executor), std::move(handler)});
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
  tellTime();
  router_.close(close::kSystemShutdown);
  watchDeadline();
  closeListeners(deadline, std::move(done));
}

// Each listener says when it has drained; the last one's word is ours.
void RouterServer::Impl::closeListeners(std::chrono::milliseconds deadline, std::function<void()> done) {
  // Called when the last listener drops its share.
  const std::shared_ptr<void> whenAll(nullptr, [done = std::move(done), mailbox = mailbox_](void*) {
    if (done) mailbox->post(done);
  });
  for (const auto& each : ports_) each->drain(deadline, [whenAll] {});
}

void RouterServer::Impl::shutDown() {
  timer_.cancel();
  ports_.clear();
}

RouterServer::RouterServer(RouterOptions options)
    : impl_(std::make_shared<Impl>(nullptr, std::move(options))) {}
RouterServer::RouterServer(asio::io_context& io, RouterOptions options)
    : impl_(std::make_shared<Impl>(&io, std::move(options))) {}
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
std::size_t RouterServer::connectionCount() const { return impl_->router().transportCount(); }

}  // namespace autobahn::inline v0::wamp
