#include <autobahn/rawsocket/server.hpp>
#include <autobahn/util/exception.hpp>
#include <autobahn/util/log.hpp>

#include "server_core.hpp"
#include "server_loop.hpp"

namespace autobahn::inline v0::rawsocket {

namespace {

constexpr util::Logger kLog{"autobahn.rawsocket"};

std::shared_ptr<ServerCore> makeCore(RawSocketServerFactory& factory, asio::io_context* io,
                                     std::string_view url, ServerOptions options) {
  options.validate();
  UrlParts parts = url.empty() ? UrlParts{} : parseUrl(url);
  auto core = std::make_shared<ServerCore>(factory, io);
  core->urlText = url;
  core->url = std::move(parts);
  core->updateConfig([&options](ServerConfig& config) {
    config.options = std::make_shared<const ServerOptions>(std::move(options));
  });
  return core;
}

}  // namespace

RawSocketServerFactory& RawSocketServerProtocol::factory() const {
  if (factory_ == nullptr || connection() == nullptr) {
    throw InvalidState("the connection is gone: its factory is not reachable through it any more");
  }
  return *factory_;
}

RawSocketServerFactory::RawSocketServerFactory(std::string_view url, ServerOptions options)
    : core_(makeCore(*this, nullptr, url, std::move(options))) {}
RawSocketServerFactory::RawSocketServerFactory(asio::io_context& io, std::string_view url,
                                               ServerOptions options)
    : core_(makeCore(*this, &io, url, std::move(options))) {}
RawSocketServerFactory::~RawSocketServerFactory() = default;

void RawSocketServerFactory::setBuilder(Builder builder) {
  core_->updateConfig([&builder](ServerConfig& config) {
    config.builder = std::make_shared<const Builder>(std::move(builder));
  });
}

std::shared_ptr<RawSocketServerProtocol> RawSocketServerFactory::buildProtocol(
    const HandshakeRequest& request) {
  const auto builder = core_->config().builder;
  return builder && *builder ? (*builder)(request) : nullptr;
}

void RawSocketServerFactory::setProtocolOptions(ServerOptions options) {
  options.validate();
  core_->updateConfig([&options](ServerConfig& config) {
    config.options = std::make_shared<const ServerOptions>(std::move(options));
  });
}

ServerOptions RawSocketServerFactory::protocolOptions() const { return *core_->config().options; }
bool RawSocketServerFactory::isSecure() const { return core_->url.isSecure; }
std::string RawSocketServerFactory::url() const { return core_->urlText; }

void RawSocketServerFactory::shareLoops(std::shared_ptr<util::LoopGroup> loops) {
  core_->shareLoops(std::move(loops));
}

ListenerInfo RawSocketServerFactory::listen(ListenOptions options) {
  if (core_->urlText.empty())
    throw InvalidState("no URL to listen on: give one to the factory or to listen()");
  return core_->listen(core_->url, options);
}

ListenerInfo RawSocketServerFactory::listen(std::string_view url, ListenOptions options) {
  return core_->listen(parseUrl(url), options);
}

std::uint16_t RawSocketServerFactory::port() const { return core_->port(); }

void RawSocketServerFactory::serve(std::unique_ptr<util::Stream> stream, std::string_view received,
                                   std::shared_ptr<void> admitted) {
  core_->serve(std::move(stream), std::string(received), std::move(admitted));
}

int RawSocketServerFactory::run(std::chrono::milliseconds drainDeadline) { return core_->run(drainDeadline); }
void RawSocketServerFactory::stop() { core_->stop(); }
void RawSocketServerFactory::drain(std::chrono::milliseconds deadline, std::function<void()> done) {
  core_->drain(deadline, std::move(done));
}
void RawSocketServerFactory::close() { core_->close(); }
void RawSocketServerFactory::reloadCertificates() { core_->reloadCertificates(); }

std::size_t RawSocketServerFactory::connectionCount() const { return core_->admission.total(); }

void RawSocketServerFactory::forEach(std::function<void(RawSocketServerProtocol&)> visit) {
  core_->onEveryLoop([visit = std::move(visit)](ServerLoop& loop) {
    loop.forEach([&](Connection& connection) {
      if (connection.engine().state() != State::open) return;
      try {
        visit(static_cast<RawSocketServerProtocol&>(*connection.protocol()));
      } catch (...) {  // such as PayloadExceeded: the others go on
        kLog.error("connection passed over", {{"peer", connection.transport().peer},
                                              {"error", util::describeException(std::current_exception())}});
      }
    });
  });
}

}  // namespace autobahn::inline v0::rawsocket
