// Text is UTF-8, and what is not fails at its first bad byte (RFC 6455 section 8.1).
#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::string_literals;

const std::string kText = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5 \xf0\x9f\x98\x80 z";
PerMessageDeflateParameters kDeflate{};

std::string compressed(std::string_view text, PerMessageDeflateParameters parameters = {}) {
  PerMessageDeflate deflate(Role::client, parameters);
  util::ByteBuffer out;
  deflate.compress(text, true, out);
  return std::string(out.view());
}

TEST(EngineUtf8, ValidSplitAtEveryPosition) {
  for (std::size_t cut = 0; cut <= kText.size(); ++cut) {
    Scenario scenario;
    scenario.steps = {
        {fromClient(1, kText.substr(0, cut), false) + fromClient(9, "p") + fromClient(0, kText.substr(cut))}};
    EXPECT_EQ(eventsOf(run(scenario)), (Lines{"ping \"p\"", "text " + shown(kText)}));
    const std::string deflated = compressed(kText);
    if (cut > deflated.size()) continue;
    scenario.compression = kDeflate;
    scenario.steps = {
        {fromClient(1, deflated.substr(0, cut), false, 4) + fromClient(0, deflated.substr(cut))}};
    EXPECT_EQ(eventsOf(run(scenario)), Lines{"text " + shown(kText)});
  }
}

const std::string kInvalid[] = {
    "\x80",
    "abc\xff",
    "\xc0\xaf",
    "\xe0\x80\xaf",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\xf8\x88\x80\x80\x80",
    "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80 edited",
    "\xce",
    "ok \xe2\x82",
    "\xf0\x9f\x98",
    "\xce"
    "abc",
    std::string(5000, 'a') + "\xe2\x28\xa1" + std::string(5000, 'b'),
};

TEST(EngineUtf8, InvalidIs1007) {
  for (const std::string& text : kInvalid) {
    for (const ReceiveMode mode : {ReceiveMode::message, ReceiveMode::frame, ReceiveMode::stream}) {
      for (const bool deflates : {false, true}) {
        for (const std::size_t cut : {std::size_t{0}, text.size() / 2, text.size()}) {
          const std::string wire = deflates ? compressed(text) : text;
          const std::size_t at = std::min(cut, wire.size());
          Scenario scenario{.mode = mode};
          if (deflates) scenario.compression = kDeflate;
          scenario.serverOptions.failByDrop = false;
          scenario.steps = {{fromClient(1, wire.substr(0, at), false, deflates ? 4 : 0) +
                             fromClient(0, wire.substr(at)) + fromClient(1, "late")}};
          const Outcome outcome = run(scenario, 8);
          ASSERT_EQ(outcome.log.back(), "drop");
          EXPECT_EQ(framesIn(outcome.output).at(0).payload.substr(0, 2), closePayload(1007));
          if (mode == ReceiveMode::message) {
            EXPECT_EQ(eventsOf(outcome), Lines{"drop"});
          }
        }
      }
    }
  }
}

/// The first octet that cannot be part of UTF-8 ends the connection; nothing behind it is waited for.
TEST(EngineUtf8, FailsAtTheFirstBadOctet) {
  struct {
    std::string good;
    char bad;
  } const cases[] = {{"abc", '\xff'},  {"\xe2", '\x28'},  {"\xed", '\xa0'},
                     {"\xf4", '\x90'}, {"\xf0\x9f", 'a'}, {"", '\x80'}};
  for (const auto& c : cases) {
    for (const bool windowed : {false, true}) {
      const std::string filler(windowed ? 40'000 : 0, 'x');
      const std::string payload = filler + c.good + c.bad;
      // The frame announces far more than ever comes.
      std::string bytes = frame({.payload = payload, .masked = true, .declared = 1'000'000});
      Engine engine = openServer();
      std::string head = bytes.substr(0, bytes.size() - 1);
      engine.feed(head);
      ASSERT_EQ(engine.next().type, EventType::none);
      const std::span<char> window = engine.receiveWindow();
      ASSERT_FALSE(window.empty());
      std::string last = bytes.substr(bytes.size() - 1);
      if (windowed) {
        window[0] = last[0];
        engine.received(1);
      } else {
        engine.feed(last);
      }
      EXPECT_EQ(engine.next().type, EventType::drop);
      EXPECT_THAT(engine.wasNotCleanReason(), ::testing::HasSubstr("1007"));
    }
  }
}

TEST(EngineUtf8, FailsAtTheFirstBadOctetOfACompressedMessage) {
  std::string text(3000, 'a');
  std::mt19937 random(1);
  for (char& c : text) c = static_cast<char>(' ' + random() % 90);
  text[10] = '\xff';
  const std::string wire = compressed(text);
  std::string bytes = fromClient(1, wire.substr(0, wire.size() / 2), false, 4);
  Engine engine = openServer({}, kDeflate);
  engine.feed(bytes);
  EXPECT_EQ(engine.next().type, EventType::drop);
}

TEST(EngineUtf8, SwitchedOff) {
  for (const bool deflates : {false, true}) {
    Scenario scenario;
    if (deflates) scenario.compression = kDeflate;
    scenario.serverOptions.utf8validateIncoming = false;
    scenario.steps = {
        {deflates ? fromClient(1, compressed("a\xff\xce"), true, 4) : fromClient(1, "a\xff\xce")}};
    EXPECT_EQ(eventsOf(run(scenario)), Lines{"text \"a\\xff\\xce\""});
  }
}

TEST(EngineUtf8, BinaryAndPingsAreNotText) {
  Scenario scenario;
  scenario.steps = {{fromClient(2, "\xff") + fromClient(9, "\xff") + fromClient(1, "\xce", false) +
                     fromClient(9, "\xff") + fromClient(0, "\xba") + fromClient(2, "\xce") +
                     fromClient(1, "\xce\xba")}};
  EXPECT_EQ(eventsOf(run(scenario)),
            (Lines{"binary \"\\xff\"", "ping \"\\xff\"", "ping \"\\xff\"", "text \"\\xce\\xba\"",
                   "binary \"\\xce\"", "text \"\\xce\\xba\""}));
}

}  // namespace
}  // namespace autobahn::websocket::testing
