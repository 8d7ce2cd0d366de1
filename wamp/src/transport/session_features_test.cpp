// What sessions can do, against our router, over every transport and serializer.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <asio/steady_timer.hpp>
#include <autobahn/wamp/connector.hpp>
#include <autobahn/wamp/router_server.hpp>
#include <autobahn/wamp/session.hpp>
#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "../testing/session_peers.hpp"
#include "util/src/net/testing/certificates.hpp"

namespace autobahn::wamp {
namespace {

using ::testing::ElementsAre;
using testing::TestSession;

struct Way {
  std::string transport;   ///< "local", "ws", "wss", "rs", "rss", "unix"
  std::string serializer;  ///< empty for "local"
};

std::string nameOf(const ::testing::TestParamInfo<Way>& info) {
  std::string name =
      info.param.transport + (info.param.serializer.empty() ? "" : "_") + info.param.serializer;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

void PrintTo(const Way& way, std::ostream* out) { *out << way.transport << ' ' << way.serializer; }

std::vector<Way> allWays() {
  std::vector<Way> ways = {{"local", ""}};
  for (const char* transport : {"ws", "rs", "unix", "wss", "rss"}) {
    for (const char* serializer : {"json", "msgpack", "cbor", "ubjson", "flatbuffers"}) {
      ways.push_back({transport, serializer});
    }
  }
  for (const char* serializer : {"json", "msgpack", "cbor", "json.batched", "msgpack.batched"}) {
    ways.push_back({"http", serializer});
  }
  ways.push_back({"https", "json"});
  ways.push_back({"ws", "json.batched"});
  ways.push_back({"ws", "cbor.batched"});
  return ways;
}

/// A router and sessions on one loop.
class Features : public ::testing::TestWithParam<Way> {
 protected:
  Features() {
    server.router().addRealm({.name = "realm1"});
    const std::string& transport = GetParam().transport;
    if (transport == "local") return;
    RouterListenOptions options;
    if (isSecure()) {
      options.tls.emplace();
      options.tls->certificate = authority().server.certificate;
      options.tls->key = authority().server.key;
    }
    if (isLongPoll()) {
      options.longPollPath = "/lp";
      const std::string scheme = isSecure() ? "wss" : "ws";
      const auto where = server.listen(scheme + "://127.0.0.1:0", std::move(options));
      url = transport + "://127.0.0.1:" + std::to_string(where.port) + "/lp";
      return;
    }
    const std::string where =
        transport == "unix" ? "rs+unix://" + socketPath() : transport + "://127.0.0.1:0";
    url = server.listen(where, std::move(options)).url;
  }
  ~Features() override {
    for (const auto& each : sessions) each->disconnect();
    runUntil([&] {
      return std::all_of(sessions.begin(), sessions.end(), [](auto& each) { return !each->isConnected(); });
    });
  }

  static std::string socketPath() {
    return ::testing::TempDir() + "wamp-" + std::to_string(::getpid()) + ".sock";
  }

  std::shared_ptr<TestSession> add(TestSession::Body body) {
    auto session = std::make_shared<TestSession>(std::move(body));
    sessions.push_back(session);
    connect(session);
    return session;
  }

  void connect(const std::shared_ptr<TestSession>& session) {
    if (url.empty()) return server.connectLocal(session);
    TransportConfig config(url);
    config.serializers = SerializerSet({GetParam().serializer});
    if (isSecure()) {
      config.tls.emplace();
      config.tls->ca = authority().ca.certificate;
    }
    connections.push_back(connectTransport(io, config, session));
  }
  bool isLongPoll() const { return GetParam().transport.starts_with("http"); }
  bool isSecure() const {
    const std::string& transport = GetParam().transport;
    return transport == "wss" || transport == "rss" || transport == "https";
  }
  /// Whether sessions are bound to their TLS connection.
  bool isBound() const { return isSecure() && !isLongPoll(); }
  static const util::testing::TestAuthority& authority() {
    static const util::testing::TestAuthority made;
    return made;
  }

  /// Runs the loop until `isDone`; a failure after ten seconds.
  template <class Condition>
  void runUntil(Condition isDone) {
    bool isLate = false;
    asio::steady_timer limit(io, std::chrono::seconds(10));
    limit.async_wait([&](std::error_code error) { isLate = !error; });
    io.restart();
    while (!isDone() && !isLate) io.run_one();
    EXPECT_FALSE(isLate) << "it did not come about";
    limit.cancel();
    io.restart();
    io.poll();
  }
  void runUntilDone(const std::shared_ptr<TestSession>& session) {
    runUntil([&] { return session->isDone || !session->userErrors.empty() || !session->left.empty(); });
    EXPECT_THAT(session->userErrors, ElementsAre());
    EXPECT_TRUE(session->isDone) << (session->left.empty()
                                         ? std::string("no answer")
                                         : session->left[0].reason + " " + session->left[0].message);
  }
  /// A session that has registered and subscribed what `body` does.
  std::shared_ptr<TestSession> addReady(TestSession::Body body) {
    auto session = add(std::move(body));
    runUntilDone(session);
    return session;
  }

  asio::io_context io{1};
  RouterServer server{io};
  std::string url;
  std::vector<std::shared_ptr<TestSession>> sessions;
  std::vector<std::unique_ptr<ClientConnection>> connections;
};

TEST_P(Features, TheFourRoles) {
  std::vector<std::string> events;
  addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.add2", [](int x, int y) { return x + y; });
    co_await self.subscribe("com.myapp.hello",
                            [&](std::string text, int n) { events.push_back(text + std::to_string(n)); });
  });
  int sum = 0;
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.publishAcknowledged("com.myapp.hello", "hello", 1);
    sum = co_await self.call<int>("com.myapp.add2", 2, 3);
  });
  runUntilDone(caller);
  runUntil([&] { return !events.empty(); });
  EXPECT_EQ(sum, 5);
  EXPECT_THAT(events, ElementsAre("hello1"));
  EXPECT_EQ(caller->sessionDetails().transport.serializer, GetParam().serializer);
  EXPECT_EQ(caller->transport()->getChannelId("tls-exporter").size(), isBound() ? 32u : 0u);
}

