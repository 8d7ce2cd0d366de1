#include "relayed_connection.hpp"

#include <autobahn/wamp/error_uri.hpp>
#include <utility>

#include "message_octets.hpp"

namespace autobahn::inline v0::wamp {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

// ---- The transport's loop

void RelayedConnection::tellRouter(ToRouter::What what, std::size_t octets) {
  crossing_->push(ToRouter{shared_from_this(), std::move(what)}, octets);
}

void RelayedConnection::onOpen(std::shared_ptr<Transport> transport) {
  transport_ = std::move(transport);
  tellRouter(std::make_unique<PeerDetails>(describePeer(*transport_)));
}

void RelayedConnection::onMessage(Message message) {
  const std::size_t octets = octetsOf(message);
  tellRouter(std::move(message), octets);
  crossing_->restWhenFull(transport_);
}

// The transport closes when this returns: what the router would say comes too late.
void RelayedConnection::onBadMessage(const std::string& problem) {
  message::Abort abort{.reason = Text(error::kProtocolViolation)};
  abort.details.message = Text(problem);
  RoutedMessage last(std::move(abort), 1);
  deliver(last);
  tellRouter(ToRouter::Bad{problem});
}

void RelayedConnection::onClose(bool /*wasClean*/, const std::string& /*reason*/) {
  if (std::exchange(transport_, nullptr)) tellRouter(ToRouter::Closed());
}

void RelayedConnection::deliver(RoutedMessage& message) {
  if (!transport_) return;
  if (auto failure = trySend(*transport_, message)) {
    tellRouter(ToRouter::Undeliverable{message.message(), failure->uri, std::move(failure->why)});
  }
}

void RelayedConnection::atConnection(ToConnection::What&& what) {
  std::visit(Overloaded{[this](Message& message) {
                          RoutedMessage routed(std::move(message), 1);
                          deliver(routed);
                        },
                        [this](const ToConnection::Shared& shared) { deliver(*shared); },
                        [this](ToConnection::Close) {
                          if (transport_) transport_->close();
                        }},
             what);
}

// ---- The router's loop

void RelayedConnection::tellConnection(ToConnection::What what, std::size_t octets) {
  crossing_->push(ToConnection{shared_from_this(), std::move(what)}, octets);
}

void RelayedConnection::send(RoutedMessage& message) {
  const std::size_t octets = octetsOf(message.message());
  if (message.isShared()) {
    tellConnection(message.copyFor(crossing_.get()), octets);
  } else {
    tellConnection(message.take(), octets);
  }
}

void RelayedConnection::close() { tellConnection(ToConnection::Close()); }

void RelayedConnection::opened(std::unique_ptr<PeerDetails> peer) {
  const auto host = host_.lock();
  if (!host) return;
  peer_ = std::move(peer);
  crossing_->attach(shared_from_this());
  session_ = host->router().attach(*this);
}

void RelayedConnection::atRouter(ToRouter::What&& what) {
  const auto session = session_;  // it may end within
  if (!session && !std::holds_alternative<ToRouter::Opened>(what)) return;
  std::visit(Overloaded{[&session](Message& message) { session->receive(std::move(message)); },
                        [this](ToRouter::Opened& peer) { opened(std::move(peer)); },
                        [&session](ToRouter::Bad& bad) { session->violation(std::move(bad.problem)); },
                        [&session](ToRouter::Undeliverable& failed) {
                          session->undeliverable(failed.message, failed.uri, std::move(failed.why));
                        },
                        [this](ToRouter::Closed) {
                          const auto self = shared_from_this();
                          routerIsGone();
                          crossing_->detach(self);
                        }},
             what);
}

void RelayedConnection::routerIsGone() {
  if (const auto session = std::exchange(session_, nullptr)) session->transportClosed();
}

}  // namespace autobahn::inline v0::wamp
