// permessage-deflate as the engine uses it (RFC 7692).
#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::string_literals;

/// The other end's compressor and inflater.
struct Peer {
  explicit Peer(Role role, const PerMessageDeflateParameters& parameters = {}) : deflate(role, parameters) {}
  std::string compress(std::string_view text) {
    util::ByteBuffer out;
    deflate.compress(text, true, out);
    return std::string(out.view());
  }
  std::string inflate(std::string_view wire) {
    util::ByteBuffer out;
    EXPECT_EQ(deflate.decompress(wire, true, 0, out), PerMessageDeflate::Result::ok);
    return std::string(out.view());
  }
  PerMessageDeflate deflate;
};

std::string words(std::size_t size, std::uint32_t seed = 7) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) text += "word" + std::to_string(random() % 50) + ' ';
  text.resize(size);
  return text;
}

std::string letters(std::size_t count) {
  std::string text;
  text.resize(count, 'a');
  return text;
}

/// RFC 7692 section 7.2.3: the examples, to a client.
TEST(EngineDeflate, ExamplesOfRfc7692) {
  Scenario scenario{.role = Role::client, .compression = PerMessageDeflateParameters{}};
  scenario.steps = {{"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"s +                  // one frame
                     "\x41\x03\xf2\x48\xcd"s + "\x80\x04\xc9\xc9\x07\x00"s +    // two fragments
                     "\xc1\x05\xf2\x00\x11\x00\x00"s +                          // sharing the window
                     "\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s +  // a block without compression
                     "\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s +              // BFINAL set
                     "\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s +  // two blocks
                     "\x81\x05Hello"s + "\xc1\x01\x00"s}};
  const Lines lines = eventsOf(run(scenario));
  ASSERT_EQ(lines.size(), 8u);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(lines[i], "text \"Hello\"") << i;
  EXPECT_EQ(lines[7], "text \"\"");
}

TEST(EngineDeflate, BothRolesWithAndWithoutTakeover) {
  for (const Role role : {Role::server, Role::client}) {
    for (int bits = 0; bits < 4; ++bits) {
      PerMessageDeflateParameters parameters;
      parameters.serverNoContextTakeover = (bits & 1) != 0;
      parameters.clientNoContextTakeover = (bits & 2) != 0;
      const Role other = role == Role::server ? Role::client : Role::server;
      Peer peer(other, parameters);
      const std::string text = words(3000);
      const std::string first = peer.compress(text);
      const std::string second = peer.compress(text);
      const bool masked = role == Role::server;
      Scenario scenario{.role = role, .compression = parameters, .echo = true};
      const auto piece = [&](int opcode, std::string_view payload, bool fin, int rsv) {
        return frame({.opcode = opcode, .payload = payload, .fin = fin, .rsv = rsv, .masked = masked});
      };
      scenario.steps = {{piece(1, first, true, 4) + piece(2, second.substr(0, 9), false, 4) +
                         piece(9, "p", true, 0) + piece(0, "", false, 0) +
                         piece(0, second.substr(9), true, 0)}};
      const Outcome outcome = run(scenario);
      EXPECT_EQ(eventsOf(outcome), (Lines{"text " + shown(text), "ping \"p\"", "binary " + shown(text)}));
      const auto frames = framesIn(outcome.output);
      ASSERT_EQ(frames.size(), 3u);
      EXPECT_EQ(frames[0].header.rsv, kRsv1);
      EXPECT_EQ(frames[1].header.rsv, 0);
      EXPECT_EQ(peer.inflate(frames[0].payload), text);
      EXPECT_EQ(peer.inflate(frames[2].payload), text);
      const bool takeover = (bits & (role == Role::server ? 1 : 2)) == 0;
      EXPECT_EQ(frames[2].payload.size() < frames[0].payload.size(), takeover);
    }
  }
}

