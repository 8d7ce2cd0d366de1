// For tests of the engine: frames built bit by bit, and scenarios that must come out the same however their
// input is cut, kept or received.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <autobahn/websocket/engine.hpp>
#include <autobahn/websocket/prepared_message.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../frame.hpp"
#include "../mask.hpp"
#include "../permessage_deflate.hpp"

namespace autobahn::inline v0::websocket::testing {

// ---- Frames

struct FrameSpec {
  int opcode = 1;
  std::string_view payload{};
  bool fin = true;
  int rsv = 0;  ///< RSV1…3 as 4, 2, 1
  bool masked = false;
  std::optional<int> lengthBytes{};         ///< 0, 2 or 8; empty: the minimal encoding
  std::optional<std::uint64_t> declared{};  ///< a length that differs from the payload's
};

inline constexpr MaskKey kTestMask{0x37, 0xfa, 0x21, 0x3d};

inline std::string frame(const FrameSpec& spec) {
  const std::uint64_t length = spec.declared.value_or(spec.payload.size());
  const int bytes = spec.lengthBytes.value_or(length < 126 ? 0 : length < 65536 ? 2 : 8);
  std::string out;
  out += static_cast<char>((spec.fin ? 0x80 : 0) | spec.rsv << 4 | spec.opcode);
  const int maskBit = spec.masked ? 0x80 : 0;
  out += static_cast<char>(maskBit | (bytes == 0 ? static_cast<int>(length) : bytes == 2 ? 126 : 127));
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(length >> (8 * i) & 0xFF);
  if (!spec.masked) return out.append(spec.payload);
  for (const std::uint8_t byte : kTestMask) out += static_cast<char>(byte);
  for (std::size_t i = 0; i < spec.payload.size(); ++i) {
    out += static_cast<char>(static_cast<std::uint8_t>(spec.payload[i]) ^ kTestMask[i % 4]);
  }
  return out;
}

/// As a client sends it: masked.
inline std::string fromClient(int opcode, std::string_view payload, bool fin = true, int rsv = 0) {
  return frame({.opcode = opcode, .payload = payload, .fin = fin, .rsv = rsv, .masked = true});
}
/// As a server sends it.
inline std::string fromServer(int opcode, std::string_view payload, bool fin = true, int rsv = 0) {
  return frame({.opcode = opcode, .payload = payload, .fin = fin, .rsv = rsv});
}

inline std::string closePayload(std::uint16_t code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)}.append(reason);
}

/// A payload in words: short ones as they are, with escapes; long ones by size and a checksum.
inline std::string shown(std::string_view payload) {
  if (payload.size() > 80) {
    return std::to_string(payload.size()) + " octets #" +
           std::to_string(std::hash<std::string_view>{}(payload));
  }
  std::string out = "\"";
  for (const char c : payload) {
    char hex[5];
    std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
    if (c >= ' ' && c < 0x7f)
      out += c;
    else
      out += hex;
  }
  return out += '"';
}

/// A decoded frame of some output.
struct SeenFrame {
  FrameHeader header;
  std::string payload;
};

/// The frames in `bytes`, unmasked; a truncated rest fails the test.
inline std::vector<SeenFrame> framesIn(std::string_view bytes) {
  std::vector<SeenFrame> frames;
  while (!bytes.empty()) {
    SeenFrame seen;
    const HeaderParse parse = parseHeader(bytes, seen.header);
    if (!parse.complete || bytes.size() < parse.size + seen.header.length) {
      ADD_FAILURE() << "the output does not end with a whole frame" << (parse.error ? parse.error : "");
      break;
    }
    seen.payload = bytes.substr(parse.size, static_cast<std::size_t>(seen.header.length));
    if (seen.header.masked) applyMask(seen.payload, seen.header.mask);
    bytes.remove_prefix(parse.size + seen.payload.size());
    frames.push_back(std::move(seen));
  }
  return frames;
}

