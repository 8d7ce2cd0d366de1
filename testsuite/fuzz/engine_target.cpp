// The WebSocket engine behind the opening handshake, in both roles, against a slow reference; and against
// itself with the same bytes in other pieces. The input is a script: options, then frames, raw bytes and
// actions.
#include <zlib.h>

#include <autobahn/websocket/engine.hpp>
#include <memory>
#include <vector>

#include "choices.hpp"
#include "target.hpp"
#include "websocket_reference.hpp"

namespace autobahn::fuzz {
namespace {

using namespace websocket;

// ---- The script

struct Setup {
  Role role = Role::server;
  ReceivingRules rules;
  bool failByDrop = true;
  bool echoes = false;  ///< messages, and the close code
  std::size_t fragmentSize = 0;
  std::optional<PerMessageDeflateParameters> deflate;
  std::uint32_t seed = 0;
};

Setup readSetup(Choices& choices) {
  const unsigned first = choices.byte();
  const unsigned limits = choices.byte();
  const unsigned deflate = choices.byte();
  Setup setup;
  setup.role = (first & 1) != 0 ? Role::client : Role::server;
  const bool isServer = setup.role == Role::server;
  setup.failByDrop = (first & 2) != 0;
  setup.echoes = (first & 4) != 0;
  setup.seed = choices.byte();
  ReceivingRules& rules = setup.rules;
  const bool isLax = (first & 8) != 0;
  rules.mustBeMasked = isServer && !isLax;
  rules.mayBeMasked = isServer || isLax;
  rules.validatesUtf8 = (first & 0x30) != 0;
  constexpr Handing kHandings[] = {Handing::message, Handing::message, Handing::frame, Handing::stream};
  rules.handing = kHandings[first >> 6];
  constexpr std::uint64_t kFrameLimits[] = {0, 1, 125, 3000};
  constexpr std::uint64_t kMessageLimits[] = {0, 70, 1000, 70000};
  constexpr std::uint64_t kCountLimits[] = {0, 1, 3, 50};
  rules.maxFrame = kFrameLimits[limits & 3];
  rules.maxMessage = kMessageLimits[limits >> 2 & 3];
  rules.maxFrames = kCountLimits[limits >> 4 & 3];
  setup.fragmentSize = limits >> 6 == 3 ? 7 : 0;
  rules.inflates = (deflate & 1) != 0;
  if (!rules.inflates) return setup;
  PerMessageDeflateParameters& parameters = setup.deflate.emplace();
  rules.takeover = (deflate & 2) != 0;
  const bool ownTakeover = (deflate & 4) != 0;
  parameters.clientNoContextTakeover = isServer ? !rules.takeover : !ownTakeover;
  parameters.serverNoContextTakeover = isServer ? !ownTakeover : !rules.takeover;
  // Ours may be small. The peer's is 32 KiB: with less, zlib looks less closely at what it gets at once.
  (isServer ? parameters.serverMaxWindowBits : parameters.clientMaxWindowBits) =
      static_cast<int>(8 + (deflate >> 3 & 7));
  rules.maxInflated = (deflate & 0x40) != 0 ? 300 : 0;
  parameters.maxMessageSize = rules.maxInflated;
  return setup;
}

enum class Action : std::uint8_t { none, sendClose, ping, message };
/// Bytes, and what the application does when they have been worked off.
struct Step {
  std::string bytes;
  Action then = Action::none;
};

std::string deflated(std::string_view text) {
  std::string out(text.size() + 1024, '\0');
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out - 4);
  deflateEnd(&stream);
  return out;
}

std::string readPayload(Choices& choices) {
  const std::size_t size = choices.byte();
  if (size < 200) return std::string(choices.take(size));
  // One line again and again: up to 3 KB, and now and then 66 KB.
  const std::size_t wanted = size == 255 ? 66000 : size == 254 ? 33000 : (size - 200) * (size - 200);
  const std::string line(choices.line());
  std::string payload;
  while (payload.size() < wanted) payload += line.empty() ? "x" : line;
  payload.resize(wanted);
  return payload;
}

void appendNumber(std::string& out, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i) & 0xFF);
}

