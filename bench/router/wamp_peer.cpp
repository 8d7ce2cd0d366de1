#include "wamp_peer.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "wire.hpp"

namespace bench {

using namespace autobahn::wamp;

namespace {

constexpr unsigned kRsv1 = 0x40;
constexpr const char* kOffer =
    "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
    "client_no_context_takeover";

std::size_t bigEndian(std::string_view octets) {
  std::size_t value = 0;
  for (const char each : octets) value = value << 8 | static_cast<unsigned char>(each);
  return value;
}

std::string rawSocketHeader(std::size_t size) {
  return {0, static_cast<char>(size >> 16), static_cast<char>(size >> 8), static_cast<char>(size)};
}

Roles allRoles() {
  Roles roles;
  for (const Role role : {Role::subscriber, Role::publisher, Role::caller, Role::callee}) roles.add(role);
  return roles;
}

}  // namespace

WampPeer::WampPeer(const Target& target, std::uint32_t source)
    : target_(target), serializer_(makeSerializer(target.serializer)) {
  if (!serializer_) throw std::runtime_error("no such serializer: " + target.serializer);
  if (target.isCompressed) compression_ = std::make_unique<Compression>();
  open(source);
}

WampPeer::~WampPeer() {
  if (fd_ >= 0) ::close(fd_);
}

void WampPeer::open(std::uint32_t source) {
  fd_ = connectTo(target_.port, source);
  const auto readUntil = [this](const auto& isWhole) {
    while (!isWhole()) {
      char octet = 0;
      if (::recv(fd_, &octet, 1, 0) != 1) throw std::runtime_error("the router hung up in the handshake");
      in_.push_back(octet);
    }
  };
  if (target_.isRawSocket) {
    const std::string hello{0x7F, static_cast<char>(0xF0 | serializer_->rawSocketId()), 0, 0};
    sendAll(fd_, hello);
    readUntil([this] { return in_.size() == 4; });
    if (in_[0] != 0x7F || (in_[1] & 0x0F) != serializer_->rawSocketId()) {
      throw std::runtime_error("the RawSocket handshake was refused");
    }
  } else {
    sendAll(fd_, "GET " + target_.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(target_.port) +
                     "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " +
                     serializer_->subprotocol() + (target_.isCompressed ? kOffer : "") + "\r\n\r\n");
    readUntil([this] { return in_.ends_with("\r\n\r\n"); });
    if (!in_.starts_with("HTTP/1.1 101")) throw std::runtime_error("the WebSocket handshake was refused");
    if (target_.isCompressed && in_.find("permessage-deflate") == std::string::npos) {
      throw std::runtime_error("the router does not compress");
    }
  }
  in_.clear();
}

void WampPeer::setNonBlocking() { check(fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK), "fcntl"); }

// ---- Messages

void WampPeer::queue(const Message& message) {
  scratch_.clear();
  if (const Problem problem = serializer_->serialize(message, scratch_)) throw std::runtime_error(*problem);
  const std::string_view payload = scratch_.view();
  if (target_.isRawSocket) {
    out_ += rawSocketHeader(payload.size());
    out_ += payload;
  } else {
    const unsigned opcode = serializer_->isBinary() ? 2 : 1;
    out_ += compression_ ? makeFrame(opcode | kRsv1, compression_->deflater.message(payload), true)
                         : makeFrame(opcode, payload, true);
  }
}

bool WampPeer::flush() {
  while (sent_ != out_.size()) {
    const ssize_t size = ::send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (size < 0 && errno == EAGAIN) return false;
    check(static_cast<int>(size), "send");
    sent_ += static_cast<std::size_t>(size);
  }
  out_.clear();
  sent_ = 0;
  return true;
}