/// Lets everybody in and keeps where they come from.
class PeerSpy final : public Authenticator {
 public:
  class Accepting final : public Authentication {
   public:
    void start(Answer answer) override { answer(AuthAccept{.authid = "a", .authrole = "r"}); }
    void authenticate(const message::Authenticate&, Answer) override {}
  };
  bool handles(std::string_view method) const override { return method == "anonymous"; }
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override {
    peer = std::move(request.peer);
    return std::make_unique<Accepting>();
  }
  PeerDetails peer;
};

TEST_P(Features, TheRouterKnowsTheConnection) {
  const auto spy = std::make_shared<PeerSpy>();
  server.router().addRealm({.name = "spied", .authenticators = {spy}});
  const auto session = std::make_shared<TestSession>(TestSession::Body(), ComponentConfig{"spied"});
  sessions.push_back(session);
  connect(session);
  runUntilDone(session);
  EXPECT_EQ(spy->peer.isSecure, isSecure());
  EXPECT_EQ(spy->peer.serializer, GetParam().serializer);
  ASSERT_EQ(spy->peer.channels.size(), isBound() ? 1u : 0u);
  if (!isBound()) return;
  EXPECT_EQ(spy->peer.channels[0].type, "tls-exporter");
  EXPECT_EQ(spy->peer.channels[0].data, session->transport()->getChannelId("tls-exporter"));
}

TEST_P(Features, ArgumentsOfAllKindsComeBackAsTheyWent) {
  addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.echo", [](CallArgs args) {
      return CallResult{std::move(args.args), std::move(args.kwargs)};
    });
  });
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const CallArgs sent{{nullptr, true, least, most, 9007199254740993, 2.5, "Grüße, 世界 \"\\\n",
                       Bytes(std::string("\0\xff", 2)), List{1, List{}, Dict{}}, Dict{{"k", Dict{{"", 1}}}}},
                      {{"name", "value"}}};
  CallResult result;
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    result = co_await self.call<CallResult>("com.myapp.echo", sent);
  });
  runUntilDone(caller);
  EXPECT_EQ(result.results, sent.args);
  EXPECT_EQ(result.kwresults, sent.kwargs);
}

