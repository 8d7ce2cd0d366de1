#include <autobahn/rawsocket/protocol.hpp>

#include "connection.hpp"

namespace autobahn::inline v0::rawsocket {

bool ConnectionRef::postErased(std::function<void(RawSocketProtocol&)> function) const {
  if (!post_) return false;
  // The protocol object is locked on its own loop only, so that it is never destroyed on another thread.
  return post_([protocol = protocol_, function = std::move(function)] {
    const std::shared_ptr<RawSocketProtocol> alive = protocol.lock();
    if (alive && alive->state() != State::closed) function(*alive);
  });
}

RawSocketProtocol::~RawSocketProtocol() = default;

// ---- Sending

bool RawSocketProtocol::sendMessage(std::string_view payload) {
  return connection_ != nullptr && connection_->sendMessage(payload);
}

bool RawSocketProtocol::sendMessage(std::string&& payload) {
  if (connection_ == nullptr || !connection_->admits()) return false;
  return connection_->act([&](Engine& engine) { return engine.sendMessage(std::move(payload)); });
}

bool RawSocketProtocol::sendMessage(std::shared_ptr<const std::string> payload) {
  if (connection_ == nullptr || !connection_->admits()) return false;
  return connection_->act([&](Engine& engine) { return engine.sendMessage(std::move(payload)); });
}

bool RawSocketProtocol::sendPing(std::string_view payload) {
  return connection_ != nullptr && connection_->act([&](Engine& engine) { return engine.sendPing(payload); });
}

// ---- Ending

void RawSocketProtocol::close() {
  if (connection_ != nullptr) return connection_->act([](Engine& engine) { engine.close(); });
  if (giveUp_) giveUp_();
}

void RawSocketProtocol::abort() {
  if (connection_ != nullptr) return connection_->act([](Engine& engine) { engine.abort(); });
  if (giveUp_) giveUp_();
}

// ---- Back-pressure

std::size_t RawSocketProtocol::bufferedAmount() const {
  return connection_ == nullptr ? 0 : connection_->bufferedAmount();
}

asio::awaitable<void> RawSocketProtocol::drain() {
  const std::shared_ptr<RawSocketProtocol> self = shared_from_this();
  if (connection_ != nullptr) co_await connection_->drain();
}

void RawSocketProtocol::pauseReading() {
  if (connection_ != nullptr) connection_->pauseReading(true);
}

void RawSocketProtocol::resumeReading() {
  if (connection_ != nullptr) connection_->pauseReading(false);
}

// ---- State

State RawSocketProtocol::state() const {
  if (connection_ != nullptr) return connection_->engine().state();
  return giveUp_ ? State::connecting : State::closed;
}

SerializerId RawSocketProtocol::serializer() const {
  return connection_ == nullptr ? SerializerId{} : connection_->engine().serializer();
}

std::size_t RawSocketProtocol::maxSendSize() const {
  return connection_ == nullptr ? 0 : connection_->engine().maxSendSize();
}

TransportDetails RawSocketProtocol::transportDetails() const {
  return connection_ == nullptr ? TransportDetails{} : connection_->transport();
}

std::string RawSocketProtocol::channelId(std::string_view type) const {
  if (connection_ == nullptr || connection_->stream() == nullptr) return {};
  return connection_->stream()->channelId(type);
}

TrafficStats RawSocketProtocol::trafficStats() const {
  return connection_ == nullptr ? TrafficStats{} : connection_->engine().trafficStats();
}

asio::any_io_executor RawSocketProtocol::executor() const {
  if (connection_ == nullptr) throw InvalidState("the connection is gone: take its executor while it lives");
  return connection_->loop().executor();
}

ConnectionRef RawSocketProtocol::ref() {
  ConnectionRef ref;
  ref.protocol_ = weak_from_this();
  if (connection_ != nullptr) ref.post_ = connection_->loop().poster();
  return ref;
}

}  // namespace autobahn::inline v0::rawsocket