std::vector<Message>& WampPeer::receive() {
  messages_.clear();
  std::array<char, 65536> buffer;
  const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (size == 0) throw std::runtime_error("the router closed a connection");
  if (size < 0) {
    if (errno == EAGAIN) return messages_;
    throw std::system_error(errno, std::generic_category(), "recv");
  }
  in_.append(buffer.data(), static_cast<std::size_t>(size));
  takeApart();
  return messages_;
}

void WampPeer::takeApart() {
  const std::string_view in = in_;
  while (true) {
    const std::string_view rest = in.substr(taken_);
    std::size_t head = target_.isRawSocket ? 4 : 2;
    if (rest.size() < head) break;
    std::size_t size = 0;
    bool isMessage = true;
    if (target_.isRawSocket) {
      size = bigEndian(rest.substr(1, 3));
      isMessage = rest[0] == 0;
    } else {
      size = static_cast<unsigned char>(rest[1]);
      const std::size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
      if (rest.size() < head + extra) break;
      if (extra != 0) size = bigEndian(rest.substr(head, extra));
      head += extra;
      isMessage = (rest[0] & 0x0F) <= 2;
    }
    if (rest.size() < head + size) break;
    taken_ += head + size;
    if (!isMessage) continue;  // a ping: no run is so long that it matters
    takeMessage(rest.substr(head, size), !compression_ || (rest[0] & kRsv1) == 0);
  }
  if (taken_ == in_.size()) {
    in_.clear();
    taken_ = 0;
  } else if (taken_ > in_.size() / 2) {
    in_.erase(0, std::exchange(taken_, 0));
  }
}

void WampPeer::takeMessage(std::string_view payload, bool isInflated) {
  if (!isInflated) {
    compression_->inflater.reset();
    payload = compression_->inflater.message(payload);
  }
  if (const Problem problem = serializer_->unserialize(payload, serializer_->isBinary(), messages_)) {
    throw std::runtime_error(*problem);
  }
}

// ---- Before the load

Message WampPeer::expect() {
  while (messages_.empty()) receive();
  if (messages_.size() != 1) throw std::runtime_error("more than one message where one was expected");
  Message message = std::move(messages_.front());
  messages_.clear();
  return message;
}

void WampPeer::join() {
  queue(message::Hello{.realm = Text(target_.realm), .details = {.roles = allRoles()}});
  flush();
  if (!std::holds_alternative<message::Welcome>(expect())) throw std::runtime_error("not welcome");
}

Id WampPeer::subscribe(std::string_view topic) {
  queue(message::Subscribe{.request = nextRequest(), .topic = Text(topic)});
  flush();
  return std::get<message::Subscribed>(expect()).subscription;
}

Id WampPeer::registerProcedure(std::string_view procedure) {
  queue(message::Register{.request = nextRequest(), .procedure = Text(procedure)});
  flush();
  return std::get<message::Registered>(expect()).registration;
}

// A few at a time, so that neither side has to buffer.
template <class Answer, class Request>
void WampPeer::askMany(const std::string& prefix, std::size_t count, Request request) {
  constexpr std::size_t kAtOnce = 100;
  for (std::size_t asked = 0; asked < count;) {
    std::size_t waiting = 0;
    for (; waiting < kAtOnce && asked < count; ++waiting, ++asked) {
      queue(request(Text(prefix + std::to_string(asked))));
    }
    flush();
    while (waiting > 0) {
      for (const Message& each : receive()) {
        if (!std::holds_alternative<Answer>(each)) throw std::runtime_error("an answer was expected");
        --waiting;
      }
    }
    messages_.clear();
  }
}

void WampPeer::subscribeMany(const std::string& prefix, std::size_t count) {
  askMany<message::Subscribed>(prefix, count, [this](Text topic) {
    return message::Subscribe{.request = nextRequest(), .topic = std::move(topic)};
  });
}

void WampPeer::registerMany(const std::string& prefix, std::size_t count) {
  askMany<message::Registered>(prefix, count, [this](Text procedure) {
    return message::Register{.request = nextRequest(), .procedure = std::move(procedure)};
  });
}

}  // namespace bench