TEST_P(Features, ErrorsKeepUriAndArguments) {
  addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.fail", [](int what) {
      if (what == 0) throw ApplicationError("com.myapp.error", {1, "two"}, {{"three", 3}});
      throw std::runtime_error("broken");
    });
  });
  std::vector<std::string> errors;
  Dict kwargs;
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    for (const char* procedure : {"com.myapp.fail", "com.myapp.fail", "com.myapp.fail", "com.myapp.none"}) {
      try {
        const auto count = static_cast<int>(errors.size());
        if (count == 2) {
          co_await self.call<void>(procedure, "text");
        } else {
          co_await self.call<void>(procedure, count);
        }
      } catch (const ApplicationError& error) {
        errors.push_back(error.error());
        if (!error.kwargs().empty()) kwargs = error.kwargs();
      }
    }
  });
  runUntilDone(caller);
  EXPECT_THAT(errors, ElementsAre("com.myapp.error", error::kRuntimeError, error::kInvalidArgument,
                                  error::kNoSuchProcedure));
  EXPECT_EQ(kwargs, (Dict{{"three", 3}}));
}

TEST_P(Features, ProgressiveResults) {
  addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.count",
                                    [&self](int n, CallDetails details) -> asio::awaitable<int> {
                                      asio::steady_timer timer(self.executor());
                                      for (int i = 0; i < n; ++i) {
                                        details.progress(i);
                                        timer.expires_after(std::chrono::milliseconds(0));
                                        co_await timer.async_wait(asio::use_awaitable);
                                      }
                                      co_return n;
                                    });
  });
  std::vector<int> seen;
  int final = 0;
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    CallOptions options;
    options.onProgress = [&](CallResult result) { seen.push_back(convert<int>(result.results.at(0))); };
    final = co_await self.call<int>("com.myapp.count", 3, options);
  });
  runUntilDone(caller);
  EXPECT_THAT(seen, ElementsAre(0, 1, 2));
  EXPECT_EQ(final, 3);
}

TEST_P(Features, ProgressiveInvocations) {
  if (GetParam().serializer == "flatbuffers")
    GTEST_SKIP() << "its schema has no place for CALL.Options.progress";
  addReady([&](TestSession& self) -> asio::awaitable<void> {
    auto sum = std::make_shared<int>(0);
    const auto add = [sum](int n, CallDetails details) {
      *sum += n;
      return details.moreToCome ? 0 : *sum;
    };
    co_await self.registerProcedure("com.myapp.sum", add);
  });
  int sum = 0;
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    CallOptions options;
    options.progress = true;
    options.control.emplace();
    const CallControl control = *options.control;
    asio::post(self.executor(), [control] {
      EXPECT_TRUE(control.send(2));
      EXPECT_TRUE(control.finish(3));
    });
    sum = co_await self.call<int>("com.myapp.sum", 1, options);
    EXPECT_FALSE(control.send(4));
  });
  runUntilDone(caller);
  EXPECT_EQ(sum, 6);
}

TEST_P(Features, CancelAndTimeoutReachTheCallee) {
  int interrupted = 0;
  addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.sleep", [&]() -> asio::awaitable<void> {
      asio::steady_timer timer(self.executor(), std::chrono::hours(1));
      try {
        co_await timer.async_wait(asio::use_awaitable);
      } catch (const std::system_error&) {
        ++interrupted;
        throw;
      }
    });
  });
  std::vector<std::string> errors;
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      CallOptions options;
      options.control.emplace();
      if (i == 0) options.timeout = std::chrono::milliseconds(1);
      if (i == 1) options.cancelMode = CancelMode::kill;
      const CallControl control = *options.control;
      if (i > 0) asio::post(self.executor(), [control] { control.cancel(); });
      try {
        co_await self.call<void>("com.myapp.sleep", options);
      } catch (const ApplicationError& error) {
        errors.push_back(error.error());
      }
    }
  });
  runUntilDone(caller);
  runUntil([&] { return interrupted == 3; });
  EXPECT_THAT(errors, ElementsAre(error::kTimeout, error::kCanceled, error::kCanceled));
}