TEST(EngineDeflate, ModesOfReceiving) {
  Peer peer(Role::client);
  const std::string text = words(30'000);
  const std::string wire = peer.compress(text);
  const std::string input = fromClient(1, wire.substr(0, 100), false, 4) + fromClient(0, wire.substr(100));
  Scenario frames{.compression = PerMessageDeflateParameters{}, .mode = ReceiveMode::frame};
  frames.steps = {{input}};
  const Lines lines = eventsOf(run(frames));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0], "begin text ");
  EXPECT_EQ(lines[3], "end");

  std::string joined;
  Scenario stream{.compression = PerMessageDeflateParameters{}, .mode = ReceiveMode::stream};
  stream.steps = {{input + fromClient(2, "", true, 0)}};
  stream.react = [&](Engine&, const Event& event) {
    if (event.type == EventType::messageBegin && !event.isBinary) joined.clear();
    if (event.type == EventType::frameData) joined += event.payload;
    if (event.type == EventType::messageEnd) {
      EXPECT_EQ(joined, text);
    }
    return false;
  };
  // How much of the text each of the two frames brings is zlib's choice, which depends on the cuts.
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    const Outcome outcome =
        ScenarioRun(stream, {.cut = seed == 0 ? Feeding::Cut::bytes : Feeding::Cut::random,
                             .retain = true,
                             .pool = seed % 2 == 0,
                             .seed = seed})
            .run();
    EXPECT_EQ(outcome.log.back(), "end");
  }
}

TEST(EngineDeflate, Rsv1OnAContinuationIsRefused) {
  Peer peer(Role::client);
  const std::string wire = peer.compress("Hello Hello");
  Scenario scenario{.compression = PerMessageDeflateParameters{}};
  scenario.steps = {{fromClient(1, wire.substr(0, 3), false, 4) + fromClient(0, wire.substr(3), true, 4)}};
  Outcome outcome = run(scenario);
  EXPECT_EQ(eventsOf(outcome), Lines{"drop abort"});
  EXPECT_THAT(outcome.notClean, ::testing::HasSubstr("1002"));
  for (const int opcode : {8, 9, 10}) {
    scenario.steps = {{fromClient(opcode, "", true, 4)}};
    EXPECT_EQ(eventsOf(run(scenario)), Lines{"drop abort"});
  }
  scenario.steps = {{fromClient(1, wire, true, 6)}};
  EXPECT_EQ(eventsOf(run(scenario)), Lines{"drop abort"});
}

TEST(EngineDeflate, CorruptIs1007) {
  for (const std::string& wire : {"\xff\xff\xff"s, "\x07"s, "\xf2\x48\xcd\xc9"s, ""s}) {
    for (const ReceiveMode mode : {ReceiveMode::message, ReceiveMode::frame, ReceiveMode::stream}) {
      Scenario scenario{.compression = PerMessageDeflateParameters{}, .mode = mode};
      scenario.serverOptions.failByDrop = false;
      scenario.steps = {{fromClient(2, wire, true, 4) + fromClient(1, "late")}};
      const Outcome outcome = run(scenario);
      EXPECT_EQ(outcome.log.back(), "drop") << shown(wire);
      EXPECT_EQ(framesIn(outcome.output).at(0).payload.substr(0, 2), closePayload(1007));
    }
  }
}

TEST(EngineDeflate, BombIsRefusedAtTheLimit) {
  Peer peer(Role::client);
  const std::string wire = peer.compress(letters(20'000'000));
  for (const ReceiveMode mode : {ReceiveMode::message, ReceiveMode::stream}) {
    Scenario scenario{.compression = PerMessageDeflateParameters{}, .mode = mode};
    scenario.serverOptions.failByDrop = false;
    scenario.serverOptions.maxMessagePayloadSize = 100'000;
    scenario.steps = {{fromClient(2, wire, true, 4)}};
    const Outcome outcome = run(scenario, 6);
    EXPECT_EQ(outcome.log.back(), "drop");
    EXPECT_EQ(framesIn(outcome.output).at(0).payload.substr(0, 2), closePayload(1009));
  }
  PerMessageDeflateParameters limited;
  limited.maxMessageSize = 1000;
  Scenario scenario{.compression = limited};
  Peer small(Role::client);
  const std::string just = small.compress(std::string(1000, 'a'));
  const std::string over = small.compress(std::string(1001, 'a'));
  scenario.steps = {{fromClient(2, just, true, 4) + fromClient(2, over, true, 4)}};
  EXPECT_EQ(eventsOf(run(scenario)), (Lines{"binary " + shown(std::string(1000, 'a')), "drop abort"}));
}

