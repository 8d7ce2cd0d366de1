// Sending: whole messages, fragments, and messages streamed frame by frame (RFC 6455 sections 5.4 and 6.1).
#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::string_literals;

Engine either(Role role, Deflate compression = {}) {
  return role == Role::server ? openServer({}, compression) : openClient({}, compression);
}

/// What another engine makes of it.
Lines received(Role sender, const std::string& bytes, Deflate compression = {}) {
  Engine engine = either(sender == Role::server ? Role::client : Role::server, compression);
  std::string copy = bytes;
  engine.feed(copy);
  Lines lines;
  for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) {
    if (event.type == EventType::message)
      lines.push_back((event.isBinary ? "binary " : "text ") + shown(event.payload));
    else if (event.type == EventType::ping)
      lines.push_back("ping " + shown(event.payload));
    else if (event.type == EventType::pong)
      lines.push_back("pong " + shown(event.payload));
    else
      lines.push_back("other");
  }
  return lines;
}

TEST(EngineSend, ThreeWaysOneResult) {
  for (const Role role : {Role::server, Role::client}) {
    for (const std::size_t size : {0U, 1U, 125U, 126U, 4096U, 16383U, 16384U, 65535U, 65536U, 300'000U}) {
      for (const std::size_t fragment : {0U, 1000U, 16384U, 100'000U}) {
        if (fragment == 1000 && size > 100'000) continue;
        std::string payload(size, 'a');
        for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + i % 23);
        Engine engine = either(role);
        const SendOptions options{.fragmentSize = fragment};
        engine.sendMessage(std::string_view(payload), true, options);
        {
          const std::string borrowed = payload;
          engine.sendMessageBorrowed(borrowed, true, options);
          engine.output().settle();
        }
        engine.sendMessage(std::string(payload), true, options);
        const std::string out = drain(engine);
        const std::string line = "binary " + shown(payload);
        EXPECT_EQ(received(role, out), (Lines{line, line, line}));
        EXPECT_EQ(engine.trafficStats().outgoingOctetsWireLevel, out.size());
        EXPECT_EQ(engine.trafficStats().outgoingWebSocketFrames, framesIn(out).size());
        if (fragment != 0) {
          EXPECT_EQ(framesIn(out).size(), 3 * std::max<std::size_t>(1, (size + fragment - 1) / fragment));
        }
      }
    }
  }
}

TEST(EngineSend, LiteralsAndStrings) {
  Engine engine = openServer();
  const std::string text = "string";
  engine.sendMessage("literal");
  engine.sendMessage(text);
  engine.sendMessage(std::string_view("view"), true);
  EXPECT_EQ(describeFrames(drain(engine)), (Lines{"text \"literal\"", "text \"string\"", "binary \"view\""}));
}

TEST(EngineSend, LargeBorrowedPayloadIsNotCopied) {
  Engine engine = openServer();
  const std::string payload(50'000, 'a');
  engine.sendMessageBorrowed(payload, true);
  std::string_view parts[4];
  ASSERT_EQ(engine.output().gather(parts), 2u);
  EXPECT_EQ(parts[1].data(), payload.data());
}

TEST(EngineSend, PingsAndPongs) {
  for (const Role role : {Role::server, Role::client}) {
    Engine engine = either(role);
    const std::string most(125, 'p');
    EXPECT_TRUE(engine.sendPing());
    EXPECT_TRUE(engine.sendPing(most));
    EXPECT_TRUE(engine.sendPong(most));
    EXPECT_THROW(engine.sendPing(most + "p"), std::invalid_argument);
    EXPECT_THROW(engine.sendPong(most + "p"), std::invalid_argument);
    EXPECT_EQ(received(role, drain(engine)),
              (Lines{"ping \"\"", "ping " + shown(most), "pong " + shown(most)}));
  }
}

TEST(EngineSend, NothingBeforeOpen) {
  for (const Role role : {Role::server, Role::client}) {
    Engine engine = role == Role::server ? server() : client();
    EXPECT_FALSE(engine.sendMessage(std::string_view("a")));
    EXPECT_FALSE(engine.sendMessage(std::string("a")));
    EXPECT_FALSE(engine.sendMessageBorrowed("a"));
    EXPECT_FALSE(engine.sendPing());
    EXPECT_FALSE(engine.sendPong());
    EXPECT_FALSE(engine.beginMessage());
    EXPECT_FALSE(engine.beginMessageFrame(1));
    EXPECT_EQ(engine.sendMessageFrameData("a"), 0);
    EXPECT_FALSE(engine.sendMessageFrame("a"));
    EXPECT_FALSE(engine.endMessage());
    EXPECT_FALSE(engine.sendClose());
    EXPECT_TRUE(engine.output().empty());
  }
}

TEST(EngineSend, Streamed) {
  for (const Role role : {Role::server, Role::client}) {
    Engine engine = either(role);
    EXPECT_TRUE(engine.beginMessage(true));
    EXPECT_TRUE(engine.sendMessageFrame("whole "));
    EXPECT_TRUE(engine.beginMessageFrame(7));
    EXPECT_EQ(engine.sendMessageFrameData("piec"), 3);
    EXPECT_EQ(engine.sendMessageFrameData(""), 3);
    EXPECT_EQ(engine.sendMessageFrameData("es too much"), -8);
    EXPECT_TRUE(engine.beginMessageFrame(0));
    EXPECT_TRUE(engine.sendMessageFrame(""));
    EXPECT_TRUE(engine.endMessage());
    engine.beginMessage();
    engine.endMessage();
    const std::string out = drain(engine);
    const std::string mask = role == Role::client ? "masked " : "";
    EXPECT_EQ(describeFrames(out),
              (Lines{mask + "binary nofin \"whole \"", mask + "continuation nofin \"pieces \"",
                     mask + "continuation nofin \"\"", mask + "continuation nofin \"\"",
                     mask + "continuation \"\"", mask + "text \"\""}));
    EXPECT_EQ(received(role, out), (Lines{"binary \"whole pieces \"", "text \"\""}));
    EXPECT_EQ(engine.trafficStats().outgoingWebSocketMessages, 2u);
    EXPECT_EQ(engine.trafficStats().outgoingOctetsAppLevel, 13u);
    EXPECT_EQ(engine.trafficStats().outgoingOctetsWireLevel, out.size());
  }
}

TEST(EngineSend, StreamedInOddPiecesIsMaskedRight) {
  Engine engine = openClient();
  std::string payload;
  for (int i = 0; i < 5000; ++i) payload += static_cast<char>('a' + i % 19);
  std::mt19937 random(5);
  engine.beginMessage();
  engine.beginMessageFrame(payload.size());
  std::string_view rest = payload;
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, random() % 23);
    rest.remove_prefix(piece.size());
    EXPECT_EQ(engine.sendMessageFrameData(piece), static_cast<std::int64_t>(rest.size()));
  }
  engine.endMessage();
  EXPECT_EQ(received(Role::client, drain(engine)), Lines{"text " + shown(payload)});
}

TEST(EngineSend, ControlFramesWaitForTheEndOfAStreamedFrame) {
  for (const Role role : {Role::server, Role::client}) {
    Engine engine = either(role);
    engine.beginMessage();
    engine.sendPing("between");
    engine.beginMessageFrame(4);
    engine.sendPing("held");
    engine.sendMessageFrameData("ab");
    engine.sendPong("held too");
    engine.sendMessageFrameData("cd");
    engine.sendPing("after");
    engine.endMessage();
    EXPECT_EQ(received(role, drain(engine)), (Lines{"ping \"between\"", "ping \"held\"", "pong \"held too\"",
                                                    "ping \"after\"", "text \"abcd\""}));
  }
}

TEST(EngineSend, HeldControlFramesAreBounded) {
  Engine engine = openServer();
  engine.beginMessage();
  engine.beginMessageFrame(1);
  for (int i = 0; i < 10'000; ++i) engine.sendPong(std::string(125, 'p'));
  engine.sendClose();
  engine.sendMessageFrameData("a");
  const auto frames = framesIn(drain(engine));
  EXPECT_LT(frames.size(), 40u);
  EXPECT_EQ(frames.back().header.opcode, Opcode::close);
}

TEST(EngineSend, Misuse) {
  Engine engine = openServer();
  EXPECT_THROW(engine.beginMessageFrame(1), InvalidState);
  EXPECT_THROW(engine.sendMessageFrameData("a"), InvalidState);
  EXPECT_THROW(engine.sendMessageFrame("a"), InvalidState);
  EXPECT_THROW(engine.endMessage(), InvalidState);
  engine.beginMessage();
  EXPECT_THROW(engine.beginMessage(), InvalidState);
  EXPECT_THROW(engine.sendMessage(std::string_view("a")), InvalidState);
  EXPECT_THROW(engine.sendMessage(std::string(20'000, 'a')), InvalidState);
  EXPECT_THROW(engine.sendMessageBorrowed("a"), InvalidState);
  EXPECT_THROW(engine.sendPreparedMessage(PreparedMessage("a")), InvalidState);
  EXPECT_THROW(engine.sendMessageFrameData("a"), InvalidState);
  EXPECT_THROW(engine.beginMessageFrame(std::uint64_t{1} << 63), std::invalid_argument);
  engine.beginMessageFrame(2);
  EXPECT_THROW(engine.beginMessageFrame(2), InvalidState);
  EXPECT_THROW(engine.sendMessageFrame("a"), InvalidState);
  EXPECT_THROW(engine.endMessage(), InvalidState);
  EXPECT_THROW(engine.beginMessage(), InvalidState);
  engine.sendMessageFrameData("ok");
  EXPECT_THROW(engine.sendMessageFrameData("a"), InvalidState);
  engine.endMessage();
  engine.sendMessage(std::string_view("b"));
  // Misuse left no trace.
  const std::string out = drain(engine);
  EXPECT_EQ(describeFrames(out), (Lines{"text nofin \"ok\"", "continuation \"\"", "text \"b\""}));
  EXPECT_EQ(engine.trafficStats().outgoingWebSocketMessages, 2u);
  EXPECT_EQ(engine.trafficStats().outgoingOctetsAppLevel, 3u);
}

TEST(EngineSend, StreamedAndCompressed) {
  for (const Role role : {Role::server, Role::client}) {
    for (const bool takeover : {true, false}) {
      PerMessageDeflateParameters parameters;
      parameters.serverNoContextTakeover = parameters.clientNoContextTakeover = !takeover;
      Engine engine = either(role, parameters);
      std::string text;
      for (int i = 0; i < 30'000; ++i) text += "number " + std::to_string(i * 7919 % 1000);
      Lines want;
      for (int round = 0; round < 3; ++round) {
        engine.beginMessage();
        engine.sendMessageFrame(text);
        engine.beginMessageFrame(text.size());
        engine.sendPing("p");
        EXPECT_EQ(engine.sendMessageFrameData(std::string_view(text).substr(0, 1000)),
                  static_cast<std::int64_t>(text.size() - 1000));
        EXPECT_EQ(engine.sendMessageFrameData(std::string_view(text).substr(1000)), 0);
        engine.endMessage();
        want.push_back("ping \"p\"");
        want.push_back("text " + shown(text + text));
        engine.beginMessage(true, true);
        engine.sendMessageFrame("plain");
        engine.endMessage();
        want.push_back("binary \"plain\"");
        engine.beginMessage(true);
        engine.endMessage();
        want.push_back("binary \"\"");
        engine.sendMessage(std::string_view(text));
        want.push_back("text " + shown(text));
      }
      EXPECT_EQ(received(role, drain(engine), parameters), want);
    }
  }
}

}  // namespace
}  // namespace autobahn::websocket::testing
