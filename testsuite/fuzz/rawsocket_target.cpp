// The RawSocket engine in both roles, against a slow reference; and against itself with the same bytes in
// other pieces.
#include <autobahn/rawsocket/engine.hpp>
#include <vector>

#include "choices.hpp"
#include "target.hpp"

namespace autobahn::fuzz {
namespace {

using namespace rawsocket;

struct Setup {
  Role role = Role::server;
  std::size_t maxPayload = kLeastMaxPayload;
  std::size_t minPeer = kLeastMaxPayload;
  bool isBusy = false;
  std::uint32_t seed = 0;
};
constexpr SerializerId kAsked = SerializerId::cbor;  // by a client; a server takes msgpack too

Setup readSetup(Choices& choices) {
  const unsigned first = choices.byte();
  Setup setup;
  setup.role = (first & 1) != 0 ? Role::client : Role::server;
  setup.maxPayload = kLeastMaxPayload << (first >> 1 & 7);
  setup.minPeer = (first & 0x10) != 0 ? 3000 : kLeastMaxPayload;
  setup.isBusy = (first & 0xE0) == 0xE0;
  setup.seed = choices.byte();
  return setup;
}

/// What comes out of the bytes that arrived.
struct Outcome {
  std::vector<std::string> events;
  std::string output;
  bool dropped = false;
  bool aborted = false;
  bool wasClean = false;  ///< once the peer has ended its side
  bool operator==(const Outcome&) const = default;
};

// ---- The reference: the sections "Handshake" and "Framing" of the specification

class Receiver {
 public:
  Receiver(const Setup& setup, std::string_view bytes) : setup_(setup), rest_(bytes) {}

  Outcome run() {
    if (setup_.role == Role::client) outcome_.output = announcement(kAsked);
    if (takeHandshake()) {
      outcome_.events.emplace_back("open");
      while (takeFrame()) {
      }
    }
    // The peer ends its side.
    outcome_.wasClean = !outcome_.dropped && isOpen_ && rest_.empty();
    outcome_.dropped = true;
    return outcome_;
  }

 private:
  bool fail() {
    outcome_.dropped = outcome_.aborted = true;
    return false;
  }
  bool refuse(int error) {
    outcome_.output += {'\x7f', static_cast<char>(error << 4), '\0', '\0'};
    outcome_.dropped = true;
    return false;
  }
  unsigned octet(std::size_t at) const { return static_cast<unsigned char>(rest_[at]); }
  std::string announcement(SerializerId serializer) const {
    int code = 0;
    while (kLeastMaxPayload << code != setup_.maxPayload) ++code;
    return {'\x7f', static_cast<char>(code * 16 + static_cast<int>(serializer)), '\0', '\0'};
  }

  bool takeHandshake() {
    if (rest_.empty()) return false;
    if (octet(0) != 0x7F) return fail();
    if (rest_.size() < 4) return false;
    const unsigned high = octet(1) / 16;
    const unsigned serializer = octet(1) % 16;
    const bool hasReserved = octet(2) != 0 || octet(3) != 0;
    rest_.remove_prefix(4);
    peerMax_ = kLeastMaxPayload << high;
    if (setup_.role == Role::server) {
      if (hasReserved) return refuse(3);
      if (setup_.isBusy) return refuse(4);
      if (serializer != 2 && serializer != 3) return refuse(1);
      if (peerMax_ < setup_.minPeer) return refuse(2);
      outcome_.events.emplace_back("handshake");
      outcome_.output += announcement(static_cast<SerializerId>(serializer));
    } else if (serializer != static_cast<unsigned>(kAsked) || hasReserved || peerMax_ < setup_.minPeer) {
      return fail();
    }
    isOpen_ = true;
    return true;
  }

  bool takeFrame() {
    if (rest_.size() < 4) return false;
    const unsigned type = octet(0) % 8;
    std::size_t length = octet(1) * 65536U + octet(2) * 256U + octet(3);
    if (octet(0) >= 16 || type > 2) return fail();
    if (octet(0) >= 8 && length != 0) return fail();
    if (octet(0) >= 8) length = 16U << 20;
    // A PING's answer must fit, too.
    if (length > setup_.maxPayload || (type == 1 && length > peerMax_)) return fail();
    if (rest_.size() - 4 < length) return false;
    const std::string header(rest_.substr(0, 4));
    const std::string payload(rest_.substr(4, length));
    rest_.remove_prefix(4 + length);
    constexpr const char* kNames[] = {"message ", "ping ", "pong "};
    outcome_.events.push_back(kNames[type] + payload);
    if (type == 1) outcome_.output += '\2' + header.substr(1) + payload;
    return true;
  }

