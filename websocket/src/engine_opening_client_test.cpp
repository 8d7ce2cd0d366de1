// The client's opening handshake (RFC 6455 section 4.1).
#include "handshake.hpp"
#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// A started client and the key it sent.
struct Started {
  Engine engine;
  std::string request;
  std::string key;
};

Started started(ClientOptions options = {}, ClientRequest request = clientRequest()) {
  Started result{client(std::move(options), std::move(request)), {}, {}};
  result.engine.start();
  result.request = drain(result.engine);
  const std::string name = "Sec-WebSocket-Key: ";
  const std::size_t at = result.request.find(name) + name.size();
  result.key = result.request.substr(at, result.request.find("\r\n", at) - at);
  return result;
}

std::string answer(const Started& to, const std::string& extra = "") {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\nSec-WebSocket-Accept: " +
         acceptKey(to.key) + "\r\n" + extra + "\r\n";
}

/// Feeds `bytes` in pieces of `size` and notes the events.
Lines feedAll(Engine& engine, const std::string& bytes, std::size_t size, bool confirms = true) {
  Lines lines;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    std::string piece = bytes.substr(at, size);
    engine.feed(piece);
    for (Event event = engine.next(); event.type != EventType::none; event = engine.next()) {
      if (event.type == EventType::connected) {
        lines.push_back("connected");
        if (confirms) engine.confirm();
      } else if (event.type == EventType::open) {
        lines.push_back("open");
      } else if (event.type == EventType::message) {
        lines.push_back(shown(event.payload));
      } else {
        lines.push_back(event.abort ? "drop abort" : "drop");
      }
    }
  }
  return lines;
}

