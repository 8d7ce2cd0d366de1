// A client and a server engine talk to each other through pieces of random size: every message arrives.
#include <autobahn/websocket/compression.hpp>

#include <deque>

#include "testing/engine_harness.hpp"

namespace autobahn::websocket::testing {
namespace {

struct Side {
  Engine engine;
  std::deque<std::pair<std::string, bool>> expected;  ///< messages under way to this side
  std::string wire;                                   ///< bytes under way to this side
  std::size_t received = 0;
  bool open = false;
};

class Duel {
 public:
  explicit Duel(std::uint32_t seed)
      : random_(seed), client_{makeClient(), {}, {}}, server_{makeServer(), {}, {}} {
    if (pick(2) == 0) client_.engine.useBufferPool(pool_);
    if (pick(2) == 0) server_.engine.useBufferPool(pool_);
    client_.engine.start();
  }

  void run(int messages) {
    int sent = 0;
    for (int idle = 0; idle < 100'000; ++idle) {
      if (client_.open && server_.open && sent < messages) {
        pick(2) == 0 ? send(client_, server_) : send(server_, client_);
        ++sent;
      }
      move(client_, server_);
      move(server_, client_);
      const bool done = sent == messages && client_.expected.empty() && server_.expected.empty();
      if (done || ::testing::Test::HasFailure()) break;
    }
    EXPECT_EQ(client_.received + server_.received, static_cast<std::size_t>(messages));
    const TrafficStats& a = client_.engine.trafficStats();
    const TrafficStats& b = server_.engine.trafficStats();
    EXPECT_EQ(a.outgoingOctetsAppLevel, b.incomingOctetsAppLevel);
    EXPECT_EQ(b.outgoingOctetsAppLevel, a.incomingOctetsAppLevel);
    EXPECT_EQ(a.outgoingWebSocketMessages, b.incomingWebSocketMessages);
    closing();
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }

  Engine makeClient() {
    compress_ = pick(4) != 0;
    ClientOptions options;
    options.autoFragmentSize = pick(3) == 0 ? 1 + pick(3000) : 0;
    if (compress_) {
      PerMessageDeflateOffer offer;
      offer.requestNoContextTakeover = pick(2) == 0;
      offer.requestMaxWindowBits = pick(2) == 0 ? 0 : static_cast<int>(8 + pick(8));
      offer.acceptMaxWindowBits = pick(2) == 0;
      options.perMessageCompressionOffers = {offer};
    }
    return client(options);
  }
  Engine makeServer() {
    ServerOptions options;
    options.autoFragmentSize = pick(3) == 0 ? 1 + pick(3000) : 0;
    const bool asksTakeover = pick(2) == 0;
    const int bits = pick(2) == 0 ? 0 : static_cast<int>(8 + pick(8));
    const int memory = static_cast<int>(1 + pick(9));
    options.perMessageCompressionAccept = [=](const std::vector<PerMessageDeflateOffer>& offers) {
      PerMessageDeflateOfferAccept accept;
      accept.offer = offers.at(0);
      accept.requestNoContextTakeover = asksTakeover;
      if (accept.offer.acceptMaxWindowBits) accept.requestMaxWindowBits = bits;
      accept.memLevel = memory;
      return std::optional(accept);
    };
    return server(options);
  }

  std::string message(bool isBinary) {
    constexpr std::size_t kMost[] = {2, 130, 5000, 70'000, 200'000};
    const std::size_t size = pick(kMost[pick(5)]);
    std::string text;
    text.reserve(size);
    const int kind = static_cast<int>(pick(3));
    while (text.size() < size) {
      if (kind == 0)
        text += isBinary ? static_cast<char>(random_()) : static_cast<char>(' ' + pick(90));
      else if (kind == 1)
        text += "\xe2\x82\xac w" + std::to_string(pick(20));
      else
        text += std::string(1 + pick(500), static_cast<char>('a' + pick(26)));
    }
    if (isBinary) text.resize(size);
    return text;
  }