/// The frames in `bytes` as text: `masked text rsv4 nofin "Hello"`.
inline std::vector<std::string> describeFrames(std::string_view bytes) {
  std::vector<std::string> lines;
  for (const SeenFrame& seen : framesIn(bytes)) {
    std::string line = seen.header.masked ? "masked " : "";
    line += opcodeName(seen.header.opcode);
    if (seen.header.rsv != 0) line += " rsv" + std::to_string(seen.header.rsv);
    if (!seen.header.fin) line += " nofin";
    if (seen.header.opcode == Opcode::close && seen.payload.size() >= 2) {
      line += " " + std::to_string(static_cast<std::uint8_t>(seen.payload[0]) << 8 |
                                   static_cast<std::uint8_t>(seen.payload[1]));
      line += " " + shown(std::string_view(seen.payload).substr(2));
    } else {
      line += " " + shown(seen.payload);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

/// Takes everything an engine wants to send, in small writes when `most` is.
inline std::string drain(Engine& engine, std::size_t most = ~std::size_t{0}) {
  std::string out;
  while (!engine.output().empty()) {
    std::string_view parts[3];
    const std::size_t count = engine.output().gather(parts);
    std::size_t sent = 0;
    for (std::size_t i = 0; i < count && sent < most; ++i) {
      const std::string_view part = parts[i].substr(0, most - sent);
      out += part;
      sent += part.size();
    }
    if (sent == 0) {
      ADD_FAILURE() << "the queue says it is not empty and gives nothing";
      break;
    }
    engine.output().consume(sent);
  }
  return out;
}

// ---- Engines

inline std::shared_ptr<const ServerIdentity> identity() {
  auto identity = std::make_shared<ServerIdentity>();
  identity->protocols = {"chat", "superchat"};
  return identity;
}

inline ClientRequest clientRequest() {
  ClientRequest request;
  request.host = "server.example.com";
  request.resource = "/chat";
  return request;
}

inline const Engine::TimePoint kStart = Engine::TimePoint{} + std::chrono::hours(1);

inline Engine server(ServerOptions options = {}) {
  Engine engine(std::make_shared<const ServerOptions>(std::move(options)), identity());
  engine.setTime(kStart);
  return engine;
}
inline Engine client(ClientOptions options = {}, ClientRequest request = clientRequest()) {
  Engine engine(std::make_shared<const ClientOptions>(std::move(options)), std::move(request));
  engine.setTime(kStart);
  return engine;
}
using Deflate = std::optional<PerMessageDeflateParameters>;
/// Past the opening handshake and its `open` event.
inline Engine openServer(ServerOptions options = {}, Deflate compression = {}) {
  Engine engine = server(std::move(options));
  engine.openUpgraded(compression);
  EXPECT_EQ(engine.next().type, EventType::open);
  return engine;
}
inline Engine openClient(ClientOptions options = {}, Deflate compression = {}) {
  Engine engine = client(std::move(options));
  engine.openUpgraded(compression);
  EXPECT_EQ(engine.next().type, EventType::open);
  return engine;
}

// ---- Scenarios

/// Some input, and what the application does once the engine has worked it off.
struct Step {
  std::string input;
  std::function<void(Engine&)> then{};
};

struct Scenario {
  Role role = Role::server;
  ServerOptions serverOptions{};
  ClientOptions clientOptions{};
  Deflate compression{};
  ReceiveMode mode = ReceiveMode::message;
  bool upgraded = true;  ///< starts behind the opening handshake
  bool echo = false;     ///< messages are sent back
  std::vector<Step> steps{};
  /// Reacts to an event; false: the usual reaction (pong, accept, respond, confirm).
  std::function<bool(Engine&, const Event&)> react{};
};

/// How a scenario's input reaches the engine.
struct Feeding {
  enum class Cut : std::uint8_t { whole, bytes, random };
  Cut cut = Cut::whole;
  bool retain = false;  ///< now and then between two events
  bool window = false;  ///< receives into the window where one is offered
  bool pool = false;
  std::uint32_t seed = 0;
};

struct Outcome {
  std::vector<std::string> log;
  std::string output;
  CloseInfo close;
  std::string notClean;
  TrafficStats stats;
};

class ScenarioRun {
 public:
  ScenarioRun(const Scenario& scenario, const Feeding& feeding)
      : scenario_(scenario),
        feeding_(feeding),
        random_(feeding.seed),
        engine_(scenario.role == Role::server ? server(scenario.serverOptions)
                                              : client(scenario.clientOptions)) {
    if (feeding_.pool) engine_.useBufferPool(pool_);
    engine_.setReceiveMode(scenario.mode);
    if (scenario.upgraded) engine_.openUpgraded(scenario.compression);
  }

  Outcome run() {
    pump();
    for (const Step& step : scenario_.steps) {
      give(step.input);
      if (step.then) step.then(engine_);
      pump();
    }
    flushData(false);
    Outcome outcome;
    outcome.output = std::move(output_) + drain(engine_);
    outcome.stats = engine_.trafficStats();
    engine_.transportLost();
    outcome.close = engine_.closeInfo();
    outcome.notClean = engine_.wasNotCleanReason();
    outcome.log = std::move(log_);
    return outcome;
  }

 private:
  std::size_t nextSize(std::size_t left) {
    switch (feeding_.cut) {
      case Feeding::Cut::whole:
        return left;
      case Feeding::Cut::bytes:
        return 1;
      case Feeding::Cut::random:
        break;
    }
    constexpr std::size_t kMost[] = {2, 8, 100, 5000, 100000};
    return std::min(left, 1 + random_() % kMost[random_() % 5]);
  }

  void give(std::string_view rest) {
    while (!rest.empty()) {
      const std::size_t size = nextSize(rest.size());
      const std::span<char> window = feeding_.window ? engine_.receiveWindow() : std::span<char>{};
      if (!window.empty()) {
        const std::size_t taken = std::min(size, window.size());
        std::memcpy(window.data(), rest.data(), taken);
        engine_.received(taken);
        rest.remove_prefix(taken);
        pump();
        continue;
      }
      chunk_ = std::make_unique<char[]>(size);
      chunkSize_ = size;
      std::memcpy(chunk_.get(), rest.data(), size);
      rest.remove_prefix(size);
      engine_.feed({chunk_.get(), size});
      pump();
      forgetChunk();
    }
  }

  /// What was fed may go away now; a sanitizer or the log tells when something still looks at it.
  void forgetChunk() {
    if (chunk_) std::memset(chunk_.get(), 'x', chunkSize_);
    chunk_.reset();
  }

  void pump() {
    for (Event event = engine_.next(); event.type != EventType::none; event = engine_.next()) {
      note(event);
      if (!(scenario_.react && scenario_.react(engine_, event))) react(event);
      if (feeding_.cut == Feeding::Cut::random) output_ += drain(engine_, 1 + random_() % 1000);
      if (feeding_.retain && random_() % 3 == 0) {
        engine_.retain();
        forgetChunk();
      }
    }
    engine_.output().settle();
  }

  void react(const Event& event) {
    switch (event.type) {
      case EventType::ping:
        engine_.sendPong(event.payload);
        break;
      case EventType::connect:
        engine_.accept({});
        break;
      case EventType::connected:
        engine_.confirm();
        break;
      case EventType::httpRequest: {
        http::Response response;
        response.body = engine_.httpRequest().method + " " + engine_.httpRequest().target;
        engine_.respond(std::move(response));
        break;
      }
      case EventType::message:
        if (scenario_.echo) engine_.sendMessage(event.payload, event.isBinary);
        break;
      default:
        break;
    }
  }

  void note(const Event& event) {
    const std::string kind = event.isBinary ? "binary " : "text ";
    if (event.type == EventType::frameData) {
      data_ += event.payload;
      return;
    }
    flushData(event.type == EventType::drop);
    switch (event.type) {
      case EventType::none:
        return;
      case EventType::frameData:
        return;
      case EventType::httpRequest:
        return log("http " + engine_.httpRequest().method + " " + engine_.httpRequest().target);
      case EventType::connect:
        return log("connect " + engine_.request().path);
      case EventType::connected:
        return log("connected");
      case EventType::open:
        return log("open");
      case EventType::message:
        return log(kind + shown(event.payload));
      case EventType::messageBegin:
        return log("begin " + kind);
      case EventType::frameBegin:
        return log("frameBegin " + std::to_string(event.length));
      case EventType::frameEnd:
        return log("frameEnd");
      case EventType::frame:
        return log("frame " + shown(event.payload));
      case EventType::messageEnd:
        return log("end");
      case EventType::ping:
        return log("ping " + shown(event.payload));
      case EventType::pong:
        return log("pong " + shown(event.payload));
      case EventType::drop:
        return log(event.abort ? "drop abort" : "drop");
    }
  }
  void log(std::string line) { log_.push_back(std::move(line)); }

  /// The pieces of a frame as one line. What came before a failure depends on the cuts: not told.
  void flushData(bool failed) {
    if (!data_.empty() && !failed) log("data " + shown(data_));
    data_.clear();
  }

  const Scenario& scenario_;
  Feeding feeding_;
  std::mt19937 random_;
  util::BufferPool pool_;
  Engine engine_;
  std::unique_ptr<char[]> chunk_;
  std::size_t chunkSize_ = 0;
  std::vector<std::string> log_;
  std::string data_;
  std::string output_;
};

/// Output made comparable: a client's mask keys are random.
inline std::vector<std::string> comparable(const Scenario& scenario, const std::string& output) {
  if (scenario.role == Role::client && scenario.upgraded) return describeFrames(output);
  return {output};
}

/// Runs a scenario fed whole, byte by byte and in random ways; all must agree. Returns the outcome.
inline Outcome run(const Scenario& scenario, std::uint32_t randomRuns = 24) {
  const Outcome whole = ScenarioRun(scenario, {}).run();
  const auto agree = [&](const Feeding& feeding, const std::string& how) {
    const Outcome other = ScenarioRun(scenario, feeding).run();
    EXPECT_EQ(whole.log, other.log) << how;
    EXPECT_EQ(comparable(scenario, whole.output), comparable(scenario, other.output)) << how;
    EXPECT_EQ(whole.close.wasClean, other.close.wasClean) << how;
    EXPECT_EQ(whole.close.code, other.close.code) << how;
    EXPECT_EQ(whole.close.reason, other.close.reason) << how;
    return !::testing::Test::HasFailure();
  };
  std::size_t size = 0;
  for (const Step& step : scenario.steps) size += step.input.size();
  if (size < 300'000 && !agree({.cut = Feeding::Cut::bytes}, "byte by byte")) return whole;
  for (std::uint32_t seed = 1; seed <= randomRuns; ++seed) {
    const Feeding feeding{.cut = seed % 4 == 3 ? Feeding::Cut::whole : Feeding::Cut::random,
                          .retain = seed % 2 == 1,
                          .window = seed % 3 != 0,
                          .pool = seed % 5 < 2,
                          .seed = seed};
    if (!agree(feeding, "random run " + std::to_string(seed))) return whole;
  }
  return whole;
}

using Lines = std::vector<std::string>;

/// The log of a scenario behind the handshake, without the leading "open".
inline Lines eventsOf(const Outcome& outcome) {
  Lines lines = outcome.log;
  if (!lines.empty() && lines.front() == "open") lines.erase(lines.begin());
  return lines;
}

}  // namespace autobahn::inline v0::websocket::testing