TEST(EngineClientOpening, Request) {
  ClientRequest request = clientRequest();
  request.protocols = {"chat", "superchat"};
  request.origin = "http://example.com";
  ClientOptions options;
  options.perMessageCompressionOffers = {PerMessageDeflateOffer{}};
  const Started client = started(options, request);
  EXPECT_THAT(client.request, ::testing::StartsWith("GET /chat HTTP/1.1\r\nHost: server.example.com\r\n"));
  EXPECT_THAT(client.request, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
  EXPECT_THAT(client.request, HasSubstr("Sec-WebSocket-Protocol: chat, superchat\r\n"));
  EXPECT_THAT(client.request, HasSubstr("Sec-WebSocket-Extensions: permessage-deflate"));
  EXPECT_THAT(client.request, HasSubstr("Origin: http://example.com\r\n"));
  EXPECT_EQ(client.key.size(), 24u);
  EXPECT_NE(client.key, started().key);
}

TEST(EngineClientOpening, RequestMayBeChangedUntilStart) {
  Engine engine = client();
  engine.clientRequest().headers.add("X-Token", "abc");
  engine.start();
  EXPECT_THAT(drain(engine), HasSubstr("X-Token: abc\r\n"));
}

TEST(EngineClientOpening, FramesBehindTheAnswer) {
  const std::string frames = fromServer(1, "first") + fromServer(1, "second");
  for (const std::size_t size : {1000U, 1U, 7U, 130U}) {
    Started client = started();
    EXPECT_EQ(feedAll(client.engine, answer(client) + frames, size),
              (Lines{"connected", "open", "\"first\"", "\"second\""}));
    EXPECT_EQ(client.engine.state(), State::open);
  }
  // Confirmed later: the bytes have gone away meanwhile.
  for (const std::size_t size : {1000U, 1U, 50U}) {
    Started client = started();
    EXPECT_EQ(feedAll(client.engine, answer(client) + frames, size, false), Lines{"connected"});
    client.engine.confirm();
    EXPECT_EQ(client.engine.next().type, EventType::open);
    EXPECT_EQ(client.engine.next().payload, "first");
    EXPECT_EQ(client.engine.next().payload, "second");
    EXPECT_EQ(client.engine.next().type, EventType::none);
  }
}

TEST(EngineClientOpening, NegotiatedIsInForce) {
  ClientRequest request = clientRequest();
  request.protocols = {"chat"};
  ClientOptions options;
  options.perMessageCompressionOffers = {PerMessageDeflateOffer{}};
  Started client = started(options, request);
  feedAll(client.engine,
          answer(client,
                 "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate; "
                 "client_max_window_bits=10\r\n"),
          10);
  EXPECT_EQ(client.engine.subprotocol(), "chat");
  ASSERT_TRUE(client.engine.compression().has_value());
  EXPECT_EQ(client.engine.compression()->clientMaxWindowBits, 10);
}

TEST(EngineClientOpening, BadAnswers) {
  const std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  struct {
    std::function<std::string(const Started&)> answer;
    const char* reason;
  } const cases[] = {
      {[&](const Started&) {
         return "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nnope"s;
       },
       "404"},
      {[&](const Started&) { return "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"s; },
       "Location"},
      {[&](const Started&) {
         return "HTTP/1.1 500 x\r\nContent-Length: 100000000\r\n\r\n"s + std::string(70'000, 'b');
       },
       "500"},
      {[&](const Started&) { return head + "Sec-WebSocket-Accept: AAAA\r\n\r\n"; }, "Sec-WebSocket-Accept"},
      {[&](const Started&) { return head + "\r\n"; }, "Sec-WebSocket-Accept"},
      {[&](const Started& to) { return answer(to, "Sec-WebSocket-Protocol: mqtt\r\n"); },
       "Sec-WebSocket-Protocol"},
      {[&](const Started& to) { return answer(to, "Sec-WebSocket-Extensions: permessage-deflate\r\n"); },
       "Sec-WebSocket-Extensions"},
      {[&](const Started&) { return "SSH-2.0-OpenSSH_9.2\r\n\r\n"s; }, "malformed"},
      {[&](const Started&) { return head + "X: " + std::string(20'000, 'a') + "\r\n\r\n"; }, "malformed"},
  };
  for (const auto& c : cases) {
    for (const std::size_t size : {100'000U, 1U, 13U}) {
      Started client = started();
      EXPECT_EQ(feedAll(client.engine, c.answer(client) + fromServer(1, "x"), size), Lines{"drop abort"})
          << c.reason;
      EXPECT_THAT(client.engine.wasNotCleanReason(), HasSubstr(c.reason));
      client.engine.transportLost();
      EXPECT_EQ(client.engine.closeInfo().code, 1006);
      EXPECT_FALSE(client.engine.wasEverOpen());
    }
  }
}

TEST(EngineClientOpening, RefusalThatLastsUntilTheEnd) {
  Started client = started();
  EXPECT_EQ(feedAll(client.engine, "HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\n\r\ntry later", 5),
            Lines{});
  client.engine.transportLost();
  EXPECT_THAT(client.engine.wasNotCleanReason(), HasSubstr("503"));
  EXPECT_THAT(client.engine.wasNotCleanReason(), HasSubstr("try later"));
}

TEST(EngineClientOpening, Reject) {
  Started client = started();
  EXPECT_EQ(feedAll(client.engine, answer(client) + fromServer(1, "x"), 1000, false), Lines{"connected"});
  client.engine.reject("do not like it");
  const Event event = client.engine.next();
  EXPECT_TRUE(event.type == EventType::drop && event.abort);
  EXPECT_THAT(client.engine.wasNotCleanReason(), HasSubstr("do not like it"));
  client.engine.confirm();
  EXPECT_EQ(client.engine.next().type, EventType::none);
  EXPECT_FALSE(client.engine.wasEverOpen());
}

TEST(EngineClientOpening, ConfirmOutOfPlace) {
  Started client = started();
  EXPECT_THROW(client.engine.confirm(), InvalidState);
  EXPECT_THROW(client.engine.accept({}), InvalidState);
  EXPECT_THROW(client.engine.respond({}), InvalidState);
  feedAll(client.engine, answer(client), 1000);
  EXPECT_THROW(client.engine.confirm(), InvalidState);
  EXPECT_THROW(client.engine.start(), InvalidState);
}

TEST(EngineClientOpening, Timeout) {
  Started client = started();
  EXPECT_EQ(client.engine.nextDeadline(), kStart + 5s);
  client.engine.setTime(kStart + 5s);
  client.engine.handleTimeout();
  const Event event = client.engine.next();
  EXPECT_TRUE(event.type == EventType::drop && event.abort);
  EXPECT_THAT(client.engine.wasNotCleanReason(), HasSubstr("opening handshake in time"));
}

}  // namespace
}  // namespace autobahn::websocket::testing