TEST(EngineDeflate, BombsInFragmentsAndAcrossTakeover) {
  constexpr std::size_t kLimit = 50'000;
  const std::string small = words(30'000);
  std::string large;
  while (large.size() <= kLimit) large += small;
  Peer bomber(Role::client);
  const std::string wire = bomber.compress(letters(20'000'000));
  std::string inFragments = fromClient(2, wire.substr(0, 10), false, 4);
  for (std::size_t at = 10; at < wire.size(); at += 10) {
    inFragments += fromClient(0, wire.substr(at, 10), at + 10 >= wire.size());
  }
  // The second message is mostly references to the first one.
  Peer peer(Role::client);
  const std::string first = peer.compress(small);
  const std::string second = peer.compress(large);
  ASSERT_LT(second.size(), large.size() / 5);
  Scenario scenario{.compression = PerMessageDeflateParameters{}};
  scenario.serverOptions.failByDrop = false;
  scenario.serverOptions.maxMessagePayloadSize = kLimit;
  scenario.steps = {{inFragments}};
  Outcome outcome = run(scenario, 3);
  EXPECT_EQ(outcome.log, Lines({"open", "drop"}));
  EXPECT_EQ(framesIn(outcome.output).at(0).payload.substr(0, 2), closePayload(1009));
  scenario.steps = {{fromClient(2, first, true, 4) + fromClient(2, second, true, 4)}};
  outcome = run(scenario);
  EXPECT_EQ(outcome.log, Lines({"open", "binary " + shown(small), "drop"}));
  EXPECT_EQ(framesIn(outcome.output).at(0).payload.substr(0, 2), closePayload(1009));
}

/// Connections that have failed may have to wait for their destruction; what they were collecting does not.
TEST(EngineDeflate, ABombLeavesItsBufferAtOnce) {
  constexpr std::size_t kLimit = 1'000'000;
  Peer bomber(Role::client);
  std::string wire = fromClient(2, bomber.compress(std::string(10 * kLimit, 'a')), true, 4);
  ServerOptions options;
  options.maxMessagePayloadSize = kLimit;
  util::BufferPool pool;
  Engine engine = openServer(options, PerMessageDeflateParameters{});
  engine.useBufferPool(pool);
  engine.feed(wire);
  EXPECT_EQ(engine.next().type, EventType::drop);
  EXPECT_GT(pool.take().capacity(), kLimit);
}

/// A message of just the permitted size passes, although compressing made it longer.
TEST(EngineDeflate, IncompressibleMessageOfThePermittedSize) {
  std::string noise(50'000, '\0');
  std::mt19937 random(3);
  for (char& c : noise) c = static_cast<char>(random());
  Peer peer(Role::client);
  const std::string wire = peer.compress(noise);
  ASSERT_GT(wire.size(), noise.size());
  Scenario scenario{.compression = PerMessageDeflateParameters{}};
  scenario.serverOptions.maxMessagePayloadSize = noise.size();
  scenario.steps = {{fromClient(2, wire, true, 4)}};
  EXPECT_EQ(eventsOf(run(scenario)), Lines{"binary " + shown(noise)});
}

TEST(EngineDeflate, SendsUncompressedWhereAskedOrUseless) {
  Engine engine = openServer({}, PerMessageDeflateParameters{});
  engine.sendMessage(words(200), false, {.doNotCompress = true});
  engine.sendMessage(std::string_view("tiny"));
  engine.sendMessage(std::string_view());
  engine.sendMessage(std::string_view(words(200)));
  engine.sendPing("p");
  Lines rsv;
  for (const SeenFrame& seen : framesIn(drain(engine))) rsv.push_back(std::to_string(seen.header.rsv));
  EXPECT_EQ(rsv, (Lines{"0", "0", "0", "4", "0"}));
}

TEST(EngineDeflate, Fragments) {
  for (const Role role : {Role::server, Role::client}) {
    ServerOptions serverOptions;
    ClientOptions clientOptions;
    serverOptions.autoFragmentSize = clientOptions.autoFragmentSize = 100;
    Engine engine = role == Role::server ? openServer(serverOptions, PerMessageDeflateParameters{})
                                         : openClient(clientOptions, PerMessageDeflateParameters{});
    const std::string text = words(5000);
    engine.sendMessage(std::string(text), true, {.fragmentSize = 64});
    engine.sendMessage(std::string_view(text), true);
    Peer peer(role == Role::server ? Role::client : Role::server);
    std::string wire;
    std::size_t limit = 64;
    bool first = true;
    for (const SeenFrame& seen : framesIn(drain(engine))) {
      EXPECT_EQ(seen.header.rsv, first ? kRsv1 : 0);
      EXPECT_EQ(seen.header.opcode, first ? Opcode::binary : Opcode::continuation);
      EXPECT_LE(seen.payload.size(), limit);
      if (!seen.header.fin) {
        EXPECT_EQ(seen.payload.size(), limit);
      }
      wire += seen.payload;
      first = seen.header.fin;
      if (!seen.header.fin) continue;
      EXPECT_EQ(peer.inflate(wire), text);
      wire.clear();
      limit = 100;
    }
    EXPECT_EQ(limit, 100u);
  }
}

// ---- Prepared messages

TEST(EnginePrepared, ToEveryKindOfConnection) {
  const PreparedMessage large(words(4000));
  const PreparedMessage small("small", true);
  const PreparedMessage empty("", true);
  const PreparedMessage plain(words(1000, 9), true, true);
  for (const Role role : {Role::server, Role::client}) {
    for (const bool masks : {false, true}) {
      for (int kind = 0; kind < 6; ++kind) {
        Deflate compression;
        if (kind > 0) {
          compression.emplace();
          compression->serverNoContextTakeover = compression->clientNoContextTakeover = kind == 2;
          compression->serverMaxWindowBits = kind == 3 ? 9 : kind == 4 ? 8 : 15;
          compression->clientMaxWindowBits = kind == 3 ? 10 : kind == 5 ? 9 : 15;
        }
        ServerOptions serverOptions;
        ClientOptions clientOptions;
        serverOptions.maskServerFrames = clientOptions.maskClientFrames = masks;
        serverOptions.requireMaskedClientFrames = false;
        clientOptions.acceptMaskedServerFrames = true;
        Engine a = role == Role::server ? openServer(serverOptions, compression)
                                        : openClient(clientOptions, compression);
        Engine b = role == Role::server ? openClient(clientOptions, compression)
                                        : openServer(serverOptions, compression);
        Lines want;
        const auto ordinary = [&] {
          const std::string text = words(2000);
          a.sendMessage(std::string_view(text));
          want.push_back(text);
        };
        const auto prepared = [&](const PreparedMessage& message) {
          a.sendPreparedMessage(message);
          want.emplace_back(message.payload());
        };
        ordinary();
        for (int round = 0; round < 2; ++round) {
          prepared(large);
          ordinary();  // refers to nothing before the prepared message
          prepared(small);
          prepared(plain);
          ordinary();
          prepared(empty);
          prepared(large);
          prepared(large);
          ordinary();
        }
        std::string bytes = drain(a);
        b.feed(bytes);
        Lines got;
        for (Event event = b.next(); event.type == EventType::message; event = b.next())
          got.emplace_back(event.payload);
        ASSERT_EQ(got.size(), want.size()) << kind << " " << b.wasNotCleanReason();
        EXPECT_EQ(got, want) << kind;
        EXPECT_EQ(a.trafficStats().outgoingWebSocketMessages, want.size());
        EXPECT_EQ(a.trafficStats().outgoingOctetsWireLevel, bytes.size());
        EXPECT_EQ(b.trafficStats().incomingOctetsWireLevel, bytes.size());
        EXPECT_EQ(b.trafficStats().incomingOctetsAppLevel, a.trafficStats().outgoingOctetsAppLevel);
        EXPECT_EQ(b.trafficStats().incomingWebSocketFrames, a.trafficStats().outgoingWebSocketFrames);
      }
    }
  }
}

TEST(EnginePrepared, BytesAreShared) {
  const PreparedMessage message(std::string(100'000, 'a'), true, true);
  Engine one = openServer();
  Engine two = openServer();
  one.sendPreparedMessage(message);
  two.sendPreparedMessage(message);
  std::string_view a;
  std::string_view b;
  ASSERT_EQ(one.output().gather({&a, 1}), 1u);
  ASSERT_EQ(two.output().gather({&b, 1}), 1u);
  EXPECT_EQ(a.data(), b.data());
  EXPECT_EQ(message.compressedFrame({}, 15), nullptr);
}

TEST(EnginePrepared, AutoFragmentSizeHolds) {
  ServerOptions options;
  options.autoFragmentSize = 10;
  Engine engine = openServer(options);
  engine.sendPreparedMessage(PreparedMessage("0123456789abc"));
  EXPECT_EQ(describeFrames(drain(engine)), (Lines{"text nofin \"0123456789\"", "continuation \"abc\""}));
  engine.sendClose();
  EXPECT_FALSE(engine.sendPreparedMessage(PreparedMessage("x")));
}

}  // namespace
}  // namespace autobahn::websocket::testing
