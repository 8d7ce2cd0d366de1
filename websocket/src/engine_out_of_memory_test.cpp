// What an engine does when memory runs out, at every allocation in turn. The contract: std::bad_alloc comes
// out of the call that could not be finished, and that is the end of the connection, since half a frame may
// have been written, or read. What was queued is dropped, nothing more is sent, `drop` with `abort` is the
// next event. What ends a connection (fail, dropConnection, transportLost) works without memory, though it
// may lack the words for why. Nothing leaks.
#include <autobahn/websocket/compression.hpp>

#include "handshake.hpp"
#include "testing/engine_harness.hpp"
#include "util/src/testing/failing_new.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using util::testing::failEachAllocation;
using util::testing::PlentyOfMemory;
using util::testing::Shortage;
using util::testing::ShortMemory;

/// A connection's life, of which each allocation fails once.
struct Course {
  const char* what;
  Scenario scenario;
  bool pool = false;
  bool cut = false;  ///< the input comes in pieces of three octets
};

constexpr PerMessageDeflateParameters kNoTakeover{.serverNoContextTakeover = true,
                                                  .clientNoContextTakeover = true};

class Attempt {
 public:
  explicit Attempt(const Course& course)
      : course_(course),
        scenario_(course.scenario),
        serverOptions_(std::make_shared<const ServerOptions>(scenario_.serverOptions)),
        clientOptions_(std::make_shared<const ClientOptions>(scenario_.clientOptions)),
        identity_(identity()),
        request_(clientRequest()) {}

  bool run(std::size_t at, Shortage shortage) {
    bool failed = false;
    bool droppedAtOnce = false;
    bool thrown = false;
    {
      const ShortMemory memory(at, shortage);
      try {
        live();
      } catch (const std::bad_alloc&) {
        thrown = true;
      }
      failed = memory.hasFailed();
      if (thrown && engine_) {
        const Event event = engine_->next();
        droppedAtOnce = event.type == EventType::drop && event.abort;
        engine_->transportLost("gone");
      }
    }
    if (failed && engine_) check(thrown, droppedAtOnce);
    if (!failed) {
      EXPECT_EQ(engine_->state(), State::closed) << course_.what;
    }
    return failed;
  }

 private:
  void live() {
    if (scenario_.role == Role::server) {
      engine_.emplace(serverOptions_, identity_);
    } else {
      engine_.emplace(clientOptions_, std::move(request_));
    }
    Engine& engine = *engine_;
    if (course_.pool) engine.useBufferPool(pool_);
    engine.setReceiveMode(scenario_.mode);
    engine.setTime(kStart);
    if (scenario_.upgraded) {
      engine.openUpgraded(scenario_.compression);
    } else if (scenario_.role == Role::client) {
      engine.start();
      answerHandshake();
    }
    pump();
    for (Step& step : scenario_.steps) {
      give(step.input);
      if (step.then) step.then(engine);
      pump();
      engine.rest();
    }
    engine.transportLost();
  }

  void answerHandshake() {
    take();
    const PlentyOfMemory memory;
    const std::string name = "Sec-WebSocket-Key: ";
    const std::size_t at = sent_.find(name) + name.size();
    scenario_.steps.front().input.insert(
        0,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
            acceptKey(sent_.substr(at, sent_.find("\r\n", at) - at)) +
            "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
  }

  /// Everything given lies in the test's memory, which goes away after each piece.
  void give(std::string& input) {
    const std::size_t most = course_.cut ? 3 : input.size();
    for (std::span<char> rest(input); !rest.empty();) {
      const std::span<char> piece = rest.first(std::min(most, rest.size()));
      rest = rest.subspan(piece.size());
      const std::span<char> window = engine_->receiveWindow();
      if (window.size() >= piece.size()) {
        std::memcpy(window.data(), piece.data(), piece.size());
        engine_->received(piece.size());
      } else {
        engine_->feed(piece);
      }
      pump();
      std::memset(piece.data(), 'x', piece.size());
    }
  }

  void pump() {
    Engine& engine = *engine_;
    for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) {
      if (scenario_.react && scenario_.react(engine, event)) continue;
      if (event.type == EventType::ping) engine.sendPong(event.payload);
      if (event.type == EventType::connect) engine.accept({});
      if (event.type == EventType::connected) engine.confirm();
      if (event.type == EventType::httpRequest) engine.respond({});
      if (event.type == EventType::message && scenario_.echo) {
        engine.sendMessageBorrowed(event.payload, event.isBinary);
      }
      engine.retain();
    }
    take();
  }
  void take() {
    SendQueue& output = engine_->output();
    try {
      output.settle();
    } catch (const std::bad_alloc&) {  // as the driver has it
      engine_->dropConnection(true);
      throw;
    }
    const PlentyOfMemory memory;
    sent_ += drain(*engine_);
  }