/// A frame, nearly always as the role allows it. The first byte is the frame's own.
std::string readFrame(Choices& choices, Role receiver, bool isDeflated) {
  const std::uint8_t start = choices.byte();
  const std::uint8_t how = choices.byte();
  std::string payload = readPayload(choices);
  if (isDeflated) payload = deflated(payload);
  const std::uint64_t length = payload.size() + ((how & 0xC0) == 0xC0 ? choices.byte() * 0x101U : 0U);
  int bytes = length < 126 ? 0 : length < 65536 ? 2 : 8;
  if ((how & 0x30) == 0x30) bytes = (how & 0x40) != 0 ? 8 : 2;
  const bool isMasked = (receiver == Role::server) != ((how & 0x0F) == 0x0F);
  std::string frame(1, static_cast<char>(start));
  frame += static_cast<char>((isMasked ? 0x80 : 0) | (bytes == 0   ? static_cast<int>(length)
                                                      : bytes == 2 ? 126
                                                                   : 127));
  appendNumber(frame, length, bytes);
  if (!isMasked) return frame + payload;
  const std::string mask{static_cast<char>(how), 'M', static_cast<char>(0xA5), '\0'};
  frame += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  return frame + payload;
}

std::vector<Step> readSteps(Choices& choices, Role receiver) {
  std::vector<Step> steps;
  while (!choices.empty()) {
    const unsigned kind = choices.byte();
    Step step;
    if ((kind & 7) == 7) {
      step.bytes = choices.take(kind >> 3);
    } else {
      step.bytes = readFrame(choices, receiver, (kind & 7) == 6);
    }
    if ((kind & 7) == 5) step.then = static_cast<Action>(kind >> 3 & 3);
    steps.push_back(std::move(step));
  }
  return steps;
}

// ---- The engine

/// What came of it.
struct Outcome {
  std::vector<std::string> events;
  std::string output;
  bool dropped = false;
  bool aborted = false;
  bool closedByUs = false;
  int localCode = 0;
  CloseInfo close;
};

Engine makeEngine(const Setup& setup) {
  const auto fill = [&](ProtocolOptions& options) {
    options.failByDrop = setup.failByDrop;
    options.echoCloseCodeReason = setup.echoes;
    options.utf8validateIncoming = setup.rules.validatesUtf8;
    options.maxFramePayloadSize = setup.rules.maxFrame;
    options.maxMessagePayloadSize = setup.rules.maxMessage;
    options.maxFramesPerMessage = setup.rules.maxFrames;
    options.autoFragmentSize = setup.fragmentSize;
  };
  if (setup.role == Role::server) {
    auto options = std::make_shared<ServerOptions>();
    fill(*options);
    options->requireMaskedClientFrames = setup.rules.mustBeMasked;
    return {std::move(options), std::make_shared<ServerIdentity>()};
  }
  auto options = std::make_shared<ClientOptions>();
  fill(*options);
  options->acceptMaskedServerFrames = setup.rules.mayBeMasked;
  return {std::move(options), ClientRequest{}};
}

ReceiveMode modeOf(Handing handing) {
  return handing == Handing::message ? ReceiveMode::message
         : handing == Handing::frame ? ReceiveMode::frame
                                     : ReceiveMode::stream;
}

class Run {
 public:
  Run(const Setup& setup, std::uint32_t cuts) : setup_(setup), cuts_(cuts), engine_(makeEngine(setup)) {
    engine_.setTime(Engine::TimePoint{} + std::chrono::hours(1));
    engine_.setReceiveMode(modeOf(setup.rules.handing));
    engine_.openUpgraded(setup.deflate);
    require(engine_.next().type == EventType::open, "no open event");
    if (cuts_.oneIn(2)) engine_.useBufferPool(pool_);
  }

