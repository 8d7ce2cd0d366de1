#include "server_core.hpp"

#include <asio/steady_timer.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/util/net/signalled_run.hpp>
#include <autobahn/util/net/socket_stream.hpp>
#include <utility>

#include "proxy_stream.hpp"
#include "server_loop.hpp"

namespace autobahn::inline v0::websocket {

namespace {
constexpr util::Logger kLog{"autobahn.websocket"};
}  // namespace

ServerCore::ServerCore(WebSocketServerFactory& factory_, asio::io_context* io)
    : factory(factory_),
      ownIo_(io == nullptr ? std::make_unique<asio::io_context>(1) : nullptr),
      io_(io == nullptr ? *ownIo_ : *io) {
  loops_.push_back(std::make_shared<ServerLoop>(*this, util::AsioLoop::of(io_)));
}

ServerCore::~ServerCore() {
  stopListening();
  drained_ = nullptr;
  if (group_) group_->visitOthers([this](std::size_t index) { loops_[index]->shutDown(); });
  loops_.front()->shutDown();
}

ServerConfig ServerCore::config() const {
  const std::lock_guard lock(mutex_);
  return config_;
}

void ServerCore::setObserver(std::shared_ptr<MetricsObserver> observer) {
  observer_ = observer;
  onEveryLoop([observer](ServerLoop& loop) { loop.observer = observer; });
}

void ServerCore::updateConfig(const std::function<void(ServerConfig&)>& change) {
  const std::lock_guard lock(mutex_);
  change(config_);
}

void ServerCore::shareLoops(std::shared_ptr<util::LoopGroup> loops) {
  // Connections of running loops look at the list of loops.
  if (group_ || !listeners_.empty()) throw InvalidState("loops are shared before the first listen()");
  group_ = std::move(loops);
  for (std::size_t i = 1; i < group_->size(); ++i) {
    loops_.push_back(std::make_shared<ServerLoop>(*this, group_->at(i)));
    loops_.back()->observer = observer_;
  }
}

void ServerCore::ensureLoops(int count) {
  if (count < 1) throw std::invalid_argument("threads must be at least 1");
  const auto wanted = static_cast<std::size_t>(count);
  if (loops_.size() >= wanted) return;
  if (!listeners_.empty()) {
    throw InvalidState("the first listen() decides the number of threads: ask for the most there");
  }
  shareLoops(std::make_shared<util::LoopGroup>(io_, wanted));
}

ListenerInfo ServerCore::listen(const UrlParts& where, const ListenOptions& options) {
  util::UniqueFd given(options.listeningSocket);
  if (where.isSecure && !options.tls) {
    throw InvalidState("wss needs a certificate: set ListenOptions::tls with certificateFile and keyFile");
  }
  ServerListener entry;
  if (where.isSecure) entry.tls = util::TlsContext::server(*options.tls);
  ensureLoops(options.threads);
  util::ListenAddress address;
  address.host = where.host;
  address.port = where.port;
  address.unixPath = where.unixPath;
  address.backlog = options.backlog;
  address.reusePort = options.reusePort;
  address.ipv6Only = options.ipv6Only;
  address.unixMode = options.unixMode;
  const auto accepted = [this, tls = entry.tls](int socket) { deal(socket, tls); };
  entry.listener = given
                       ? std::make_unique<util::Listener>(util::AsioLoop::of(io_), std::move(given), accepted)
                       : std::make_unique<util::Listener>(util::AsioLoop::of(io_), address, accepted);
  kLog.info("listening", {{"endpoint", entry.listener->endpoint()}, {"tls", where.isSecure}});
  ListenerInfo info;
  info.endpoint = entry.listener->endpoint();
  info.port = entry.listener->port();
  info.url = where.unixPath.empty()
                 ? createUrl(where.host, info.port, where.isSecure, where.path, where.params)
                 : createUnixUrl(where.unixPath, where.isSecure, where.path, where.params);
  listeners_.push_back(std::move(entry));
  return info;
}

/// Hands an accepted socket to the next loop.
void ServerCore::deal(int socket, const std::shared_ptr<util::TlsContext>& tls) {
  const std::shared_ptr<ServerLoop> loop = loops_[group_ ? group_->next() : 0];
  const bool proxied = config().options->proxyProtocol == ProxyProtocol::required;
  auto serve = [loop, tls, proxied](int fd) {
    std::unique_ptr<util::Stream> stream = util::makeSocketStream(loop->loop(), fd);
    if (proxied) stream = makeProxyStream(std::move(stream));
    if (tls) stream = util::makeTlsStream(std::move(stream), tls, loop->loop(), true);
    loop->serve(std::move(stream));
  };
  if (loop == loops_.front()) return serve(socket);
  // A function that is never called must close its socket all the same.
  auto owned = std::make_shared<util::UniqueFd>(socket);
  loop->loop().post([owned, serve] { serve(owned->release()); });
}

std::uint16_t ServerCore::port() const {
  for (const ServerListener& entry : listeners_) {
    if (entry.listener->port() != 0) return entry.listener->port();
  }
  return 0;
}

void ServerCore::reloadCertificates() {
  for (const ServerListener& entry : listeners_) {
    if (entry.tls) entry.tls->reload();
  }
}

int ServerCore::run(std::chrono::milliseconds drainDeadline) {
  if (!ownIo_) throw InvalidState("the factory runs on your io_context: call its run() instead");
  util::SignalledRun run(io_, [this, drainDeadline](int signal) {
    kLog.info("draining", {{"signal", signal}, {"connections", admission.total()}});
    drain(drainDeadline, [this] { io_.stop(); });
  });
  const auto work = asio::make_work_guard(io_);
  return run.run();
}

void ServerCore::stop() {
  onFirstLoop([](ServerCore& core) { core.io_.stop(); });
}

/// Later, on the first loop, unless this is gone by then.
void ServerCore::onFirstLoop(std::function<void(ServerCore&)> function) {
  loops_.front()->loop().post([weak = weak_from_this(), function = std::move(function)] {
    if (const std::shared_ptr<ServerCore> self = weak.lock()) function(*self);
  });
}

void ServerCore::stopListening() { listeners_.clear(); }

void ServerCore::drain(std::chrono::milliseconds deadline, std::function<void()> done) {
  onFirstLoop([deadline, done = std::move(done)](ServerCore& core) { core.startDrain(deadline, done); });
}

void ServerCore::startDrain(std::chrono::milliseconds deadline, std::function<void()> done) {
  stopListening();
  // Also with nobody there: a socket may be on its way to its loop.
  onEveryLoop([](ServerLoop& loop) { loop.goAway(); });
  if (drained_) {
    drained_ = [first = std::move(drained_), second = std::move(done)] {
      first();
      if (second) second();
    };
    return;
  }
  if (admission.total() == 0) {
    if (done) done();
    return;
  }
  auto timer = std::make_shared<asio::steady_timer>(io_, deadline);
  timer->async_wait([this, weak = weak_from_this()](std::error_code error) {
    if (error || weak.expired()) return;
    kLog.warning("drain deadline passed", {{"connections", admission.total()}});
    onEveryLoop([](ServerLoop& loop) { loop.terminateAll("server is going away"); });
  });
  drained_ = [timer, done = std::move(done)] {
    timer->cancel();
    if (done) done();
  };
}

void ServerCore::connectionEnded() {
  if (admission.total() != 0) return;
  onFirstLoop([](ServerCore& core) {
    if (!core.drained_ || core.admission.total() != 0) return;
    const auto done = std::exchange(core.drained_, nullptr);
    done();
  });
}

void ServerCore::close() {
  onFirstLoop([](ServerCore& core) {
    core.stopListening();
    core.onEveryLoop([](ServerLoop& loop) { loop.terminateAll("server closed"); });
  });
}

void ServerCore::onEveryLoop(const std::function<void(ServerLoop&)>& visit) {
  for (const auto& loop : loops_) {
    loop->loop().post([loop, visit] { visit(*loop); });
  }
}

void ServerCore::readMetrics(std::function<void(const Metrics&)> done) {
  struct Gathering {
    Metrics sum;
    std::size_t missing;
    std::function<void(const Metrics&)> done;
  };
  auto gathering = std::make_shared<Gathering>(Gathering{{}, loops_.size(), std::move(done)});
  onEveryLoop([gathering, first = loops_.front()](ServerLoop& loop) {
    // Sums are added up on the first loop alone.
    first->loop().post([gathering, metrics = loop.metrics()] {
      gathering->sum += metrics;
      if (--gathering->missing == 0) gathering->done(gathering->sum);
    });
  });
}

}  // namespace autobahn::inline v0::websocket