  void send(Side& from, Side& to) {
    const bool isBinary = pick(2) == 0;
    std::string text = message(isBinary);
    to.expected.emplace_back(text, isBinary);
    const SendOptions options{.fragmentSize = pick(3) == 0 ? 1 + pick(10'000) : 0,
                              .doNotCompress = pick(5) == 0};
    Engine& engine = from.engine;
    switch (pick(5)) {
      case 0:
        EXPECT_TRUE(engine.sendMessage(std::string_view(text), isBinary, options));
        break;
      case 1:
        EXPECT_TRUE(engine.sendMessage(std::move(text), isBinary, options));
        break;
      case 2:
        EXPECT_TRUE(engine.sendMessageBorrowed(text, isBinary, options));
        engine.output().settle();
        break;
      case 3:
        EXPECT_TRUE(engine.sendPreparedMessage(PreparedMessage(text, isBinary, options.doNotCompress)));
        break;
      default:
        stream(engine, text, isBinary, options.doNotCompress);
        break;
    }
    if (pick(4) == 0) engine.sendPing("ping");
  }

  void stream(Engine& engine, std::string_view text, bool isBinary, bool doNotCompress) {
    engine.beginMessage(isBinary, doNotCompress);
    while (!text.empty()) {
      std::string_view piece = text.substr(0, 1 + pick(20'000));
      text.remove_prefix(piece.size());
      if (pick(2) == 0) {
        engine.sendMessageFrame(piece);
        continue;
      }
      engine.beginMessageFrame(piece.size());
      if (pick(2) == 0) engine.sendPing("held");
      while (!piece.empty()) {
        const std::string_view part = piece.substr(0, 1 + pick(9000));
        piece.remove_prefix(part.size());
        EXPECT_EQ(engine.sendMessageFrameData(part), static_cast<std::int64_t>(piece.size()));
      }
    }
    engine.endMessage();
  }

  /// Some bytes of what `from` has to say reach `to`.
  void move(Side& from, Side& to) {
    to.wire += drain(from.engine, 1 + pick(50'000));
    constexpr std::size_t kMost[] = {1, 3, 20, 2000, 300'000};
    const std::size_t size = std::min(to.wire.size(), 1 + pick(kMost[pick(5)]));
    if (size == 0) return;
    const std::span<char> window = pick(2) == 0 ? to.engine.receiveWindow() : std::span<char>{};
    if (!window.empty()) {
      const std::size_t taken = std::min(size, window.size());
      std::copy_n(to.wire.data(), taken, window.data());
      to.wire.erase(0, taken);
      to.engine.received(taken);
      return pump(to);
    }
    std::vector<char> chunk(to.wire.begin(), to.wire.begin() + static_cast<std::ptrdiff_t>(size));
    to.wire.erase(0, size);
    to.engine.feed(chunk);
    pump(to);
  }

  void pump(Side& side) {
    for (Event event = side.engine.next(); event.type != EventType::none; event = side.engine.next()) {
      switch (event.type) {
        case EventType::connect:
          side.engine.accept({});
          break;
        case EventType::connected:
          side.engine.confirm();
          break;
        case EventType::open:
          side.open = true;
          EXPECT_EQ(side.engine.compression().has_value(), compress_);
          break;
        case EventType::ping:
          side.engine.sendPong(event.payload);
          break;
        case EventType::pong:
          break;
        case EventType::message:
          take(side, event);
          break;
        default:
          ADD_FAILURE() << "unexpected event; " << side.engine.wasNotCleanReason();
          return;
      }
    }
  }

  void take(Side& side, const Event& event) {
    ASSERT_FALSE(side.expected.empty());
    ASSERT_EQ(event.isBinary, side.expected.front().second);
    ASSERT_TRUE(event.payload == side.expected.front().first) << "message " << side.received;
    side.expected.pop_front();
    ++side.received;
  }

  void closing() {
    if (::testing::Test::HasFailure()) return;
    client_.engine.sendClose(3001, "done");
    std::string bytes = client_.wire + drain(server_.engine);
    client_.engine.feed(bytes);
    pump(client_);
    std::string request = server_.wire + drain(client_.engine);
    server_.engine.feed(request);
    Event event = server_.engine.next();
    while (event.type == EventType::pong || event.type == EventType::ping) event = server_.engine.next();
    EXPECT_EQ(event.type, EventType::drop);
    std::string answer = drain(server_.engine);
    client_.engine.feed(answer);
    EXPECT_EQ(client_.engine.next().type, EventType::none);
    server_.engine.transportLost();
    client_.engine.transportLost();
    EXPECT_TRUE(client_.engine.closeInfo().wasClean);
    EXPECT_EQ(server_.engine.closeInfo().code, 3001);
  }

  std::mt19937 random_;
  bool compress_ = false;
  util::BufferPool pool_;
  Side client_;
  Side server_;
};

TEST(EngineDuel, ManyConnectionsManyMessages) {
  for (std::uint32_t seed = 1; seed <= 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Duel(seed).run(40);
  }
}

}  // namespace
}  // namespace autobahn::websocket::testing