  Outcome run(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      feedInPieces(engine_, cuts_, step.bytes, [this] { pump(); });
      act(step.then);
      pump();
    }
    flushData(outcome_.dropped);
    drain();
    outcome_.localCode = engine_.localCloseCode();
    engine_.transportLost();
    require(engine_.next().type == EventType::none, "an event behind the end");
    outcome_.close = engine_.closeInfo();
    return std::move(outcome_);
  }

 private:
  void act(Action kind) {
    const bool isOpen = engine_.state() == State::open;
    bool done = isOpen;
    if (kind == Action::sendClose) {
      done = engine_.sendClose(3000, "enough");
      outcome_.closedByUs = outcome_.closedByUs || done;
    }
    if (kind == Action::ping) done = engine_.sendPing("are you there?");
    if (kind == Action::message) done = engine_.sendMessage("by the way");
    require(done == isOpen, "an action says something else than the state");
  }

  void pump() {
    for (Event event = engine_.next(); event.type != EventType::none; event = engine_.next()) {
      note(event);
      if (event.type == EventType::ping) engine_.sendPong(event.payload);
      if (event.type == EventType::message && setup_.echoes) echo(event);
      if (cuts_.oneIn(3)) engine_.retain();
    }
    engine_.output().settle();
    if (!cuts_.oneIn(2)) drain();
  }

  void echo(const Event& event) {
    if (cuts_.oneIn(2)) {
      engine_.sendMessageBorrowed(event.payload, event.isBinary);
    } else {
      engine_.sendMessage(event.payload, event.isBinary);
    }
  }

  void note(const Event& event) {
    require(!outcome_.dropped, "an event behind drop");
    if (event.type == EventType::frameData) {
      data_ += event.payload;
      return;
    }
    flushData(event.type == EventType::drop);
    const std::string kind = event.isBinary ? "binary" : "text";
    const std::string payload(event.payload);
    switch (event.type) {
      case EventType::message:
        return add(kind + ' ' + payload);
      case EventType::messageBegin:
        return add("begin " + kind);
      case EventType::frameBegin:
        return add("frameBegin " + std::to_string(event.length));
      case EventType::frameEnd:
        return add("frameEnd");
      case EventType::frame:
        return add("frame " + payload);
      case EventType::messageEnd:
        return add("end");
      case EventType::ping:
        return add("ping " + payload);
      case EventType::pong:
        return add("pong " + payload);
      case EventType::drop:
        outcome_.dropped = true;
        outcome_.aborted = event.abort;
        return;
      default:
        require(false, "an event of the opening handshake");
    }
  }
  void add(std::string line) { outcome_.events.push_back(std::move(line)); }

  // The pieces of a frame as one. What came before a failure depends on the cuts.
  void flushData(bool failed) {
    if (!data_.empty() && !failed) add("data " + data_);
    data_.clear();
  }

  void drain() {
    while (!engine_.output().empty()) {
      std::string_view parts[4];
      const std::size_t count = engine_.output().gather(parts);
      std::size_t size = 0;
      for (std::size_t i = 0; i < count; ++i) {
        outcome_.output += parts[i];
        size += parts[i].size();
      }
      engine_.output().consume(size);
    }
  }

  const Setup& setup_;
  Cuts cuts_;
  util::BufferPool pool_;
  Engine engine_;
  std::string data_;
  Outcome outcome_;
};

// ---- What must hold

/// Our output as the peer sees it.
Received seenByPeer(const Setup& setup, std::string_view output) {
  ReceivingRules rules;
  rules.mustBeMasked = setup.role == Role::client;
  rules.mayBeMasked = rules.mustBeMasked;
  rules.inflates = setup.deflate.has_value();
  // Where a peer's text was not looked at, its echo is not UTF-8 either.
  rules.validatesUtf8 = setup.rules.validatesUtf8;
  if (setup.deflate) {
    rules.takeover = setup.role == Role::server ? !setup.deflate->serverNoContextTakeover
                                                : !setup.deflate->clientNoContextTakeover;
  }
  return receive(rules, output);
}

