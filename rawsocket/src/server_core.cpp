#include "server_core.hpp"

#include <autobahn/util/log.hpp>
#include <autobahn/util/net/signalled_run.hpp>
#include <autobahn/util/net/socket_stream.hpp>
#include <utility>

#include "connection_tls.hpp"

namespace autobahn::inline v0::rawsocket {

namespace {
constexpr util::Logger kLog{"autobahn.rawsocket"};
}  // namespace

ServerCore::ServerCore(RawSocketServerFactory& factory, asio::io_context* io)
    : factory_(&factory),
      ownIo_(io == nullptr ? std::make_unique<asio::io_context>(1) : nullptr),
      io_(io == nullptr ? *ownIo_ : *io),
      loop_(util::AsioLoop::of(io_)) {}

ServerCore::~ServerCore() { loop_.forget(*this); }

void ServerCore::shutDown() {
  factory_ = nullptr;
  entries_.clear();
  drained_.clear();
  loop_.forget(*this);
  terminateAll("server stopped");
}

ListenerInfo ServerCore::listen(const UrlParts& where, const ListenOptions& listening) {
  util::UniqueFd given(listening.listeningSocket);
  if (where.isSecure && !listening.tls) {
    throw InvalidState("rss needs a certificate: set ListenOptions::tls with certificateFile and keyFile");
  }
  Entry entry;
  if (where.isSecure) entry.tls = util::TlsContext::server(withoutHttp(*listening.tls));
  const util::ListenAddress address{.host = where.host,
                                    .port = where.port,
                                    .unixPath = where.unixPath,
                                    .backlog = listening.backlog,
                                    .reusePort = listening.reusePort,
                                    .ipv6Only = listening.ipv6Only,
                                    .unixMode = listening.unixMode};
  const auto take = [this, tls = entry.tls](int socket) { accepted(socket, tls); };
  entry.listener = given ? std::make_unique<util::Listener>(loop_, std::move(given), take)
                         : std::make_unique<util::Listener>(loop_, address, take);
  ListenerInfo info{{}, entry.listener->endpoint(), entry.listener->port()};
  info.url = where.unixPath.empty() ? createUrl(where.host, info.port, where.isSecure)
                                    : createUnixUrl(where.unixPath, where.isSecure);
  kLog.info("listening", {{"endpoint", info.endpoint}, {"tls", where.isSecure}});
  entries_.push_back(std::move(entry));
  return info;
}

void ServerCore::accepted(int socket, const std::shared_ptr<util::TlsContext>& tls) {
  std::unique_ptr<util::Stream> stream = util::makeSocketStream(loop_, socket);
  if (tls) stream = util::makeTlsStream(std::move(stream), tls, loop_, true);
  serve(std::move(stream), {}, {});
}

void ServerCore::serve(std::unique_ptr<util::Stream> stream, std::string_view received,
                       std::shared_ptr<void> admitted) {
  const util::Admission::Verdict verdict = admission.enter(options->maxConnections);
  if (factory_ == nullptr || goingAway_ || verdict == util::Admission::Verdict::overrun) {
    return admission.leave();
  }
  const auto connection =
      std::make_shared<Connection>(loop_, std::move(stream), Engine(options), shared_from_this());
  add(connection);
  if (admitted) admitted_[connection.get()] = std::move(admitted);
  if (verdict == util::Admission::Verdict::busy) connection->refuseAsBusy();
  connection->start(received);
}

/// Counts the connection for its address when there is a limit on that.
void ServerCore::transportReady(Connection& connection) {
  const std::size_t limit = options->maxConnectionsPerIp;
  const std::string address = limit == 0 ? std::string() : connection.transport().peerAddress;
  if (address.empty()) return;
  addresses_[&connection] = address;
  switch (admission.enterAddress(address, limit)) {
    case util::Admission::Verdict::welcome:
      break;
    case util::Admission::Verdict::busy:
      return connection.refuseAsBusy();
    case util::Admission::Verdict::overrun:
      return connection.terminate("too many connections of one address");
  }
}

std::shared_ptr<RawSocketProtocol> ServerCore::protocolFor(const HandshakeRequest& request) {
  if (factory_ == nullptr) return nullptr;
  auto protocol = factory_->buildProtocol(request);
  if (protocol) protocol->factory_ = factory_;
  return protocol;
}

void ServerCore::ended(Connection& connection) {
  if (const auto found = addresses_.find(&connection); found != addresses_.end()) {
    admission.leaveAddress(found->second);
    addresses_.erase(found);
  }
  admitted_.erase(&connection);
  ConnectionSet::ended(connection);
  admission.leave();
  if (size() == 0 && !drained_.empty()) later([](ServerCore& core) { core.concludeDrain(); });
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
    kLog.info("draining", {{"signal", signal}, {"connections", size()}});
    drain(drainDeadline, [this] { io_.stop(); });
  });
  const auto work = asio::make_work_guard(io_);
  return run.run();
}

void ServerCore::later(std::function<void(ServerCore&)> function) {
  loop_.post([weak = weak_from_this(), function = std::move(function)] {
    const std::shared_ptr<ServerCore> self = weak.lock();
    if (self && self->factory_ != nullptr) function(*self);
  });
}

void ServerCore::stop() {
  later([](ServerCore& core) { core.io_.stop(); });
}

void ServerCore::close() {
  later([](ServerCore& core) {
    core.entries_.clear();
    core.terminateAll("server closed");
  });
}

void ServerCore::drain(std::chrono::milliseconds deadline, std::function<void()> done) {
  later([deadline, done = std::move(done)](ServerCore& core) { core.startDrain(deadline, done); });
}

void ServerCore::startDrain(std::chrono::milliseconds deadline, std::function<void()> done) {
  goingAway_ = true;
  entries_.clear();
  drained_.push_back(std::move(done));
  if (drained_.size() > 1) return;  // one is under way: its deadline holds
  if (size() == 0) return concludeDrain();
  forEach([](Connection& connection) { connection.act([](Engine& engine) { engine.close(); }); });
  loop_.schedule(*this, loop_.now() + deadline);
}

void ServerCore::onTimer() {
  kLog.warning("drain deadline passed", {{"connections", size()}});
  terminateAll("server is going away");
}

void ServerCore::concludeDrain() {
  loop_.schedule(*this, util::kNever);
  for (const std::function<void()>& done : std::exchange(drained_, {})) {
    if (done) done();
  }
}

}  // namespace autobahn::inline v0::rawsocket
