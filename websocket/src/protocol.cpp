#include <arpa/inet.h>

#include <array>
#include <autobahn/websocket/protocol.hpp>
#include <charconv>
#include <utility>

#include "connection.hpp"

namespace autobahn::inline v0::websocket {

bool ConnectionRef::postErased(std::function<void(WebSocketProtocol&)> function) const {
  if (!post_) return false;
  // The protocol object is locked on its own loop only, so that it is never destroyed on another thread.
  return post_([protocol = protocol_, function = std::move(function)] {
    const std::shared_ptr<WebSocketProtocol> alive = protocol.lock();
    if (alive && alive->state() != State::closed) function(*alive);
  });
}

WebSocketProtocol::~WebSocketProtocol() = default;

// ---- Callbacks

void WebSocketProtocol::onMessage(std::string_view payload, bool isBinary) {
  if (connection_ != nullptr) connection_->enqueueAsync({std::string(payload), isBinary});
}

asio::awaitable<void> WebSocketProtocol::onMessageAsync(Message /*message*/) { co_return; }
void WebSocketProtocol::onPing(std::string_view payload) { sendPong(payload); }
void WebSocketProtocol::onPong(std::string_view /*payload*/) {}
void WebSocketProtocol::onClose(bool /*wasClean*/, std::uint16_t /*code*/, const std::string& /*reason*/) {}
void WebSocketProtocol::onMessageBegin(bool /*isBinary*/) {}
void WebSocketProtocol::onMessageFrameBegin(std::uint64_t /*length*/) {}
void WebSocketProtocol::onMessageFrameData(std::string_view /*payload*/) {}
void WebSocketProtocol::onMessageFrameEnd() {}
void WebSocketProtocol::onMessageFrame(std::string_view /*payload*/) {}
void WebSocketProtocol::onMessageEnd() {}

// ---- Sending

bool WebSocketProtocol::sendMessage(std::string_view payload, bool isBinary, SendOptions options) {
  return connection_ != nullptr && connection_->sendMessage(payload, isBinary, options);
}

bool WebSocketProtocol::sendMessage(std::string&& payload, bool isBinary, SendOptions options) {
  if (connection_ == nullptr || !connection_->admits()) return false;
  return connection_->act(
      [&](Engine& engine) { return engine.sendMessage(std::move(payload), isBinary, options); });
}

bool WebSocketProtocol::sendMessage(const char* text, bool isBinary, SendOptions options) {
  return sendMessage(std::string_view(text), isBinary, options);
}

bool WebSocketProtocol::sendPreparedMessage(const PreparedMessage& message) {
  if (connection_ == nullptr || !connection_->admits()) return false;
  return connection_->act([&](Engine& engine) { return engine.sendPreparedMessage(message); });
}

bool WebSocketProtocol::sendPing(std::string_view payload) {
  return connection_ != nullptr && connection_->act([&](Engine& engine) { return engine.sendPing(payload); });
}

bool WebSocketProtocol::sendPong(std::string_view payload) {
  return connection_ != nullptr && connection_->act([&](Engine& engine) { return engine.sendPong(payload); });
}

bool WebSocketProtocol::beginMessage(bool isBinary, bool doNotCompress) {
  return connection_ != nullptr &&
         connection_->act([&](Engine& engine) { return engine.beginMessage(isBinary, doNotCompress); });
}

bool WebSocketProtocol::beginMessageFrame(std::uint64_t length) {
  return connection_ != nullptr &&
         connection_->act([&](Engine& engine) { return engine.beginMessageFrame(length); });
}

std::int64_t WebSocketProtocol::sendMessageFrameData(std::string_view payload) {
  if (connection_ == nullptr) return 0;
  return connection_->act([&](Engine& engine) { return engine.sendMessageFrameData(payload); });
}

bool WebSocketProtocol::sendMessageFrame(std::string_view payload) {
  return connection_ != nullptr &&
         connection_->act([&](Engine& engine) { return engine.sendMessageFrame(payload); });
}

bool WebSocketProtocol::endMessage() {
  return connection_ != nullptr && connection_->act([&](Engine& engine) { return engine.endMessage(); });
}

// ---- Closing

bool WebSocketProtocol::sendClose(std::uint16_t code, std::string_view reason) {
  return connection_ != nullptr &&
         connection_->act([&](Engine& engine) { return engine.sendClose(code, reason); });
}

void WebSocketProtocol::dropConnection(bool abort) {
  if (connection_ == nullptr) return;
  connection_->act([&](Engine& engine) {
    engine.dropConnection(abort);
    return true;
  });
}

// ---- Back-pressure

std::size_t WebSocketProtocol::bufferedAmount() const {
  return connection_ == nullptr ? 0 : connection_->bufferedAmount();
}

asio::awaitable<void> WebSocketProtocol::drain() {
  const std::shared_ptr<WebSocketProtocol> self = shared_from_this();
  if (connection_ != nullptr) co_await connection_->drain();
}

void WebSocketProtocol::pauseReading() {
  if (connection_ != nullptr) connection_->pauseReading(true);
}

void WebSocketProtocol::resumeReading() {
  if (connection_ != nullptr) connection_->pauseReading(false);
}

// ---- State

namespace {

constexpr std::string_view kTcp4 = "tcp4:";

struct Ipv4Peer {
  in_addr address{};
  std::uint16_t port = 0;  ///< 0: it is none
};

Ipv4Peer parseIpv4(std::string_view peer) {
  const std::size_t colon = peer.rfind(':');
  Ipv4Peer parsed;
  if (!peer.starts_with(kTcp4) || colon < kTcp4.size()) return parsed;
  const std::string address(peer.substr(kTcp4.size(), colon - kTcp4.size()));
  if (::inet_pton(AF_INET, address.c_str(), &parsed.address) != 1) return parsed;
  const char* const end = peer.data() + peer.size();
  const auto [rest, error] = std::from_chars(peer.data() + colon + 1, end, parsed.port);
  return error == std::errc() && rest == end ? parsed : Ipv4Peer{};
}

std::string describe(const Ipv4Peer& peer) {
  std::array<char, INET_ADDRSTRLEN> address{};
  ::inet_ntop(AF_INET, &peer.address, address.data(), INET_ADDRSTRLEN);
  return std::string(kTcp4) + address.data() + ":" + std::to_string(peer.port);
}

}  // namespace

void WebSocketProtocol::setPeer(const std::string& peer) {
  const Ipv4Peer parsed = parseIpv4(peer);
  peerAddress_ = parsed.address.s_addr;
  peerPort_ = parsed.port;
  peer_ = parsed.port != 0 ? nullptr : std::make_unique<std::string>(peer);
}

const std::string& WebSocketProtocol::peer() const {
  if (!peer_) {
    peer_ =
        std::make_unique<std::string>(peerPort_ == 0 ? std::string() : describe({{peerAddress_}, peerPort_}));
  }
  return *peer_;
}

State WebSocketProtocol::state() const {
  return connection_ == nullptr ? State::closed : connection_->engine().state();
}

TransportDetails WebSocketProtocol::transportDetails() const {
  return connection_ == nullptr ? TransportDetails{} : connection_->transport();
}

std::string WebSocketProtocol::channelId(std::string_view type) const {
  if (connection_ == nullptr || connection_->stream() == nullptr) return {};
  return connection_->stream()->channelId(type);
}

TrafficStats WebSocketProtocol::trafficStats() const {
  return connection_ == nullptr ? TrafficStats{} : connection_->engine().trafficStats();
}

Timings WebSocketProtocol::timings() const {
  return connection_ == nullptr ? Timings{} : connection_->engine().timings();
}

std::string WebSocketProtocol::subprotocol() const {
  return connection_ == nullptr ? std::string() : connection_->engine().subprotocol();
}

std::optional<PerMessageDeflateParameters> WebSocketProtocol::compression() const {
  if (connection_ == nullptr) return std::nullopt;
  return connection_->engine().compression();
}

std::string WebSocketProtocol::wasNotCleanReason() const {
  return connection_ == nullptr ? std::string() : connection_->engine().wasNotCleanReason();
}

std::uint16_t WebSocketProtocol::localCloseCode() const {
  return connection_ == nullptr ? std::uint16_t{0} : connection_->engine().localCloseCode();
}

std::string WebSocketProtocol::localCloseReason() const {
  return connection_ == nullptr ? std::string() : std::string(connection_->engine().localCloseReason());
}

std::uint16_t WebSocketProtocol::remoteCloseCode() const {
  return connection_ == nullptr ? std::uint16_t{0} : connection_->engine().remoteCloseCode();
}

std::string WebSocketProtocol::remoteCloseReason() const {
  return connection_ == nullptr ? std::string() : std::string(connection_->engine().remoteCloseReason());
}

void WebSocketProtocol::setReceiveMode(ReceiveMode mode) {
  receiveMode_ = mode;
  if (connection_ != nullptr) connection_->engine().setReceiveMode(mode);
}

void WebSocketProtocol::setFrameTrace(std::function<void(const FrameTrace&)> trace) {
  if (connection_ != nullptr) connection_->engine().setFrameTrace(std::move(trace));
}

asio::any_io_executor WebSocketProtocol::executor() const {
  if (connection_ == nullptr) throw InvalidState("the connection is gone: take its executor while it lives");
  return connection_->loop().executor();
}

ConnectionRef WebSocketProtocol::ref() {
  ConnectionRef ref;
  ref.protocol_ = weak_from_this();
  if (connection_ != nullptr) ref.post_ = connection_->loop().poster();
  return ref;
}

}  // namespace autobahn::inline v0::websocket