  const Setup& setup_;
  std::string_view rest_;
  std::size_t peerMax_ = 0;
  bool isOpen_ = false;
  Outcome outcome_;
};

// ---- The engine

Engine makeEngine(const Setup& setup) {
  const auto fill = [&](auto options) {
    options->maxMessagePayloadSize = setup.maxPayload;
    options->minPeerMaxPayloadSize = setup.minPeer;
    options->validate();
    return options;
  };
  if (setup.role == Role::client) {
    auto options = std::make_shared<ClientOptions>();
    options->serializer = kAsked;
    return Engine(std::shared_ptr<const ClientOptions>(fill(options)));
  }
  auto options = std::make_shared<ServerOptions>();
  options->serializers = {SerializerId::msgpack, SerializerId::cbor};
  return Engine(std::shared_ptr<const ServerOptions>(fill(options)));
}

class Run {
 public:
  Run(const Setup& setup, std::uint32_t cuts) : cuts_(cuts), engine_(makeEngine(setup)) {
    engine_.setTime(Engine::TimePoint{} + std::chrono::hours(1));
    if (cuts_.oneIn(2)) engine_.useBufferPool(pool_);
    if (setup.role == Role::client) engine_.start();
    if (setup.isBusy) engine_.refuseAsBusy();
  }

  Outcome run(std::string_view bytes) {
    feedInPieces(engine_, cuts_, bytes, [this] { pump(); });
    engine_.inputEnded();
    pump();
    drain();
    outcome_.wasClean = engine_.closeInfo().wasClean;
    require(outcome_.wasClean || !engine_.closeInfo().reason.empty(), "it ended without a reason");
    engine_.transportLost();
    require(engine_.next().type == EventType::none, "an event behind the end");
    return std::move(outcome_);
  }

 private:
  void pump() {
    for (Event event = engine_.next(); event.type != EventType::none; event = engine_.next()) {
      require(!outcome_.dropped, "an event behind drop");
      note(event);
      if (event.type == EventType::handshake) engine_.accept();
      if (cuts_.oneIn(3)) engine_.retain();
    }
    engine_.output().settle();
    if (cuts_.oneIn(2)) drain();
  }

  void note(const Event& event) {
    const std::string payload(event.payload);
    switch (event.type) {
      case EventType::handshake:
        return outcome_.events.emplace_back("handshake"), void();
      case EventType::open:
        return outcome_.events.emplace_back("open"), void();
      case EventType::message:
        return outcome_.events.push_back("message " + payload);
      case EventType::ping:
        return outcome_.events.push_back("ping " + payload);
      case EventType::pong:
        return outcome_.events.push_back("pong " + payload);
      default:
        outcome_.dropped = true;
        outcome_.aborted = event.abort;
    }
  }

  void drain() {
    while (!engine_.output().empty()) {
      const std::string_view part = engine_.output().front();
      outcome_.output += part;
      engine_.output().consume(part.size());
    }
  }

  Cuts cuts_;
  util::BufferPool pool_;
  Engine engine_;
  Outcome outcome_;
};

// ---- The script: an announcement and frames, or bytes as they stand

std::string readBytes(Choices& choices) {
  std::string all;
  while (!choices.empty()) {
    const unsigned kind = choices.byte();
    if ((kind & 7) == 7) {
      all += choices.take(kind >> 3);
      continue;
    }
    if ((kind & 7) == 6) {
      all += {'\x7f', static_cast<char>(choices.byte()), '\0', '\0'};
      continue;
    }
    // A frame of a type that is there; now and then a long one.
    const std::size_t size = choices.byte();
    std::string payload(choices.take(size));
    if (size >= 250) payload.resize((size - 249) * 11000, 'x');
    const std::size_t length = payload.size() + ((kind & 0x40) != 0 ? choices.byte() * 3U : 0U);
    all += {static_cast<char>(kind % 3 + (kind >> 3 & 8)), static_cast<char>(length >> 16),
            static_cast<char>(length >> 8), static_cast<char>(length)};
    all += payload;
  }
  return all;
}

}  // namespace

void tryRawsocket(std::string_view input) {
  Choices choices(input);
  const Setup setup = readSetup(choices);
  const std::string bytes = readBytes(choices);
  const Outcome wanted = Receiver(setup, bytes).run();
  for (const std::uint32_t cuts : {0U, 1U, 2U + setup.seed, 300U + setup.seed}) {
    const Outcome outcome = Run(setup, cuts).run(bytes);
    require(outcome.events == wanted.events, "other events");
    require(outcome.output == wanted.output, "another output");
    require(outcome == wanted, outcome.aborted ? "it is aborted" : "it ends in another way");
  }
}

}  // namespace autobahn::fuzz
