// Engine: from bytes to events.
#include <algorithm>
#include <autobahn/rawsocket/detect.hpp>

#include "engine_impl.hpp"

namespace autobahn::inline v0::rawsocket {

namespace {

/// The most room offered beyond what has arrived: a declared size alone costs nobody memory.
constexpr std::size_t kLeastWindow = 64 * 1024;
/// Below this a frame's rest comes with the following frames, in the shared buffer.
constexpr std::size_t kWindowFrom = 4096;
/// An engine without a pool keeps a buffer of this size for the next frame that spans reads.
constexpr std::size_t kKeptAssembly = 128 * 1024;

std::string describe(SerializerId id) {
  return std::string(serializerName(id)) + " (" + std::to_string(static_cast<int>(id)) + ")";
}

std::string octets(std::size_t size) { return std::to_string(size) + " octets"; }

std::string notRawSocket(std::string_view first) {
  std::string reason = "peer does not speak RawSocket: its first octet is " +
                       hexOctet(static_cast<std::uint8_t>(first.front()));
  const WireProtocol seen = detectProtocol(first);
  if (seen == WireProtocol::http) reason += ", which begins HTTP";
  if (seen == WireProtocol::tls) reason += ", which begins TLS";
  return reason;
}

}  // namespace

void Engine::Impl::feed(std::span<const char> bytes) {
  releaseDelivered();
  if (mode == Input::discard) return;
  sawTraffic();
  if (input.empty()) {
    kept.clear();
    input = {bytes.data(), bytes.size()};
    return;
  }
  util::ByteBuffer joined;
  joined.append(input);
  joined.append({bytes.data(), bytes.size()});
  kept = std::move(joined);
  input = kept.view();
}

void Engine::Impl::retain() {
  if (input.empty()) return;
  endOwnLoan();
  const bool isKept =
      input.size() <= kept.size() && input.data() == kept.data() + (kept.size() - input.size());
  if (isKept) return;
  util::ByteBuffer copy;
  copy.append(input);
  kept = std::move(copy);
  input = kept.view();
}

/// Before the memory goes away that a payload sent from where it lies may lie in.
void Engine::Impl::endOwnLoan() {
  if (!lendsOwn) return;
  lendsOwn = false;
  if (queue.hasBorrowed()) queue.settle();
}

void Engine::Impl::releaseDelivered() {
  endOwnLoan();
  if (!delivered) return;
  delivered = false;
  dropAssembly();
}

void Engine::Impl::dropAssembly() {
  if (pool != nullptr) {
    try {
      pool->give(std::move(assembly));
    } catch (const std::bad_alloc&) {  // it is freed
    }
  } else if (assembly.capacity() <= kKeptAssembly) {
    assembly.clear();
    return;
  }
  assembly = {};
}

Event Engine::Impl::next() {
  releaseDelivered();
  if (dropDue) {
    dropDue = false;
    return {EventType::drop, dropAbort, {}};
  }
  if (openDue) {
    openDue = false;
    return {EventType::open, false, {}};
  }
  const Event event = nextInput();
  if (dropDue) {
    dropDue = false;
    return {EventType::drop, dropAbort, {}};
  }
  return event;
}

Event Engine::Impl::nextInput() {
  switch (mode) {
    case Input::handshake:
      return takeHandshake();
    case Input::frames:
      return nextFrame();
    case Input::undecided:
    case Input::discard:
      break;
  }
  return {};
}

/// Puts the four octets together that everything begins with. True when they are there.
bool Engine::Impl::collectHeader() {
  const std::size_t size = std::min(input.size(), kHeaderSize - headerSize);
  std::copy_n(input.data(), size, header.data() + headerSize);
  input.remove_prefix(size);
  headerSize = static_cast<std::uint8_t>(headerSize + size);
  if (headerSize != kHeaderSize) return false;
  headerSize = 0;
  return true;
}

Event Engine::Impl::takeHandshake() {
  if (input.empty()) return {};
  // Who speaks something else may never send four octets.
  if (headerSize == 0 && static_cast<std::uint8_t>(input.front()) != kMagic) {
    fail(notRawSocket(input));
    return {};
  }
  if (!collectHeader()) return {};
  const Handshake theirs = parseHandshake(header);
  return role == Role::server ? takeRequest(theirs) : takeReply(theirs);
}

/// Section "Handshake: Client-to-Router Request".
Event Engine::Impl::takeRequest(const Handshake& request) {
  // Reserved bits first: what they will mean may change the meaning of the rest.
  if (request.reservedUsed) {
    refuse(HandshakeError::reservedBitsUsed, "the client's third or fourth octet is not 0");
    return {};
  }
  if (busy) {
    refuse(HandshakeError::tooManyConnections, "the limit is reached");
    return {};
  }
  serializer = static_cast<SerializerId>(request.low);
  const auto& accepted = serverOptions().serializers;
  if (std::ranges::find(accepted, serializer) == accepted.end()) {
    refuse(HandshakeError::serializerUnsupported, "the client asks for " + describe(serializer));
    return {};
  }
  maxSend = lengthOf(request.high);
  if (maxSend < options->minPeerMaxPayloadSize) {
    refuse(HandshakeError::maxLengthUnacceptable, "the client receives at most " + octets(maxSend) +
                                                      ", wanted are " +
                                                      octets(options->minPeerMaxPayloadSize));
    return {};
  }
  mode = Input::undecided;
  return {EventType::handshake, false, {}};
}

/// Section "Handshake: Router-to-Client Reply".
Event Engine::Impl::takeReply(const Handshake& reply) {
  if (reply.low == 0) {
    fail("server refuses the handshake: " +
         std::string(handshakeErrorText(static_cast<HandshakeError>(reply.high))) + " (error " +
         std::to_string(reply.high) + ")");
    return {};
  }
  if (reply.reservedUsed) {
    fail("server's handshake has reserved bits: its third or fourth octet is not 0");
    return {};
  }
  if (reply.low != static_cast<std::uint8_t>(serializer)) {
    fail("server answers with the serializer " + describe(static_cast<SerializerId>(reply.low)) +
         ", asked for was " + describe(serializer));
    return {};
  }
  maxSend = lengthOf(reply.high);
  if (maxSend < options->minPeerMaxPayloadSize) {
    fail("server receives at most " + octets(maxSend) + ", wanted are " +
         octets(options->minPeerMaxPayloadSize));
    return {};
  }
  open();
  openDue = false;
  return {EventType::open, false, {}};
}

bool Engine::Impl::takeFrameHeader() {
  if (!collectHeader()) return false;
  const std::optional<FrameHeader> parsed = parseFrameHeader(header);
  if (!parsed) {
    fail(frameHeaderProblem(header));
    return false;
  }
  if (!frameAllowed(*parsed)) return false;
  frame = *parsed;
  inFrame = true;
  return true;
}

/// Sizes are judged before a single octet of the payload is taken.
bool Engine::Impl::frameAllowed(const FrameHeader& parsed) {
  if (parsed.length > options->maxMessagePayloadSize) {
    fail(std::string(frameTypeName(parsed.type)) + " of " + octets(parsed.length) +
         ", announced were at most " + std::to_string(options->maxMessagePayloadSize));
    return false;
  }
  if (parsed.type == FrameType::ping && parsed.length > maxSend) {
    fail("PING of " + octets(parsed.length) + " asks for a PONG larger than the " + octets(maxSend) +
         " its sender receives");
    return false;
  }
  return true;
}

Event Engine::Impl::nextFrame() {
  if (!inFrame && !takeFrameHeader()) return {};
  if (assembly.empty() && input.size() >= frame.length) {
    const std::string_view payload = input.substr(0, frame.length);
    input.remove_prefix(frame.length);
    return deliver(payload);
  }
  if (assembly.capacity() == 0 && pool != nullptr) assembly = pool->take();
  const std::size_t size = std::min(input.size(), frame.length - assembly.size());
  assembly.append(input.substr(0, size));
  input.remove_prefix(size);
  if (assembly.size() != frame.length) return {};
  delivered = true;
  return deliver(assembly.view());
}

Event Engine::Impl::deliver(std::string_view payload) {
  inFrame = false;
  switch (frame.type) {
    case FrameType::ping:
      ++stats.incomingPings;
      if (beginFrame(FrameType::pong, payload.size())) queue.append(payload);
      return {EventType::ping, false, payload};
    case FrameType::pong:
      takePong(payload);
      return {EventType::pong, false, payload};
    case FrameType::message:
      break;
  }
  ++stats.incomingMessages;
  stats.incomingOctets += payload.size();
  return {EventType::message, false, payload};
}

void Engine::Impl::takePong(std::string_view payload) {
  if (!pongOverdue || payload != awaitedPong) return;
  awaitedPong.clear();
  armPing();
}

std::span<char> Engine::Impl::receiveWindow() {
  if (!inFrame || !input.empty() || mode != Input::frames) return {};
  const std::size_t missing = frame.length - assembly.size();
  if (missing < kWindowFrom) return {};
  if (assembly.capacity() == 0 && pool != nullptr) assembly = pool->take();
  const std::span<char> space = assembly.space(std::min(missing, std::max(kLeastWindow, assembly.size())));
  return space.first(std::min(space.size(), missing));
}

void Engine::Impl::sawTraffic() {
  if (state != State::open || !options->autoPingRestartOnAnyTraffic) return;
  if (options->autoPingInterval.count() != 0) armPing();
}

void Engine::Impl::inputEnded() {
  if (dropped) return;
  if (state != State::open)
    return drop(false, false, "peer ended the connection before the handshake was complete");
  if (inFrame || headerSize != 0 || !input.empty()) {
    const std::string where =
        inFrame ? " (" + std::to_string(assembly.size()) + " of " + octets(frame.length) + ")"
                : std::string();
    return drop(false, false, "peer ended the connection inside a frame" + where);
  }
  drop(false, true, "closed by the peer");
}

}  // namespace autobahn::inline v0::rawsocket
