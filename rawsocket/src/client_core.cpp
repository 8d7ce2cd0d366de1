#include "client_core.hpp"

#include <algorithm>
#include <autobahn/util/net/signalled_run.hpp>
#include <utility>

#include "connection_tls.hpp"

namespace autobahn::inline v0::rawsocket {

ClientCore::ClientCore(asio::io_context* io)
    : ownIo_(io == nullptr ? std::make_unique<asio::io_context>(1) : nullptr),
      io_(io == nullptr ? *ownIo_ : *io),
      loop_(util::AsioLoop::of(io_)),
      dialer_(util::makeDialer(io_)) {}

ClientCore::~ClientCore() {
  idle_ = nullptr;
  const auto sessions = std::exchange(sessions_, {});
  for (const auto& session : sessions) session->terminate("client stopped");
}

std::shared_ptr<ClientSession> ClientCore::newSession(std::shared_ptr<RawSocketClientProtocol> protocol) {
  sessions_.push_back(std::make_shared<ClientSession>(loop_, options, std::move(protocol),
                                                      [weak = weak_from_this()](ClientSession& done) {
                                                        if (const auto self = weak.lock())
                                                          self->sessionDone(done);
                                                      }));
  return sessions_.back();
}

void ClientCore::connect(std::shared_ptr<RawSocketClientProtocol> protocol,
                         const ConnectOptions& connecting) {
  util::DialTarget target;
  target.host = url.host;
  target.port = url.port;
  target.unixPath = url.unixPath;
  target.proxy = connecting.proxy;
  if (url.isSecure) {
    const util::TlsOptions tls = withoutHttp(connecting.tls.value_or(util::TlsOptions{}));
    target.tls = util::TlsContext::client(tls);
    target.serverName = tls.serverName.empty() ? url.host : tls.serverName;
  }
  newSession(std::move(protocol))->dial(*dialer_, target, connecting.timeout);
}

void ClientCore::connectOver(std::shared_ptr<RawSocketClientProtocol> protocol,
                             std::unique_ptr<util::Stream> stream) {
  newSession(std::move(protocol))->startOver(std::move(stream));
}

void ClientCore::sessionDone(ClientSession& session) {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                  [&](const auto& other) { return other.get() == &session; });
  if (found == sessions_.end()) return;
  // It is on the stack: it goes when the loop comes round.
  loop_.post([keep = *found] {});
  sessions_.erase(found);
  if (sessions_.empty() && idle_) idle_();
}

int ClientCore::run() {
  if (!ownIo_) throw InvalidState("the factory runs on your io_context: call its run() instead");
  if (sessions_.empty()) return 0;
  util::SignalledRun run(io_, [this](int) { close(); });
  idle_ = [&run] { run.disregardSignals(); };
  const int signal = run.run();
  idle_ = nullptr;
  return signal;
}

void ClientCore::later(std::function<void(ClientCore&)> function) {
  loop_.post([weak = weak_from_this(), function = std::move(function)] {
    if (const auto self = weak.lock()) function(*self);
  });
}

void ClientCore::stop() {
  later([](ClientCore& core) { core.io_.stop(); });
}

void ClientCore::close() {
  later([](ClientCore& core) {
    const auto sessions = core.sessions_;
    for (const auto& session : sessions) session->close();
  });
}

}  // namespace autobahn::inline v0::rawsocket
