#include "client_core.hpp"

#include <algorithm>
#include <autobahn/util/net/signalled_run.hpp>
#include <utility>

namespace autobahn::inline v0::websocket {

ClientCore::ClientCore(WebSocketClientFactory& factory_, asio::io_context* io)
    : factory(factory_),
      ownIo_(io == nullptr ? std::make_unique<asio::io_context>(1) : nullptr),
      io_(io == nullptr ? *ownIo_ : *io),
      loop_(util::AsioLoop::of(io_)),
      dialer_(util::makeDialer(io_)) {}

ClientCore::~ClientCore() {
  idle_ = nullptr;
  const auto sessions = std::exchange(sessions_, {});
  for (const auto& session : sessions) session->terminate("client stopped");
}

void ClientCore::setUrl(std::string_view text) {
  url = parseUrl(text);
  urlText = text;
  request.host = url.host;
  request.port = url.port;
  request.isSecure = url.isSecure;
  request.resource = url.resource;
}

ClientPlan ClientCore::plan(const ConnectOptions& connect) const {
  ClientPlan plan;
  plan.options = options;
  plan.request = request;
  plan.timeout = connect.timeout;
  plan.target.host = url.host;
  plan.target.port = url.port;
  plan.target.unixPath = url.unixPath;
  plan.target.proxy = proxy;
  if (url.isSecure) {
    const util::TlsOptions tls = connect.tls.value_or(util::TlsOptions{});
    plan.target.tls = util::TlsContext::client(tls);
    plan.target.serverName = tls.serverName.empty() ? url.host : tls.serverName;
  }
  plan.build = [&factory = factory] { return factory.buildProtocol(); };
  return plan;
}

std::shared_ptr<ClientSession> ClientCore::newSession(ClientPlan plan,
                                                      std::optional<ReconnectOptions> reconnect) {
  auto session = std::make_shared<ClientSession>(loop_, *dialer_, std::move(plan), std::move(reconnect),
                                                 [weak = weak_from_this()](ClientSession& done) {
                                                   if (const auto self = weak.lock()) self->sessionDone(done);
                                                 });
  session->observer = observer;
  return session;
}

void ClientCore::keep(std::shared_ptr<ClientSession> session) { sessions_.push_back(std::move(session)); }

void ClientCore::sessionDone(ClientSession& session) {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                  [&](const auto& other) { return other.get() == &session; });
  if (found == sessions_.end()) return;
  ended_ += session.metrics();
  // It is on the stack: it goes when the loop comes round.
  loop_.post([keep = *found] {});
  sessions_.erase(found);
  if (sessions_.empty() && idle_) idle_();
}

int ClientCore::run() {
  if (!ownIo_) throw InvalidState("the factory runs on your io_context: call its run() instead");
  if (sessions_.empty()) return 0;
  util::SignalledRun run(
      io_, [this](int) { close(static_cast<std::uint16_t>(CloseCode::goingAway), "client is going away"); });
  idle_ = [&run] { run.disregardSignals(); };
  const int signal = run.run();
  idle_ = nullptr;
  return signal;
}

void ClientCore::onLoop(std::function<void(ClientCore&)> function) {
  loop_.post([weak = weak_from_this(), function = std::move(function)] {
    if (const auto self = weak.lock()) function(*self);
  });
}

void ClientCore::stop() {
  onLoop([](ClientCore& core) { core.io_.stop(); });
}

void ClientCore::close(std::uint16_t code, const std::string& reason) {
  if (!maySendCloseCode(code))
    throw std::invalid_argument("close code " + std::to_string(code) + " may not be sent");
  onLoop([code, reason](ClientCore& core) {
    const auto sessions = core.sessions_;
    for (const auto& session : sessions) session->close(code, reason);
  });
}

Metrics ClientCore::metrics() const {
  Metrics sum = ended_;
  for (const auto& session : sessions_) sum += session->metrics();
  return sum;
}

}  // namespace autobahn::inline v0::websocket