  void check(bool thrown, bool droppedAtOnce) {
    Engine& engine = *engine_;
    EXPECT_TRUE(thrown || engine.state() == State::closed) << "nobody has heard of it";
    if (thrown) {
      EXPECT_TRUE(droppedAtOnce);
    }
    EXPECT_TRUE(engine.output().empty());
    EXPECT_FALSE(engine.sendMessage(std::string_view("no more")));
    EXPECT_FALSE(engine.sendPing());
    EXPECT_FALSE(engine.sendClose());
    std::string late = fromClient(1, "late");
    engine.feed(late);
    EXPECT_EQ(engine.next().type, EventType::none);
    EXPECT_TRUE(engine.output().empty());
    engine.transportLost();
    EXPECT_EQ(engine.state(), State::closed);
    EXPECT_TRUE(engine.closeInfo().wasClean || engine.closeInfo().code == 1006);
  }

  const Course& course_;
  Scenario scenario_;
  std::shared_ptr<const ServerOptions> serverOptions_;
  std::shared_ptr<const ClientOptions> clientOptions_;
  std::shared_ptr<const ServerIdentity> identity_;
  ClientRequest request_;
  util::BufferPool pool_;
  std::optional<Engine> engine_;
  std::string sent_;
};

void failEach(const Course& course) {
  failEachAllocation(course.what,
                     [&](std::size_t at, Shortage shortage) { return Attempt(course).run(at, shortage); });
}

std::string fromPeer(Role role, int opcode, std::string_view payload, bool fin = true, int rsv = 0) {
  return frame(
      {.opcode = opcode, .payload = payload, .fin = fin, .rsv = rsv, .masked = role == Role::server});
}

TEST(EngineOutOfMemory, OpeningHandshake) {
  const std::string request =
      "GET /chat?a=1&a=2&b=3 HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
      "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Version: 13\r\nOrigin: https://a.rather.long.name.example.com\r\n"
      "Sec-WebSocket-Protocol: superchat, chat\r\nX-Of-The-Application: a value that is longer than that\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";
  const std::string plain = "GET /some/page/that/is/there HTTP/1.1\r\nHost: server.example.com\r\n\r\n";
  for (const bool cut : {false, true}) {
    Course course{.what = "the opening handshake", .scenario = {.upgraded = false}, .cut = cut};
    course.scenario.serverOptions.perMessageCompressionAccept = acceptPerMessageDeflate();
    course.scenario.serverOptions.trackTimings = true;
    course.scenario.steps = {{plain + request + fromClient(1, "first")}, {fromClient(8, "\x03\xe8")}};
    failEach(course);
    course.what = "a refused opening handshake";
    course.scenario.steps = {{"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"}};
    failEach(course);
    Course client{.what = "the client's opening handshake",
                  .scenario = {.role = Role::client, .upgraded = false},
                  .cut = cut};
    client.scenario.clientOptions.perMessageCompressionOffers = {PerMessageDeflateOffer{}};
    client.scenario.steps = {{fromServer(1, "first")}, {fromServer(8, closePayload(1000))}};
    failEach(client);
  }
}

TEST(EngineOutOfMemory, Messages) {
  const std::string large(40'000, 'm');
  for (const Role role : {Role::server, Role::client}) {
    for (const bool pool : {false, true}) {
      for (const bool cut : {false, true}) {
        Course course{.what = "messages", .scenario = {.role = role, .echo = true}, .pool = pool, .cut = cut};
        course.scenario.steps = {
            {fromPeer(role, 1, "in ", false) + fromPeer(role, 9, "ping") + fromPeer(role, 0, "fragments")},
            {fromPeer(role, 1, std::string(1000, 'l'), false) + fromPeer(role, 0, std::string(1000, 'o'))},
            {fromPeer(role, 2, "whole") + fromPeer(role, 10, "pong")},
            {fromPeer(role, 2, cut ? std::string(5000, 'm') : large)},
            {fromPeer(role, 8, closePayload(1000, "a reason that is too long for a string by itself"))}};
        failEach(course);
      }
    }
  }
}

TEST(EngineOutOfMemory, MessagesInPieces) {
  for (const ReceiveMode mode : {ReceiveMode::frame, ReceiveMode::stream}) {
    Course course{.what = "messages in pieces", .scenario = {.compression = kNoTakeover, .mode = mode}};
    PerMessageDeflate peer(Role::client, kNoTakeover);
    util::ByteBuffer compressed;
    peer.compress(std::string(3000, 'a') + "b", true, compressed);
    course.scenario.steps = {
        {fromClient(1, "one", false) + fromClient(0, std::string(2000, 't'), false) + fromClient(0, "o")},
        {fromClient(1, compressed.view(), true, 4)},
        {fromClient(8, "")}};
    failEach(course);
    course.cut = true;
    failEach(course);
  }
}

TEST(EngineOutOfMemory, CompressedMessages) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += std::to_string(i * i) + " ";
  for (const Role role : {Role::server, Role::client}) {
    for (const PerMessageDeflateParameters& parameters : {PerMessageDeflateParameters{}, kNoTakeover}) {
      PerMessageDeflate peer(role == Role::server ? Role::client : Role::server, parameters);
      std::vector<std::string> messages;
      for (const std::string& each : {text, "short"s, text + text}) {
        util::ByteBuffer out;
        peer.compress(each, true, out);
        messages.emplace_back(out.view());
      }
      Course course{.what = "compressed messages",
                    .scenario = {.role = role, .compression = parameters, .echo = true}};
      course.scenario.steps = {
          {fromPeer(role, 1, messages[0], true, 4)},
          {fromPeer(role, 1, messages[1].substr(0, 3), false, 4) + fromPeer(role, 0, messages[1].substr(3))},
          {fromPeer(role, 1, messages[2], true, 4)},
          {fromPeer(role, 8, "")}};
      for (const bool pool : {false, true}) {
        course.pool = pool;
        failEach(course);
      }
    }
  }
}

