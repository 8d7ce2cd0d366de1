#include "server_core.hpp"

#include <autobahn/util/log.hpp>
#include <autobahn/util/net/signalled_run.hpp>
#include <autobahn/util/net/socket_stream.hpp>
#include <stdexcept>
#include <utility>

#include "connection_tls.hpp"
#include "server_loop.hpp"

namespace autobahn::inline v0::rawsocket {

namespace {
constexpr util::Logger kLog{"autobahn.rawsocket"};
}  // namespace

ServerCore::ServerCore(RawSocketServerFactory& factory_, asio::io_context* io)
    : factory(factory_),
      ownIo_(io == nullptr ? std::make_unique<asio::io_context>(1) : nullptr),
      io_(io == nullptr ? *ownIo_ : *io),
      drainTimer_(io_) {
  loops_.push_back(std::make_shared<ServerLoop>(*this, util::AsioLoop::of(io_)));
}

ServerCore::~ServerCore() {
  entries_.clear();
  drained_.clear();
  if (group_) group_->visitOthers([this](std::size_t index) { loops_[index]->shutDown(); });
  loops_.front()->shutDown();
}

ServerConfig ServerCore::config() const {
  const std::lock_guard lock(mutex_);
  return config_;
}

void ServerCore::updateConfig(const std::function<void(ServerConfig&)>& change) {
  const std::lock_guard lock(mutex_);
  change(config_);
}

// ---- Listening

void ServerCore::shareLoops(std::shared_ptr<util::LoopGroup> loops) {
  if (group_ || !entries_.empty()) throw InvalidState("loops are shared before the first listen()");
  group_ = std::move(loops);
  for (std::size_t i = 1; i < group_->size(); ++i) {
    loops_.push_back(std::make_shared<ServerLoop>(*this, group_->at(i)));
  }
}

void ServerCore::ensureLoops(int count) {
  if (count < 1) throw std::invalid_argument("threads must be at least 1");
  const auto wanted = static_cast<std::size_t>(count);
  if (loops_.size() >= wanted) return;
  if (!entries_.empty()) {
    throw InvalidState("the first listen() decides the number of threads: ask for the most there");
  }
  shareLoops(std::make_shared<util::LoopGroup>(io_, wanted));
}

ListenerInfo ServerCore::listen(const UrlParts& where, const ListenOptions& listening) {
  util::UniqueFd given(listening.listeningSocket);
  if (where.isSecure && !listening.tls) {
    throw InvalidState("rss needs a certificate: set ListenOptions::tls with certificateFile and keyFile");
  }
  Entry entry;
  if (where.isSecure) entry.tls = util::TlsContext::server(withoutHttp(*listening.tls));
  ensureLoops(listening.threads);
  const util::ListenAddress address{.host = where.host,
                                    .port = where.port,
                                    .unixPath = where.unixPath,
                                    .backlog = listening.backlog,
                                    .reusePort = listening.reusePort,
                                    .ipv6Only = listening.ipv6Only,
                                    .unixMode = listening.unixMode};
  util::AsioLoop& loop = util::AsioLoop::of(io_);
  const auto take = [this, tls = entry.tls](int socket) { deal(socket, tls); };
  entry.listener = given ? std::make_unique<util::Listener>(loop, std::move(given), take)
                         : std::make_unique<util::Listener>(loop, address, take);
  ListenerInfo info{{}, entry.listener->endpoint(), entry.listener->port()};
  info.url = where.unixPath.empty() ? createUrl(where.host, info.port, where.isSecure)
                                    : createUnixUrl(where.unixPath, where.isSecure);
  kLog.info("listening", {{"endpoint", info.endpoint}, {"tls", where.isSecure}});
  entries_.push_back(std::move(entry));
  return info;
}

/// Hands an accepted socket to the next loop.
void ServerCore::deal(int socket, const std::shared_ptr<util::TlsContext>& tls) {
  const std::shared_ptr<ServerLoop> loop = loops_[group_ ? group_->next() : 0];
  auto serve = [loop, tls](int fd) {
    std::unique_ptr<util::Stream> stream = util::makeSocketStream(loop->loop(), fd);
    if (tls) stream = util::makeTlsStream(std::move(stream), tls, loop->loop(), true);
    loop->serve(std::move(stream), {}, {});
  };
  if (loop == loops_.front()) return serve(socket);
  // A function that is never called must close its socket all the same.
  auto owned = std::make_shared<util::UniqueFd>(socket);
  loop->loop().post([owned, serve] { serve(owned->release()); });
}

void ServerCore::serve(std::unique_ptr<util::Stream> stream, std::string received,
                       std::shared_ptr<void> admitted) {
  // Not now: the caller may be inside a callback of another connection, whose input lies in the loop's
  // buffer.
  const auto owned = std::make_shared<std::unique_ptr<util::Stream>>(std::move(stream));
  const std::shared_ptr<ServerLoop> loop = loops_[group_ ? group_->indexOfCurrentThread() : 0];
  loop->loop().post([loop, owned, received = std::move(received), admitted = std::move(admitted)] {
    loop->serve(std::move(*owned), received, admitted);
  });
}

std::uint16_t ServerCore::port() const {
  for (const Entry& entry : entries_) {
    if (entry.listener->port() != 0) return entry.listener->port();
  }
  return 0;
}

void ServerCore::reloadCertificates() {
  for (const Entry& entry : entries_) {
    if (entry.tls) entry.tls->reload();
  }
}

// ---- Running and ending

int ServerCore::run(std::chrono::milliseconds drainDeadline) {
  if (!ownIo_) throw InvalidState("the factory runs on your io_context: call its run() instead");
  util::SignalledRun run(io_, [this, drainDeadline](int signal) {
    kLog.info("draining", {{"signal", signal}, {"connections", admission.total()}});
    drain(drainDeadline, [this] { io_.stop(); });
  });
  const auto work = asio::make_work_guard(io_);
  return run.run();
}

/// Soon, on the first loop, unless this is gone by then.
void ServerCore::onFirstLoop(std::function<void(ServerCore&)> function) {
  loops_.front()->loop().post([weak = weak_from_this(), function = std::move(function)] {
    if (const std::shared_ptr<ServerCore> self = weak.lock()) function(*self);
  });
}

void ServerCore::onEveryLoop(const std::function<void(ServerLoop&)>& visit) {
  for (const auto& loop : loops_) {
    loop->loop().post([loop, visit] { visit(*loop); });
  }
}

void ServerCore::stop() {
  onFirstLoop([](ServerCore& core) { core.io_.stop(); });
}

void ServerCore::close() {
  onFirstLoop([](ServerCore& core) {
    core.entries_.clear();
    core.onEveryLoop([](ServerLoop& loop) { loop.terminateAll("server closed"); });
  });
}

void ServerCore::drain(std::chrono::milliseconds deadline, std::function<void()> done) {
  onFirstLoop([deadline, done = std::move(done)](ServerCore& core) { core.startDrain(deadline, done); });
}

void ServerCore::startDrain(std::chrono::milliseconds deadline, std::function<void()> done) {
  entries_.clear();
  drained_.push_back(std::move(done));
  if (drained_.size() > 1) return;  // one is under way: its deadline holds
  // Also with nobody there: a socket may be on its way to its loop.
  onEveryLoop([](ServerLoop& loop) { loop.goAway(); });
  if (admission.total() == 0) return concludeDrain();
  drainTimer_.expires_after(deadline);
  drainTimer_.async_wait([weak = weak_from_this()](std::error_code error) {
    const auto self = weak.lock();
    if (error || !self) return;
    kLog.warning("drain deadline passed", {{"connections", self->admission.total()}});
    self->onEveryLoop([](ServerLoop& loop) { loop.terminateAll("server is going away"); });
  });
}

void ServerCore::connectionEnded() {
  if (admission.total() != 0) return;
  onFirstLoop([](ServerCore& core) {
    if (!core.drained_.empty() && core.admission.total() == 0) core.concludeDrain();
  });
}

void ServerCore::concludeDrain() {
  drainTimer_.cancel();
  for (const std::function<void()>& done : std::exchange(drained_, {})) {
    if (done) done();
  }
}

}  // namespace autobahn::inline v0::rawsocket
