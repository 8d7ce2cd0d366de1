// Every order of what can happen around the closing handshake (RFC 6455 section 7), held against a small
// model: what is sent, what is told, how it ended. AUTOBAHN_CLOSE_EVENTS: how many things happen in a row.
#include <array>
#include <cstdlib>

#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::chrono_literals;

enum class Happens : std::uint8_t {
  sendClose,
  sendMessage,
  peerCloses,
  peerClosesWithoutCode,
  peerSends,
  peerPings,
  peerBreaksARule,
  timePasses,
  weDrop,
  weAbort,
  transportEnds,
  transportBreaks,
};
constexpr std::array kNames = {"sendClose", "sendMessage", "Close 1001",    "Close",
                               "message",   "ping",        "broken frame",  "time-out",
                               "drop",      "abort",       "end of stream", "reset"};
constexpr std::size_t kKinds = kNames.size();

struct Config {
  Role role = Role::server;
  bool failByDrop = true;
};

/// What one step gives: a line for each frame sent and each event, and the return value of an action.
struct Given {
  std::string text;
  bool ok = false;

  bool operator==(const Given&) const = default;
};

/// The closing handshake as section 7 has it, in flags.
class Model {
 public:
  explicit Model(const Config& config) : config_(config) {}

  Given step(Happens what) {
    Given given;
    if (isLost) return given;
    const bool isOpen = !weClosed && !isDropped;
    const bool listens = !peerClosed_ && !isDropped;
    switch (what) {
      case Happens::sendClose:
        if (!isOpen) return given;
        given.ok = weClosed = true;
        given.text = "[close 3000 \"bye\"]";
        break;
      case Happens::sendMessage:
        given.ok = isOpen;
        if (isOpen) given.text = "[text \"data\"]";
        break;
      case Happens::peerCloses:
      case Happens::peerClosesWithoutCode:
        if (listens) peerCloses(what == Happens::peerCloses ? 1001 : 1005, isOpen, given);
        break;
      case Happens::peerSends:
        if (listens) given.text = "message ";
        break;
      case Happens::peerPings:
        if (!listens) break;
        given.text = "ping ";
        if (isOpen) given.text += "[pong \"p\"]";
        break;
      case Happens::peerBreaksARule:
        if (!listens) break;
        if (config_.failByDrop || !isOpen) {
          end(given, "drop abort ");
        } else {
          weClosed = isDropped = true;
          given.text = "drop [close 1002 \"frame with a reserved opcode\"]";
        }
        break;
      case Happens::timePasses:
        if (isDropped) {
          lose(given, "drop abort ");
        } else if (weClosed) {
          end(given, "drop abort ");  // no answer; for a client also: the server does not end TCP
        }
        break;
      case Happens::weDrop:
        if (isDropped) break;
        isDropped = true;
        given.text = "drop ";
        break;
      case Happens::weAbort:
        lose(given, "drop abort ");
        break;
      case Happens::transportEnds:
      case Happens::transportBreaks:
        lose(given, "");
        break;
    }
    return given;
  }

  bool isClean() const { return isClean_; }
  std::uint16_t code() const { return isClean_ ? code_ : 1006; }
  std::string_view reason() const { return code_ == 1001 ? "go" : ""; }
  bool isTimed() const { return !isLost && (weClosed || isDropped); }

  bool weClosed = false;
  bool isDropped = false;  ///< what is queued leaves, nothing else does
  bool isLost = false;

 private:
  void peerCloses(std::uint16_t code, bool isOpen, Given& given) {
    peerClosed_ = isClean_ = true;
    code_ = code;
    // The server ends TCP first (section 7.1.1).
    if (config_.role == Role::server) given.text = "drop ";
    isDropped = config_.role == Role::server;
    if (isOpen) given.text += "[close 1000 \"\"]";
    weClosed = true;
  }
  void end(Given& given, const char* how) {
    isClean_ = false;
    lose(given, how);
  }
  void lose(Given& given, const char* how) {
    given.text = how;
    isLost = true;
  }

  Config config_;
  bool peerClosed_ = false;
  bool isClean_ = false;
  std::uint16_t code_ = 0;
};

/// The engine, driven as a connection drives it.
class Driven {
 public:
  explicit Driven(const Config& config) : role_(config.role), engine_(opened(config)) {}

  Given step(Happens what) {
    Given given;
    act(what, given);
    for (Event event = engine_.next(); event.type != EventType::none; event = engine_.next()) {
      tell(event, given);
    }
    std::string sent;
    for (const std::string& line : describeFrames(drain(engine_))) {
      sent += "[" + (role_ == Role::client ? line.substr(7) : line) + "]";
    }
    given.text += sent;
    return given;
  }
  Engine& engine() { return engine_; }

