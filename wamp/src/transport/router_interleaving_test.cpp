// A router in its own thread, and clients in several others over all transports, all of whom do random things
// at once. What must hold, however they interleave: each request is answered once, each event comes once and
// in its publisher's order, and in the end nothing is left.
#include <gtest/gtest.h>

#include <asio/executor_work_guard.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "testing/random_client.hpp"

namespace autobahn::wamp {
namespace {

using testing::RandomClient;

constexpr int kThreads = 4;
constexpr int kSteps = 300;
constexpr int kMortals = 20;  // one after the other, in each thread

class Player;

/// What all players share. The list is complete before the threads begin.
struct Game {
  std::vector<std::shared_ptr<Player>> players;
  std::atomic<std::size_t> ready = 0;

  void begin();
};

/// Plays to the end, subscribed to topics that all players publish to.
class Player : public RandomClient {
 public:
  struct Publication {
    std::string topic;
    bool excludesMe = false;
  };
  struct Pattern {
    const char* uri;
    Match match;
  };

  Player(Game& game, asio::io_context& io, unsigned seed, int number)
      : RandomClient(io, seed + static_cast<unsigned>(number), "player " + std::to_string(number)),
        game_(game),
        number_(number) {}

  void begin() {
    asio::post(io(), [this, self = shared_from_this()] { startPlaying(kSteps); });
  }
  const std::vector<Publication>& published() const { return published_; }

  /// That it has heard all publications of `other` that it should have, each once and in order.
  void checkHeard(const Player& other) {
    for (const Pattern& pattern : patterns()) {
      std::vector<std::size_t> expected;
      for (std::size_t i = 0; i < other.published_.size(); ++i) {
        const Publication& each = other.published_[i];
        const bool fits =
            pattern.match == Match::prefix ? each.topic.starts_with(pattern.uri) : each.topic == pattern.uri;
        if (fits && !(&other == this && each.excludesMe)) expected.push_back(i);
      }
      EXPECT_EQ((heard_[{pattern.uri, other.number_}]), expected)
          << name() << " of " << other.name() << " by " << pattern.uri;
    }
  }

 protected:
  void joined() override {
    for (const Pattern& each : patterns()) {
      message::Subscribe request{
          .request = nextRequest(), .options = {.match = each.match}, .topic = Text(each.uri)};
      asked_[request.request] = each.uri;
      ask(std::move(request));
    }
    message::Subscribe request{.request = nextRequest(), .topic = Text("com.end")};
    asked_[request.request] = "com.end";
    ask(std::move(request));
  }
  void subscribed(Id request, Id subscription) override {
    const auto found = asked_.find(request);
    if (found == asked_.end()) return;
    patternOf_[subscription] = found->second;
    asked_.erase(found);
    if (asked_.empty() && ++game_.ready == game_.players.size()) game_.begin();
  }
  bool publishOwn() override {
    message::Publish request{.request = nextRequest(), .topic = Text("com.t." + std::to_string(pick(3)))};
    const bool excludesMe = isOneIn(2);
    request.options.excludeMe = excludesMe;
    request.payload = Payload(List{number_, published_.size()});
    published_.push_back({request.topic.string(), excludesMe});
    if (pick(3) == 0) {
      say(std::move(request));
    } else {
      request.options.acknowledge = true;
      ask(std::move(request));
    }
    return true;
  }
  void heardEvent(const message::Event& event) override {
    const auto found = patternOf_.find(event.subscription);
    if (found == patternOf_.end()) return;
    if (found->second == "com.end") return heardEnd();
    const List& args = event.payload.args();
    heard_[{found->second, static_cast<int>(args.at(0).asInt64())}].push_back(
        static_cast<std::size_t>(args.at(1).asUint64()));
  }
  void played() override {
    if (std::exchange(hasEnded_, true)) return;
    message::Publish end{.request = nextRequest(), .topic = Text("com.end")};
    end.options.acknowledge = true;
    end.options.excludeMe = false;
    ask(std::move(end));
  }