TEST_P(Features, IdentityIsDisclosedWhenAsked) {
  if (GetParam().serializer == "flatbuffers") GTEST_SKIP() << "its schema has no place for disclose_me";
  std::vector<std::optional<Id>> seen;
  std::vector<std::optional<std::string>> names;
  addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.f", [&](CallDetails details) {
      seen.push_back(details.caller);
      names.insert(names.end(), {details.callerAuthid, details.callerAuthrole});
    });
    co_await self.subscribe("com.myapp.t", [&](EventDetails details) {
      seen.push_back(details.publisher);
      names.insert(names.end(), {details.publisherAuthid, details.publisherAuthrole});
    });
  });
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.call<void>("com.myapp.f");
    const CallOptions openly{.discloseMe = true};
    co_await self.call<void>("com.myapp.f", openly);
    const PublishOptions signedBy{.discloseMe = true};
    co_await self.publishAcknowledged("com.myapp.t", signedBy);
  });
  runUntilDone(caller);
  runUntil([&] { return seen.size() == 3; });
  EXPECT_FALSE(seen[0]);
  EXPECT_EQ(seen[1], caller->sessionId());
  EXPECT_EQ(seen[2], caller->sessionId());
  const std::string& authid = caller->sessionDetails().authid;
  const std::string& authrole = caller->sessionDetails().authrole;
  EXPECT_THAT(names, ElementsAre(std::nullopt, std::nullopt, authid, authrole, authid, authrole));
}

TEST_P(Features, PatternsTellWhatWasMeant) {
  std::vector<std::string> seen;
  addReady([&](TestSession& self) -> asio::awaitable<void> {
    const RegisterOptions byPrefix{.match = Match::prefix};
    co_await self.registerProcedure(
        "com.myapp.api", [](CallDetails details) { return details.procedure; }, byPrefix);
    const SubscribeOptions byWildcard{.match = Match::wildcard};
    co_await self.subscribe(
        "com..update", [&](EventDetails details) { seen.push_back(details.topic); }, byWildcard);
  });
  std::string called;
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    called = co_await self.call<std::string>("com.myapp.api.anything");
    co_await self.publishAcknowledged("com.a.update");
  });
  runUntilDone(caller);
  runUntil([&] { return !seen.empty(); });
  EXPECT_EQ(called, "com.myapp.api.anything");
  EXPECT_THAT(seen, ElementsAre("com.a.update"));
}

TEST_P(Features, ReceiversAndRetainedEvents) {
  std::vector<std::string> seen;
  const auto subscriber = addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.subscribe("com.myapp.t", [&](std::string text) { seen.push_back(text); });
  });
  const auto publisher = addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.subscribe("com.myapp.t", [&](std::string text) { seen.push_back("self " + text); });
    const PublishOptions notThem{.exclude = std::vector<Id>{subscriber->sessionId()}};
    co_await self.publishAcknowledged("com.myapp.t", "a", notThem);
    const PublishOptions meToo{.excludeMe = false, .retain = true};
    co_await self.publishAcknowledged("com.myapp.t", "b", meToo);
  });
  runUntil([&] { return seen.size() == 2; });
  EXPECT_THAT(seen, ::testing::UnorderedElementsAre("b", "self b"));
  bool wasRetained = false;
  const auto late = add([&](TestSession& self) -> asio::awaitable<void> {
    const SubscribeOptions options{.getRetained = true};
    co_await self.subscribe(
        "com.myapp.t",
        [&](std::string text, EventDetails details) {
          wasRetained = details.retained;
          seen.push_back("late " + text);
        },
        options);
  });
  runUntil([&] { return seen.size() == 3; });
  EXPECT_EQ(seen[2], "late b");
  EXPECT_TRUE(wasRetained);
  EXPECT_TRUE(late->isDone);
}

/// Methods registered and subscribed together.
class Shop : public TestSession {
 public:
  using TestSession::TestSession;
  std::string price(std::int64_t article, int count) { return std::to_string(article * count); }
  asio::awaitable<std::string> name(std::string text) { co_return "the " + text; }
  void onChanged(std::string which, int value) { changes.push_back(which + std::to_string(value)); }

