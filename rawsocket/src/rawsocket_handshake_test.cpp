// The opening handshake, both roles (sections "Handshake: Client-to-Router Request" and "Router-to-Client
// Reply").
#include <autobahn/util/invalid_state.hpp>

#include "testing/engine_harness.hpp"

namespace autobahn::inline v0::rawsocket::testing {
namespace {

using ::testing::HasSubstr;

TEST(Handshake, ServerTakesEveryLengthAndSerializer) {
  for (int length = 0; length < 16; ++length) {
    for (int id = 1; id <= 5; ++id) {
      Scenario scenario;
      scenario.serverOptions.maxMessagePayloadSize = std::size_t{512} << (15 - length);
      scenario.input = four(0x7F, length << 4 | id);
      const Outcome outcome = run(scenario, 4);
      const std::string maximum = std::to_string(std::size_t{512} << length);
      const std::string name(serializerName(static_cast<SerializerId>(id)));
      EXPECT_EQ(outcome.log, (Lines{"handshake " + name + " " + maximum, "open " + maximum, "drop"}));
      EXPECT_EQ(outcome.output, four(0x7F, (15 - length) << 4 | id));
      EXPECT_TRUE(outcome.close.wasClean);
    }
  }
}

TEST(Handshake, ClientAsksAndTakesEveryLength) {
  for (int length = 0; length < 16; ++length) {
    for (int id = 1; id <= 5; ++id) {
      Scenario scenario{.role = Role::client};
      scenario.clientOptions.serializer = static_cast<SerializerId>(id);
      scenario.clientOptions.maxMessagePayloadSize = std::size_t{512} << (15 - length);
      scenario.input = four(0x7F, length << 4 | id);
      const Outcome outcome = run(scenario, 4);
      EXPECT_EQ(outcome.log, (Lines{"open " + std::to_string(std::size_t{512} << length), "drop"}));
      EXPECT_EQ(outcome.output, four(0x7F, (15 - length) << 4 | id));
      EXPECT_TRUE(outcome.close.wasClean);
    }
  }
}

struct Refusal {
  const char* name;
  std::string request;
  std::string reply;   ///< empty: none is due
  const char* reason;  ///< in words
};

TEST(Handshake, ServerRefusesWithTheRightErrorAndReason) {
  const std::vector<Refusal> cases = {
      {"serializer 0", four(0x7F, 0xF0), four(0x7F, 0x10),
       "serializer unsupported: the client asks for reserved (0)"},
      {"serializer 6", four(0x7F, 0xF6), four(0x7F, 0x10), "asks for reserved (6)"},
      {"serializer 15", four(0x7F, 0xFF), four(0x7F, 0x10), "asks for reserved (15)"},
      {"not in the set", four(0x7F, 0xF4), four(0x7F, 0x10), "asks for ubjson (4)"},
      {"length", four(0x7F, 0x01), four(0x7F, 0x20),
       "unacceptable: the client receives at most 512 octets, wanted are 1024"},
      {"third octet", four(0x7F, 0xF1, 1), four(0x7F, 0x30), "reserved bits"},
      {"fourth octet", four(0x7F, 0xF1, 0, 0x80), four(0x7F, 0x30), "reserved bits"},
      {"HTTP", "GET / HTTP/1.1\r\n\r\n", "", "first octet is 0x47, which begins HTTP"},
      {"TLS", four(0x16, 3, 1, 2), "", "0x16, which begins TLS"},
      {"zeros", four(0, 0), "", "first octet is 0x00"},
      {"one octet", "\x80", "", "first octet is 0x80"},
  };
  for (const Refusal& bad : cases) {
    SCOPED_TRACE(bad.name);
    Scenario scenario{.input = bad.request};
    scenario.serverOptions.serializers = {SerializerId::json, SerializerId::cbor};
    scenario.serverOptions.minPeerMaxPayloadSize = 1024;
    const Outcome outcome = run(scenario);
    EXPECT_EQ(outcome.log, Lines{bad.reply.empty() ? "drop abort" : "drop"});
    EXPECT_EQ(outcome.output, bad.reply);
    EXPECT_FALSE(outcome.close.wasClean);
    EXPECT_THAT(outcome.close.reason, HasSubstr(bad.reason));
  }
}

TEST(Handshake, ABusyServerSaysSoWhateverIsAskedFor) {
  for (const int second : {0xF1, 0xF9}) {
    Engine engine = server();
    engine.refuseAsBusy();
    const std::string request = four(0x7F, second);
    engine.feed(request);
    EXPECT_EQ(engine.next().type, EventType::drop);
    EXPECT_EQ(drain(engine), four(0x7F, 0x40));
    EXPECT_THAT(engine.closeInfo().reason, HasSubstr("maximum connection count reached"));
  }
}

TEST(Handshake, TheApplicationMayRefuse) {
  Scenario scenario{.input = four(0x7F, 0xF1) + message("too early")};
  scenario.react = [](Engine& engine, const Event& event) {
    if (event.type != EventType::handshake) return false;
    engine.refuse(HandshakeError::serializerUnsupported);
    return true;
  };
  const Outcome outcome = run(scenario);
  EXPECT_EQ(outcome.log, (Lines{"handshake json 16777216", "drop"}));
  EXPECT_EQ(outcome.output, four(0x7F, 0x10));
}

TEST(Handshake, ClientUnderstandsRefusalsAndViolations) {
  const std::vector<Refusal> cases = {
      {"error 1", four(0x7F, 0x10), "", "refuses the handshake: serializer unsupported (error 1)"},
      {"error 2", four(0x7F, 0x20), "", "maximum message length unacceptable (error 2)"},
      {"error 3", four(0x7F, 0x30), "", "use of reserved bits (unsupported feature) (error 3)"},
      {"error 4", four(0x7F, 0x40), "", "maximum connection count reached (error 4)"},
      {"error 5", four(0x7F, 0x50), "", "does not define (error 5)"},
      {"error 0", four(0x7F, 0x00), "", "(error 0)"},
      {"other serializer", four(0x7F, 0xF3), "", "serializer cbor (3), asked for was json (1)"},
      {"third octet", four(0x7F, 0xF1, 4), "", "reserved bits"},
      {"fourth octet", four(0x7F, 0xF1, 0, 1), "", "reserved bits"},
      {"length", four(0x7F, 0x01), "", "server receives at most 512 octets, wanted are 1024 octets"},
      {"HTTP", "HTTP/1.1 400 Bad Request\r\n", "", "0x48, which begins HTTP"},
      {"nothing", "", "", "before the handshake was complete"},
      {"half of it", std::string(four(0x7F, 0xF1), 0, 3), "", "before the handshake was complete"},
  };
  for (const Refusal& bad : cases) {
    SCOPED_TRACE(bad.name);
    Scenario scenario{.role = Role::client, .input = bad.request};
    scenario.clientOptions.minPeerMaxPayloadSize = 1024;
    const Outcome outcome = run(scenario);
    ASSERT_EQ(outcome.log.size(), 1U);
    EXPECT_EQ(outcome.output, four(0x7F, 0xF1)) << "nothing but the request is sent";
    EXPECT_FALSE(outcome.close.wasClean);
    EXPECT_THAT(outcome.close.reason, HasSubstr(bad.reason));
  }
}

TEST(Handshake, HasADeadlineInBothRoles) {
  for (const Role role : {Role::server, Role::client}) {
    Engine engine = role == Role::server ? server() : client();
    EXPECT_EQ(engine.nextDeadline(), kStart + std::chrono::seconds(5));
    const std::string part = four(0x7F, 0xF1).substr(0, 3);
    engine.setTime(kStart + std::chrono::milliseconds(4999));
    engine.feed(part);
    EXPECT_EQ(engine.next().type, EventType::none);
    engine.handleTimeout();
    EXPECT_EQ(engine.next().type, EventType::none) << "octets that trickle in do not move the deadline";
    engine.setTime(kStart + std::chrono::seconds(5));
    engine.handleTimeout();
    const Event event = engine.next();
    EXPECT_EQ(event.type, EventType::drop);
    EXPECT_TRUE(event.abort);
    EXPECT_THAT(engine.closeInfo().reason, HasSubstr("opening handshake in time"));
  }
}

TEST(Handshake, ItsDeadlineCanBeTurnedOff) {
  ServerOptions options;
  options.openHandshakeTimeout = {};
  EXPECT_EQ(server(options).nextDeadline(), Engine::TimePoint::max());
}

TEST(Handshake, AnswersWithoutTheQuestionAreMisuse) {
  Engine engine = server();
  EXPECT_THROW(engine.accept(), util::InvalidState);
  EXPECT_THROW(engine.refuse(HandshakeError::serializerUnsupported), util::InvalidState);
  EXPECT_THROW(engine.start(), util::InvalidState);
  Engine other = client();
  other.start();
  EXPECT_THROW(other.start(), util::InvalidState);
  EXPECT_THROW(other.accept(), util::InvalidState);
  engine.abort();
  engine.accept();
  engine.refuse(HandshakeError::serializerUnsupported);
  EXPECT_EQ(drain(engine), "") << "an answer that comes after the end is ignored";
}

TEST(Handshake, NothingIsSentBeforeItsEnd) {
  Engine engine = server();
  EXPECT_FALSE(engine.sendMessage("x"));
  EXPECT_FALSE(engine.sendPing());
  EXPECT_EQ(engine.maxSendSize(), 0U);
  EXPECT_EQ(drain(engine), "");
}

}  // namespace
}  // namespace autobahn::inline v0::rawsocket::testing