 private:
  // A third has each of these.
  std::vector<Pattern> patterns() const {
    if (number_ % 3 == 0) return {{"com.t.", Match::prefix}};
    if (number_ % 3 == 1) return {{"com.t.0", Match::exact}, {"com.t.", Match::prefix}};
    return {{"com.t.1", Match::exact}, {"com.t.2", Match::exact}};
  }
  // Whoever says so has all answers, and everybody has what it published before.
  void heardEnd() {
    if (++ends_ < game_.players.size()) return;
    setLeaving();
    say(message::Goodbye{.reason = Text(close::kNormal)});
  }

  Game& game_;
  int number_;
  std::map<Id, std::string> asked_;
  std::map<Id, std::string> patternOf_;
  std::vector<Publication> published_;
  std::map<std::pair<std::string, int>, std::vector<std::size_t>> heard_;
  std::size_t ends_ = 0;
  bool hasEnded_ = false;
};

void Game::begin() {
  for (const auto& each : players) each->begin();
}

/// Dies in the middle of it, in one of several ways.
class Mortal : public RandomClient {
 public:
  Mortal(asio::io_context& io, unsigned seed) : RandomClient(io, seed, "mortal " + std::to_string(seed)) {
    left_ = 2 + pick(30);
    how_ = pick(4);
  }

 protected:
  void joined() override { startPlaying(1'000'000); }
  void heardOne() override {
    if (--left_ > 0 || !transport()) return;
    if (left_ < 0) return;
    setLeaving();
    if (how_ == 0) transport()->abort();
    if (how_ == 1) transport()->close();
    if (how_ == 2) say(message::Goodbye{.reason = Text(close::kNormal)});
    if (how_ == 3) say(message::Yield{.request = 1'000'000});  // the router ends it for that
  }

 private:
  int left_ = 0;
  int how_ = 0;
};

/// One thread of clients.
class Table {
 public:
  Table(RouterServer& server, std::vector<TransportConfig> transports)
      : server_(server), transports_(std::move(transports)) {}

  asio::io_context& io() { return io_; }
  /// One for each transport; the last is for clients within the process.
  std::size_t places() const { return transports_.size() + 1; }
  void seat(std::shared_ptr<RandomClient> client, std::size_t place) {
    ++live_;
    client->onGone = [this] { gone(); };
    seated_.push_back(client);
    if (place == transports_.size()) return server_.connectLocal(std::move(client), io_.get_executor());
    asio::post(io_, [this, client = std::move(client), place] {
      connections_.push_back(connectTransport(io_, transports_[place], client));
    });
  }
  void start(unsigned seed) {
    seed_ = seed;
    mortalsLeft_ = kMortals;
    asio::post(io_, [this] { seatMortal(); });
    thread_ = std::thread([this] { run(); });
  }
  void join() { thread_.join(); }

 private:
  void seatMortal() {
    const auto mortal = std::make_shared<Mortal>(io_, seed_ + static_cast<unsigned>(mortalsLeft_));
    seat(mortal, static_cast<std::size_t>(mortalsLeft_) % places());
    mortal->onGone = [this] {
      if (--mortalsLeft_ > 0) asio::post(io_, [this] { seatMortal(); });
      gone();
    };
  }
  void gone() {
    if (--live_ > 0 || mortalsLeft_ > 0) return;
    limit_.cancel();
    guard_.reset();
  }
  void run() {
    limit_.expires_after(std::chrono::seconds(30));
    limit_.async_wait([this](std::error_code error) {
      if (error) return;
      ADD_FAILURE() << "it did not come to an end: " << live_ << " clients are left";
      for (const auto& each : seated_) {
        if (const auto there = each.lock()) ADD_FAILURE() << there->state();
      }
      io_.stop();
    });
    io_.run();
    connections_.clear();
  }

  RouterServer& server_;
  std::vector<TransportConfig> transports_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_ = asio::make_work_guard(io_);
  asio::steady_timer limit_{io_};
  std::vector<std::unique_ptr<ClientConnection>> connections_;
  std::vector<std::weak_ptr<RandomClient>> seated_;
  std::atomic<int> live_ = 0;
  int mortalsLeft_ = 0;
  unsigned seed_ = 0;
  std::thread thread_;
};

/// The router in its thread, and its connections in as many.
class Routing {
 public:
  explicit Routing(std::size_t threads) : server_({}, threads) {
    server_.router().addRealm({.name = "realm1"});
    urls_ = {server_.listen("ws://127.0.0.1:0/ws").url, server_.listen("rs://127.0.0.1:0").url};
    thread_ = std::thread([this] { server_.run(); });
  }