 private:
  static Engine opened(const Config& config) {
    if (config.role == Role::client) {
      ClientOptions options;
      options.failByDrop = config.failByDrop;
      return openClient(options);
    }
    ServerOptions options;
    options.failByDrop = config.failByDrop;
    return openServer(options);
  }
  void feed(int opcode, std::string_view payload) {
    input_ = frame({.opcode = opcode, .payload = payload, .masked = role_ == Role::server});
    engine_.feed(input_);
  }
  void act(Happens what, Given& given) {
    switch (what) {
      case Happens::sendClose:
        given.ok = engine_.sendClose(3000, "bye");
        return;
      case Happens::sendMessage:
        given.ok = engine_.sendMessage("data");
        return;
      case Happens::peerCloses:
        return feed(8, closePayload(1001, "go"));
      case Happens::peerClosesWithoutCode:
        return feed(8, "");
      case Happens::peerSends:
        return feed(1, "data");
      case Happens::peerPings:
        return feed(9, "p");
      case Happens::peerBreaksARule:
        return feed(3, "");
      case Happens::timePasses:
        now_ += 1h;
        engine_.setTime(now_);
        return engine_.handleTimeout();
      case Happens::weDrop:
        return engine_.dropConnection(false);
      case Happens::weAbort:
        return engine_.dropConnection(true);
      case Happens::transportEnds:
        return engine_.transportLost();
      case Happens::transportBreaks:
        return engine_.transportLost("connection reset");
    }
  }
  void tell(const Event& event, Given& given) {
    switch (event.type) {
      case EventType::message:
        given.text += "message ";
        return;
      case EventType::ping:
        given.text += "ping ";
        engine_.sendPong(event.payload);
        return;
      case EventType::drop:
        given.text += event.abort ? "drop abort " : "drop ";
        if (event.abort) engine_.transportLost();
        return;
      default:
        given.text += "something else ";
    }
  }

  Role role_;
  Engine engine_;
  Engine::TimePoint now_ = kStart;
  std::string input_;
};

class AllOrders {
 public:
  explicit AllOrders(const Config& config) : config_(config) {}

  /// All that goes on from `order` with up to `more` further steps.
  void from(std::vector<Happens>& order, std::size_t more) {
    for (std::size_t kind = 0; kind < kKinds && !::testing::Test::HasFailure(); ++kind) {
      order.push_back(static_cast<Happens>(kind));
      // Beyond the end there is one more of everything, which changes nothing.
      const bool isOver = play(order);
      if (more > 1) from(order, isOver ? 1 : more - 1);
      order.pop_back();
    }
  }
  std::size_t played() const { return played_; }

 private:
  /// Only the last step is new; those before it were compared by shorter orders. True when the transport is
  /// gone.
  bool play(const std::vector<Happens>& order) {
    ++played_;
    Driven driven(config_);
    Model model(config_);
    Given expected;
    Given given;
    for (const Happens each : order) {
      expected = model.step(each);
      given = driven.step(each);
    }
    Engine& engine = driven.engine();
    const CloseInfo info = engine.closeInfo();
    bool same = given == expected && (engine.nextDeadline() != Engine::TimePoint::max()) == model.isTimed() &&
                (engine.state() == State::open) == (!model.weClosed && !model.isDropped && !model.isLost) &&
                (engine.state() == State::closed) == model.isLost;
    if (model.isLost) {
      same = same && info.wasClean == model.isClean() && info.code == model.code() &&
             (!model.isClean() || info.reason == model.reason());
    }
    EXPECT_TRUE(same) << text(order) << "\n  expected: " << expected.text
                      << (expected.ok ? " true" : " false") << (model.isLost ? " lost" : "") << " "
                      << model.code() << "\n  but was:  " << given.text << (given.ok ? " true " : " false ")
                      << info.code << " " << info.reason;
    return model.isLost;
  }
  std::string text(const std::vector<Happens>& order) const {
    std::string text = config_.role == Role::server ? "server" : "client";
    text += config_.failByDrop ? ", failing by drop:" : ":";
    for (const Happens each : order) text += std::string(" ") + kNames[static_cast<std::size_t>(each)] + ",";
    return text;
  }

  Config config_;
  std::size_t played_ = 0;
};

TEST(CloseStates, EveryOrderOfWhatCanHappen) {
  const char* const wanted = std::getenv("AUTOBAHN_CLOSE_EVENTS");
  const std::size_t length = wanted != nullptr ? static_cast<std::size_t>(std::atoi(wanted)) : 5;
  for (const Role role : {Role::server, Role::client}) {
    for (const bool failByDrop : {true, false}) {
      AllOrders orders({role, failByDrop});
      std::vector<Happens> none;
      orders.from(none, length);
      EXPECT_GT(orders.played(), 1000U);
      RecordProperty(
          std::string(role == Role::server ? "server" : "client") + (failByDrop ? "_drop" : "_close"),
          static_cast<int>(orders.played()));
    }
  }
}

}  // namespace
}  // namespace autobahn::websocket::testing
