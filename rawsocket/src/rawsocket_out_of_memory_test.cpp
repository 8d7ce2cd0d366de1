// What an engine does when memory runs out, at every allocation in turn. The contract is that of WebSocket's
// engine (engine_out_of_memory_test): std::bad_alloc comes out of the call that could not be finished, the
// connection is over, `drop` with `abort` is the next event, nothing more is sent. What ends a connection
// works without memory.
#include "testing/engine_harness.hpp"
#include "util/src/testing/failing_new.hpp"

namespace autobahn::rawsocket::testing {
namespace {

using namespace std::chrono_literals;
using util::testing::failEachAllocation;
using util::testing::PlentyOfMemory;
using util::testing::Shortage;
using util::testing::ShortMemory;

/// Some input, and what the application does when it has worked it off.
struct Step {
  std::string input;
  std::function<void(Engine&)> then{};
};

/// A connection's life, of which each allocation fails once.
struct Course {
  const char* what;
  Role role;
  std::vector<Step> steps;
  bool pool = false;
  bool cut = false;  ///< the input comes in pieces of three octets
};

class Attempt {
 public:
  explicit Attempt(const Course& course) : course_(course), steps_(course.steps) {
    ServerOptions server;
    ClientOptions client;
    server.autoPingInterval = client.autoPingInterval = 10s;
    server.autoPingTimeout = client.autoPingTimeout = 5s;
    server.autoPingSize = client.autoPingSize = 100;
    serverOptions_ = std::make_shared<const ServerOptions>(server);
    clientOptions_ = std::make_shared<const ClientOptions>(client);
  }

  bool run(std::size_t at, Shortage shortage) {
    bool thrown = false;
    bool droppedAtOnce = false;
    bool failed = false;
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
    if (engine_) check(thrown, droppedAtOnce);
    return failed;
  }

 private:
  void live() {
    if (course_.role == Role::server) {
      engine_.emplace(serverOptions_);
    } else {
      engine_.emplace(clientOptions_);
    }
    if (course_.pool) engine_->useBufferPool(pool_);
    engine_->setTime(kStart);
    if (course_.role == Role::client) engine_->start();
    for (const Step& step : steps_) {
      give(step.input);
      if (step.then) step.then(*engine_);
      pump();
      engine_->rest();
    }
    engine_->inputEnded();
    pump();
    engine_->transportLost();
  }

  void give(std::string_view rest) {
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, course_.cut ? 3 : rest.size());
      rest.remove_prefix(piece.size());
      const std::span<char> window = engine_->receiveWindow();
      if (window.size() >= piece.size()) {
        std::memcpy(window.data(), piece.data(), piece.size());
        engine_->received(piece.size());
      } else {
        engine_->feed(piece);
      }
      pump();
    }
  }
  void pump() {
    for (Event event = engine_->next(); event.type != EventType::none; event = engine_->next()) {
      if (event.type == EventType::handshake) engine_->accept();
      if (event.type == EventType::message) engine_->sendMessageBorrowed(event.payload);
      engine_->retain();
    }
    try {
      engine_->output().settle();
    } catch (const std::bad_alloc&) {  // as the driver has it
      engine_->abort("out of memory");
      throw;
    }
    const PlentyOfMemory memory;
    drain(*engine_);
  }

  void check(bool thrown, bool droppedAtOnce) {
    EXPECT_EQ(engine_->state(), State::closed);
    EXPECT_EQ(droppedAtOnce, thrown);
    if (thrown) {
      EXPECT_FALSE(engine_->closeInfo().wasClean);
      EXPECT_NE(engine_->closeInfo().reason, "");
    }
    EXPECT_TRUE(engine_->output().empty());
    EXPECT_FALSE(engine_->sendMessage(std::string_view("no more")));
    EXPECT_FALSE(engine_->sendPing("no more"));
    engine_->feed(message("late"));
    EXPECT_EQ(engine_->next().type, EventType::none);
    EXPECT_TRUE(engine_->output().empty());
  }

  const Course& course_;
  std::vector<Step> steps_;
  std::shared_ptr<const ServerOptions> serverOptions_;
  std::shared_ptr<const ClientOptions> clientOptions_;
  util::BufferPool pool_;
  std::optional<Engine> engine_;
};

void failEach(const Course& course) {
  failEachAllocation(course.what,
                     [&](std::size_t at, Shortage shortage) { return Attempt(course).run(at, shortage); });
}

TEST(RawSocketOutOfMemory, HandshakeMessagesAndPings) {
  const std::string large(20'000, 'l');
  for (const Role role : {Role::server, Role::client}) {
    for (const bool pool : {false, true}) {
      for (const bool cut : {false, true}) {
        failEach({.what = "messages",
                  .role = role,
                  .steps = {{four(0x7F, 0xF1) + message("with the handshake") + message("and another")},
                            {message(std::string(cut ? 5'000 : 50'000, 'm'))},
                            {ping("a ping that is longer than a string has room for") + pong("foreign")},
                            {message("half").substr(0, 6)},
                            {message("half").substr(6)}},
                  .pool = pool,
                  .cut = cut});
      }
    }
    const auto shared = std::make_shared<const std::string>(large);
    failEach({.what = "sending",
              .role = role,
              .steps = {{four(0x7F, 0xF1)},
                        {"", [](Engine& engine) { engine.sendMessage(std::string_view("a short one")); }},
                        {"", [&](Engine& engine) { engine.sendMessage(std::string_view(large)); }},
                        {"", [&](Engine& engine) { engine.sendMessageBorrowed(large); }},
                        {"", [&](Engine& engine) { engine.sendMessage(shared); }},
                        {"", [](Engine& engine) { engine.sendPing("ping"); }},
                        {"", [](Engine& engine) { engine.close(); }}}});
  }
}

TEST(RawSocketOutOfMemory, EndsAndTime) {
  const auto later = [](std::chrono::milliseconds time) {
    return [time](Engine& engine) {
      engine.setTime(kStart + time);
      engine.handleTimeout();
    };
  };
  const std::string open = four(0x7F, 0xF1);
  const std::string why = "a reason of the application's, in many words";
  for (const Role role : {Role::server, Role::client}) {
    const std::vector<std::vector<Step>> lives = {
        {{four(0x7F, 0xF9)}},  // a serializer nobody knows; for the client another one than asked for
        {{four(0x7F, 0x50)}},  // an error, or a serializer that is none
        {{four(0x7F, 0xF1, 1)}},
        {{"GET / HTTP/1.1\r\n"}},
        {{open + head(0x0B, 3)}},
        {{open}, {"", later(10s)}, {"", later(15s)}},
        {{open}, {"", [&](Engine& engine) { engine.fail(why); }}},
        {{open}, {"", [&](Engine& engine) { engine.abort(why); }}},
        {{open}, {"", [&](Engine& engine) { engine.transportLost(why); }}},
        {{open + message("half").substr(0, 6)}},
        {{"", later(1h)}},
    };
    for (const std::vector<Step>& steps : lives) failEach({.what = "an end", .role = role, .steps = steps});
  }
}

}  // namespace
}  // namespace autobahn::rawsocket::testing