  RouterServer& server() { return server_; }
  /// How to get there; with another serializer for each `number`.
  std::vector<TransportConfig> transports(int number) const {
    const char* const serializers[] = {"cbor", "json", "msgpack", "ubjson"};
    std::vector<TransportConfig> made(urls_.begin(), urls_.end());
    for (TransportConfig& each : made) each.serializers = SerializerSet({serializers[number % 4]});
    return made;
  }
  /// Waits until all have gone; what the router says then.
  RouterStatistics end() {
    RouterStatistics last;
    asio::steady_timer timer(server_.context());
    int turns = 20'000;
    const std::function<void()> look = [&] {
      if (server_.connectionCount() > 0 && --turns > 0) {
        timer.expires_after(std::chrono::milliseconds(1));
        return timer.async_wait([&](std::error_code) { look(); });
      }
      EXPECT_EQ(server_.connectionCount(), 0U);
      last = server_.router().statistics();
      server_.stop();
    };
    asio::post(server_.context(), look);
    thread_.join();
    return last;
  }

 private:
  RouterServer server_;
  std::vector<std::string> urls_;
  std::thread thread_;
};

void checkEnd(const RouterStatistics& last, const Game& game) {
  int calls = 0;
  for (const auto& subscriber : game.players) {
    calls += subscriber->answeredCalls();
    for (const auto& publisher : game.players) subscriber->checkHeard(*publisher);
  }
  ASSERT_EQ(last.realms.size(), 1U);
  const RealmStatistics& realm = last.realms[0];
  EXPECT_EQ(realm.joined, game.players.size() + kThreads * kMortals);
  EXPECT_EQ(realm.sessions, 0U);
  EXPECT_EQ(realm.subscriptions, 0U);
  EXPECT_EQ(realm.registrations, 0U);
  EXPECT_EQ(realm.pendingCalls, 0U);
  EXPECT_EQ(realm.waitingCalls, 0U);
  EXPECT_EQ(last.transports, 0U);
  // It was a game.
  EXPECT_GT(calls, 500);
  EXPECT_GT(realm.calls.results, 200U);
  EXPECT_GT(realm.calls.rerouted, 0U);
  EXPECT_GT(realm.calls.abandoned, 0U);
}

void play(unsigned seed, std::size_t routerThreads) {
  Routing routing(routerThreads);
  Game game;
  std::vector<std::unique_ptr<Table>> tables;
  for (int i = 0; i < kThreads; ++i) {
    tables.push_back(std::make_unique<Table>(routing.server(), routing.transports(i)));
  }
  for (const auto& table : tables) {
    for (std::size_t place = 0; place < table->places(); ++place) {
      const int number = static_cast<int>(game.players.size());
      game.players.push_back(std::make_shared<Player>(game, table->io(), seed, number));
    }
  }
  std::size_t next = 0;
  for (const auto& table : tables) {
    for (std::size_t place = 0; place < table->places(); ++place) table->seat(game.players[next++], place);
  }
  for (const auto& table : tables) table->start(seed += 100);
  for (const auto& table : tables) table->join();
  checkEnd(routing.end(), game);
}

// AUTOBAHN_INTERLEAVING_GAMES: how often; in turn with one thread of the router's and with three.
TEST(RouterInterleaving, EverythingIsAnsweredOnceAndNothingIsLeft) {
  const char* const given = std::getenv("AUTOBAHN_INTERLEAVING_GAMES");
  const unsigned games = given == nullptr ? 4 : static_cast<unsigned>(std::stoul(given));
  for (unsigned game = 1; game <= games && !HasFailure(); ++game) {
    play(1000 * game, game % 2 == 1 ? 1 : 3);
  }
}

}  // namespace
}  // namespace autobahn::wamp
