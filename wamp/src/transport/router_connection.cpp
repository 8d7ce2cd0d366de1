#include "router_connection.hpp"

#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <utility>

#include "loop_crossing.hpp"

namespace autobahn::inline v0::wamp {

namespace {

void write(Transport& transport, RoutedMessage& message) {
  Serializer* const serializer = transport.serializer();
  if (serializer == nullptr || !message.isShared()) return transport.send(message.message());
  const RoutedMessage::Bytes& bytes = message.bytes(*serializer);
  if (bytes.problem) throw SerializationError(*bytes.problem);
  transport.sendSerialized(bytes.buffer.view());
}

}  // namespace

std::optional<SendFailure> trySend(Transport& transport, RoutedMessage& message) {
  if (!transport.isOpen()) return {};
  try {
    write(transport, message);
  } catch (const MessageTooLarge& error) {
    return SendFailure{error::kPayloadSizeExceeded, error.what()};
  } catch (const SerializationError& error) {
    return SendFailure{error::kInvalidPayload, error.what()};
  } catch (const Error&) {  // the transport is gone: onClose comes
  }
  return {};
}

PeerDetails describePeer(const Transport& of) {
  TransportDetails transport = of.details();
  PeerDetails peer;
  peer.type = std::move(transport.type);
  peer.peer = std::move(transport.network.peer);
  peer.address = std::move(transport.network.peerAddress);
  peer.cookie = std::move(transport.cookie);
  peer.serializer = std::move(transport.serializer);
  peer.isSecure = transport.network.isSecure;
  // "tls-unique" is not for everybody: Cryptosign and SCRAM mean different bytes by it.
  if (std::string data = of.getChannelId("tls-exporter"); !data.empty()) {
    peer.channels.push_back({"tls-exporter", std::move(data)});
  }
  if (transport.network.tls && transport.network.tls->peerCertificate) {
    const auto& certificate = *transport.network.tls->peerCertificate;
    peer.more.emplace("peer_cert", Dict{{"subject", certificate.subject},
                                        {"common_name", certificate.commonName},
                                        {"issuer", certificate.issuer},
                                        {"sha256", certificate.sha256Fingerprint}});
  }
  return peer;
}

RouterConnection::~RouterConnection() { detach(); }

void RouterConnection::onOpen(std::shared_ptr<Transport> transport) {
  const auto host = host_.lock();
  if (!host) return transport->abort();
  transport_ = std::move(transport);
  session_ = host->router().attach(*this);
}

void RouterConnection::onMessage(Message message) {
  const auto host = host_.lock();
  const auto session = session_;  // it may end within
  if (!host || !session) return;
  session->receive(std::move(message));
  LoopCrossings* const crossings = host->crossings();
  if (crossings != nullptr && crossings->isCongested() && transport_)
    crossings->restWhileCongested(transport_);
}

void RouterConnection::onBadMessage(const std::string& problem) {
  const auto host = host_.lock();
  const auto session = session_;
  if (host && session) session->violation(problem);
}

void RouterConnection::onClose(bool /*wasClean*/, const std::string& /*reason*/) { detach(); }

void RouterConnection::detach() {
  hasEnded_ = true;
  transport_ = nullptr;
  if (const auto session = std::exchange(session_, nullptr)) session->transportClosed();
  held_.clear();
}

void RouterConnection::send(RoutedMessage& message) {
  if (!transport_) return;
  if (auto failure = trySend(*transport_, message)) {
    session_->undeliverable(message.message(), failure->uri, std::move(failure->why));
  }
}

void RouterConnection::close() {
  if (transport_) transport_->close();
}

PeerDetails RouterConnection::peerDetails() const {
  return transport_ ? describePeer(*transport_) : PeerDetails();
}

}  // namespace autobahn::inline v0::wamp