/// The events of a run and of the reference are the same.
void compareEvents(const std::vector<std::string>& ours, const std::vector<std::string>& theirs) {
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    if (ours[i] == theirs[i]) continue;
    require(false, "event " + std::to_string(i) + " is [" + ours[i] + "], not [" + theirs[i] + "]");
  }
  require(ours.size() == theirs.size(),
          std::to_string(ours.size()) + " events, not " + std::to_string(theirs.size()));
}

void compareEnd(const Setup& setup, const Outcome& outcome, const Received& wanted) {
  const CloseInfo& close = outcome.close;
  if (wanted.closed) {
    require(close.wasClean && close.code == wanted.closeCode && close.reason == wanted.closeReason,
            "a clean close is told as " + std::to_string(close.code) + " " + close.reason);
    require(outcome.dropped == (setup.role == Role::server), "it is not the server who ends the transport");
    return;
  }
  require(!close.wasClean && close.code == 1006, "a close that never was");
  require(outcome.dropped == !wanted.failure.empty(),
          outcome.dropped ? "failed, and nothing was wrong" : "not failed");
  if (wanted.failure.empty()) return;
  const bool isAborted = setup.failByDrop || outcome.closedByUs;
  require(outcome.aborted == isAborted, "dropped in the wrong way");
  if (!outcome.closedByUs) {
    require(wanted.failure.contains(outcome.localCode), "failed with " + std::to_string(outcome.localCode) +
                                                            ", not " +
                                                            std::to_string(*wanted.failure.begin()));
  }
}

/// What was sent: pongs for pings, echoes of messages, a Close frame where there must be one.
void compareOutput(const Setup& setup, const Outcome& outcome, const Received& wanted,
                   const std::vector<Step>& steps) {
  const Received seen = seenByPeer(setup, outcome.output);
  require(seen.failure.empty(), "what we sent is wrong");
  const bool mustClose =
      wanted.closed || outcome.closedByUs || (!wanted.failure.empty() && !setup.failByDrop);
  require(seen.closed == mustClose, mustClose ? "no Close frame was sent" : "a Close frame was sent");
  const bool isAnswer = wanted.closed && !outcome.closedByUs && setup.echoes;
  if (isAnswer)
    require(seen.closeCode == wanted.closeCode && seen.closeReason == wanted.closeReason,
            "Close is not echoed");
  bool hasActions = outcome.closedByUs;
  for (const Step& step : steps) hasActions = hasActions || step.then != Action::none;
  if (hasActions) return;
  std::vector<std::string> answers;
  for (const std::string& event : wanted.events) {
    if (event.starts_with("ping ")) answers.push_back("pong" + event.substr(4));
    const bool isMessage = event.starts_with("text ") || event.starts_with("binary ");
    if (isMessage && setup.echoes) answers.push_back(event);
  }
  compareEvents(seen.events, answers);
}

}  // namespace

void tryEngine(std::string_view input) {
  Choices choices(input);
  const Setup setup = readSetup(choices);
  const std::vector<Step> steps = readSteps(choices, setup.role);
  std::string all;
  for (const Step& step : steps) all += step.bytes;
  const Received wanted = receive(setup.rules, all);
  for (const std::uint32_t cuts : {0U, 1U, 2U + setup.seed, 300U + setup.seed}) {
    if (cuts == 1 && all.size() > 20000) continue;
    const Outcome outcome = Run(setup, cuts).run(steps);
    compareEvents(outcome.events, wanted.events);
    compareEnd(setup, outcome, wanted);
    compareOutput(setup, outcome, wanted, steps);
  }
}

}  // namespace autobahn::fuzz