  asio::awaitable<void> onJoin(SessionDetails) override {
    co_await registerMethods("com.shop.", procedure("name", this, &Shop::name),
                             procedure("article.<id:int>.price", this, &Shop::price));
    co_await subscribeMethods("com.shop.", topic("changed.<which:suffix>", this, &Shop::onChanged));
    isDone = true;
  }
  std::vector<std::string> changes;
};

TEST_P(Features, MethodsOfAClassWithPatterns) {
  const auto shop = std::make_shared<Shop>();
  sessions.push_back(shop);
  connect(shop);
  runUntilDone(shop);
  std::string price;
  std::string name;
  std::string failure;
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    price = co_await self.call<std::string>("com.shop.article.7.price", 3);
    name = co_await self.call<std::string>("com.shop.name", "shop");
    co_await self.publishAcknowledged("com.shop.changed.a.b", 1);
    try {
      co_await self.call<std::string>("com.shop.article.x.price", 3);
    } catch (const ApplicationError& error) {
      failure = error.error();
    }
  });
  runUntilDone(caller);
  runUntil([&] { return !shop->changes.empty(); });
  EXPECT_EQ(price, "21");
  EXPECT_EQ(name, "the shop");
  EXPECT_EQ(failure, error::kInvalidUri);
  EXPECT_THAT(shop->changes, ElementsAre("a.b1"));
}

TEST_P(Features, TestamentsArePublishedWhenTheSessionEnds) {
  std::vector<std::string> seen;
  addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.subscribe("com.myapp.last", [&](std::string text) { seen.push_back(text); });
  });
  for (const bool isFlushed : {true, false}) {
    const auto session = addReady([&](TestSession& self) -> asio::awaitable<void> {
      CallArgs words{{isFlushed ? "flushed" : "words"}, {}};
      co_await self.addTestament("com.myapp.last", std::move(words));
      if (isFlushed) co_await self.flushTestaments();
    });
    session->disconnect();
    runUntil([&] { return session->disconnects == 1; });
  }
  runUntil([&] { return !seen.empty(); });
  EXPECT_THAT(seen, ElementsAre("words"));
}

TEST_P(Features, TheCalleeGoesAway) {
  const auto callee = addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.leave", [&self]() -> asio::awaitable<void> {
      self.leave();
      asio::steady_timer timer(self.executor(), std::chrono::hours(1));
      co_await timer.async_wait(asio::use_awaitable);
    });
  });
  std::string failure;
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    try {
      co_await self.call<void>("com.myapp.leave");
    } catch (const ApplicationError& error) {
      failure = error.error();
    }
  });
  runUntilDone(caller);
  EXPECT_EQ(failure, error::kCanceled);
  runUntil([&] { return callee->disconnects == 1; });
}

TEST_P(Features, TheRouterGoesAwayInOrder) {
  const auto session = addReady({});
  bool isDrained = false;
  server.drain(std::chrono::seconds(5), [&] { isDrained = true; });
  runUntil([&] { return session->disconnects == 1 && isDrained; });
  ASSERT_EQ(session->left.size(), 1u);
  EXPECT_EQ(session->left[0].reason, close::kSystemShutdown);
}

TEST_P(Features, AResultThatCannotBeSentIsAnErrorOfTheCall) {
  if (GetParam().serializer != "json") GTEST_SKIP() << "what JSON cannot write";
  addReady([&](TestSession& self) -> asio::awaitable<void> {
    co_await self.registerProcedure("com.myapp.nan", [] { return std::numeric_limits<double>::quiet_NaN(); });
  });
  std::string failure;
  const auto caller = add([&](TestSession& self) -> asio::awaitable<void> {
    try {
      co_await self.call<double>("com.myapp.nan");
    } catch (const ApplicationError& error) {
      failure = error.error();
    }
  });
  runUntilDone(caller);
  EXPECT_EQ(failure, error::kInvalidPayload);
}

INSTANTIATE_TEST_SUITE_P(AllWays, Features, ::testing::ValuesIn(allWays()), nameOf);

}  // namespace
}  // namespace autobahn::wamp