TEST(EngineOutOfMemory, Sending) {
  const PreparedMessage prepared(std::string(600, 'p'), false);
  for (const Role role : {Role::server, Role::client}) {
    for (const bool compresses : {false, true}) {
      for (const bool pool : {false, true}) {
        Course course{.what = "sending", .scenario = {.role = role}, .pool = pool};
        if (compresses) course.scenario.compression = PerMessageDeflateParameters{};
        const std::string owned(10'000, 'o');
        const std::string borrowed(100'000, 'b');
        course.scenario.steps = {
            {"", [](Engine& engine) { engine.sendMessage(std::string_view("a short one")); }},
            {"", [&](Engine& engine) { engine.sendMessage(std::string_view(borrowed), true); }},
            {"", [&](Engine& engine) { engine.sendMessageBorrowed(borrowed, true); }},
            {"",
             [&](Engine& engine) {
               std::string own;
               {
                 const PlentyOfMemory memory;
                 own = owned;
               }
               engine.sendMessage(std::move(own), true);
             }},
            {"",
             [&](Engine& engine) {
               engine.sendMessage(std::string_view(borrowed), true, {.fragmentSize = 9000});
             }},
            {"", [&](Engine& engine) { engine.sendPreparedMessage(prepared); }},
            {"",
             [&](Engine& engine) {
               engine.beginMessage(true);
               engine.beginMessageFrame(200);
               engine.sendMessageFrameData(std::string_view(borrowed).substr(0, 100));
               engine.sendPing("held until the frame is over");
               engine.sendMessageFrameData(std::string_view(borrowed).substr(0, 100));
               engine.sendMessageFrame(std::string_view(borrowed).substr(0, 5000));
               engine.endMessage();
             }},
            {"", [](Engine& engine) { engine.sendPing("ping"); }},
            {"", [](Engine& engine) { engine.sendClose(1000, "with a reason that is not short at all"); }},
            {fromPeer(role, 8, closePayload(1000))}};
        failEach(course);
      }
    }
  }
}

TEST(EngineOutOfMemory, EndsAndTime) {
  for (const Role role : {Role::server, Role::client}) {
    for (const bool byDrop : {false, true}) {
      const auto later = [](std::chrono::milliseconds time) {
        return [time](Engine& engine) {
          engine.setTime(kStart + time);
          engine.handleTimeout();
        };
      };
      Course course{.what = "an end", .scenario = {.role = role}};
      const auto set = [&](ProtocolOptions& options) {
        options.failByDrop = byDrop;
        options.autoPingInterval = 10s;
        options.autoPingTimeout = 5s;
        options.autoPingSize = 100;
        options.trackTimings = true;
      };
      set(course.scenario.serverOptions);
      set(course.scenario.clientOptions);
      const std::vector<std::vector<Step>> lives = {
          {{fromPeer(role, 3, "no such opcode")}},
          {{fromPeer(role, 8, "\x01")}},
          {{"", later(10s)}, {"", later(15s)}},
          {{"", [](Engine& engine) { engine.fail(1011, "a reason of the application's for failing it"); }}},
          {{"", [](Engine& engine) { engine.dropConnection(false, "a reason of the application's"); }}},
          {{"", [](Engine& engine) { engine.dropConnection(true, "a reason of the application's"); }}},
          {{"", [](Engine& engine) { engine.transportLost("the transport's end in many words"); }}},
      };
      for (const std::vector<Step>& steps : lives) {
        course.scenario.steps = steps;
        failEach(course);
      }
    }
  }
}

}  // namespace
}  // namespace autobahn::websocket::testing
