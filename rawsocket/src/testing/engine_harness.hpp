// For tests of the engine: frames built octet by octet, and scenarios that must come out the same however
// their input is cut, kept or received.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <autobahn/rawsocket/engine.hpp>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::rawsocket::testing {

using Lines = std::vector<std::string>;

inline const Engine::TimePoint kStart = Engine::TimePoint{} + std::chrono::hours(1);

// ---- Bytes

/// A handshake or any other four octets.
inline std::string four(int a, int b, int c = 0, int d = 0) {
  return {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c), static_cast<char>(d)};
}
/// A header with these octets as they are; `first` holds the type.
inline std::string head(int first, std::size_t length) {
  return four(first, static_cast<int>(length >> 16 & 0xFF), static_cast<int>(length >> 8 & 0xFF),
              static_cast<int>(length & 0xFF));
}
inline std::string message(std::string_view payload) { return head(0, payload.size()).append(payload); }
inline std::string ping(std::string_view payload) { return head(1, payload.size()).append(payload); }
inline std::string pong(std::string_view payload) { return head(2, payload.size()).append(payload); }

/// A payload in words: short ones as they are, long ones by size and a checksum.
inline std::string shown(std::string_view payload) {
  if (payload.size() <= 40) return '"' + std::string(payload) + '"';
  return std::to_string(payload.size()) + " octets #" +
         std::to_string(std::hash<std::string_view>{}(payload));
}

/// Takes everything an engine wants to send, in small writes when `most` is.
inline std::string drain(Engine& engine, std::size_t most = ~std::size_t{0}) {
  std::string out;
  std::string_view parts[3];
  while (!engine.output().empty()) {
    std::size_t sent = 0;
    for (std::size_t i = 0, count = engine.output().gather(parts); i < count && sent < most; ++i) {
      const std::string_view part = parts[i].substr(0, most - sent);
      out += part;
      sent += part.size();
    }
    engine.output().consume(sent);
  }
  return out;
}

// ---- Engines

inline Engine server(ServerOptions options = {}) {
  Engine engine(std::make_shared<const ServerOptions>(std::move(options)));
  engine.setTime(kStart);
  return engine;
}
inline Engine client(ClientOptions options = {}) {
  Engine engine(std::make_shared<const ClientOptions>(options));
  engine.setTime(kStart);
  return engine;
}
/// Past the handshake and its events; the peer receives up to 2^(9 + `peersLength`) octets.
inline Engine openServer(ServerOptions options = {}, int peersLength = 15) {
  Engine engine = server(std::move(options));
  const std::string theirs = four(0x7F, peersLength << 4 | 1);
  engine.feed(theirs);
  EXPECT_EQ(engine.next().type, EventType::handshake);
  engine.accept();
  EXPECT_EQ(engine.next().type, EventType::open);
  drain(engine);
  return engine;
}
inline Engine openClient(ClientOptions options = {}, int peersLength = 15) {
  Engine engine = client(options);
  engine.start();
  const std::string theirs = four(0x7F, peersLength << 4 | static_cast<int>(options.serializer));
  engine.feed(theirs);
  EXPECT_EQ(engine.next().type, EventType::open);
  drain(engine);
  return engine;
}

// ---- Scenarios

/// A connection's input from its beginning, and what the application does.
struct Scenario {
  Role role = Role::server;
  ServerOptions serverOptions{};
  ClientOptions clientOptions{};
  std::string input{};  ///< the handshake included
  bool ends = true;     ///< the peer ends its side afterwards
  bool echo = false;    ///< messages are sent back
  /// Reacts to an event; false: the usual reaction (a server accepts).
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
  Lines log;
  std::string output;
  CloseInfo close;
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
    if (scenario.role == Role::client) engine_.start();
  }

  Outcome run() {
    give(scenario_.input);
    if (scenario_.ends) {
      engine_.inputEnded();
      pump();
    }
    Outcome outcome;
    outcome.output = std::move(output_) + drain(engine_);
    engine_.transportLost();
    outcome.close = engine_.closeInfo();
    outcome.log = std::move(log_);
    return outcome;
  }

 private:
  std::size_t nextSize(std::size_t left) {
    if (feeding_.cut == Feeding::Cut::whole) return left;
    if (feeding_.cut == Feeding::Cut::bytes) return 1;
    constexpr std::size_t kMost[] = {2, 8, 100, 5000, 100000};
    return std::min(left, 1 + random_() % kMost[random_() % 5]);
  }

  void give(std::string_view rest) {
    while (!rest.empty()) {
      const std::size_t size = nextSize(rest.size());
      const std::span<char> window = feeding_.window ? engine_.receiveWindow() : std::span<char>{};
      const std::size_t taken = window.empty() ? size : std::min(size, window.size());
      if (window.empty()) {
        chunk_ = std::make_unique<char[]>(size);
        chunkSize_ = size;
        std::memcpy(chunk_.get(), rest.data(), size);
        engine_.feed({chunk_.get(), size});
      } else {
        std::memcpy(window.data(), rest.data(), taken);
        engine_.received(taken);
      }
      rest.remove_prefix(taken);
      pump();
      forgetChunk();
    }
  }

  /// What was fed may go away now; a sanitizer or the log tells when something still looks at it.
  void forgetChunk() {
    engine_.output().settle();
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
    engine_.rest();
  }

  void react(const Event& event) {
    if (event.type == EventType::handshake) engine_.accept();
    if (event.type == EventType::message && scenario_.echo) engine_.sendMessageBorrowed(event.payload);
  }

  void note(const Event& event) {
    switch (event.type) {
      case EventType::none:
        return;
      case EventType::handshake:
        return log_.push_back("handshake " + std::string(serializerName(engine_.serializer())) + " " +
                              std::to_string(engine_.maxSendSize()));
      case EventType::open:
        return log_.push_back("open " + std::to_string(engine_.maxSendSize()));
      case EventType::message:
        return log_.push_back("message " + shown(event.payload));
      case EventType::ping:
        return log_.push_back("ping " + shown(event.payload));
      case EventType::pong:
        return log_.push_back("pong " + shown(event.payload));
      case EventType::drop:
        return log_.push_back(event.abort ? "drop abort" : "drop");
    }
  }

  const Scenario& scenario_;
  Feeding feeding_;
  std::mt19937 random_;
  util::BufferPool pool_;
  Engine engine_;
  std::unique_ptr<char[]> chunk_;
  std::size_t chunkSize_ = 0;
  Lines log_;
  std::string output_;
};

/// Runs a scenario fed whole, byte by byte and in random ways; all must agree. Returns the outcome.
inline Outcome run(const Scenario& scenario, std::uint32_t randomRuns = 24) {
  const Outcome whole = ScenarioRun(scenario, {}).run();
  const auto agree = [&](const Feeding& feeding, const std::string& how) {
    const Outcome other = ScenarioRun(scenario, feeding).run();
    EXPECT_EQ(whole.log, other.log) << how;
    EXPECT_TRUE(whole.output == other.output) << how;
    EXPECT_EQ(whole.close.wasClean, other.close.wasClean) << how;
    EXPECT_EQ(whole.close.reason, other.close.reason) << how;
    return !::testing::Test::HasFailure();
  };
  if (scenario.input.size() < 300'000 && !agree({.cut = Feeding::Cut::bytes}, "byte by byte")) return whole;
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

}  // namespace autobahn::inline v0::rawsocket::testing
