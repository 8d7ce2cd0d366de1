// How often clients may try to get in (attacks.md: guessing costs the guesser, nobody else).
#include "rate_limiter.hpp"

#include <gmock/gmock.h>

#include <autobahn/wamp/router/static_authenticators.hpp>

#include "testing/script.hpp"

namespace autobahn::wamp::router {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::RouterScript;

constexpr TimePoint kStart{std::chrono::hours(1)};

// ---- Buckets

TEST(TokenBuckets, GiveSoManyAtOnceAndThenOnePerInterval) {
  TokenBuckets buckets({3, 10s}, 100);
  TimePoint now = kStart;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(buckets.wait(1, now), 0ms);
    buckets.take(1, now);
  }
  EXPECT_EQ(buckets.wait(1, now), 10s);
  EXPECT_EQ(buckets.wait(2, now), 0ms);
  now += 9999ms;
  EXPECT_EQ(buckets.wait(1, now), 1ms);
  now += 1ms;
  EXPECT_EQ(buckets.wait(1, now), 0ms);
  buckets.take(1, now);
  EXPECT_EQ(buckets.wait(1, now), 10s);
  buckets.giveBack(1);
  EXPECT_EQ(buckets.wait(1, now), 0ms);
}

TEST(TokenBuckets, ALeapOfHoursSavesNothingUp) {
  TokenBuckets buckets({3, 10s}, 100);
  for (int i = 0; i < 5; ++i) buckets.take(1, kStart);
  const TimePoint now = kStart + 10h;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(buckets.wait(1, now), 0ms);
    buckets.take(1, now);
  }
  EXPECT_EQ(buckets.wait(1, now), 10s);
}

TEST(TokenBuckets, FullOnesAreForgottenAndTheRestIsBounded) {
  TokenBuckets buckets({3, 10s}, 100);
  for (std::uint64_t key = 0; key < 10'000; ++key) buckets.take(key, kStart);
  EXPECT_EQ(buckets.size(), 100u);
  EXPECT_EQ(buckets.wait(0, kStart), 0ms);
  for (std::uint64_t key = 0; key < 100; ++key) buckets.take(5, kStart + 10s);
  EXPECT_EQ(buckets.size(), 1u);
  TokenBuckets none({}, 100);
  for (int i = 0; i < 1000; ++i) none.take(1, kStart);
  EXPECT_EQ(none.wait(1, kStart), 0ms);
  EXPECT_EQ(none.size(), 0u);
}

TEST(RateLimiter, AddressesAreThoseOfASite) {
  const RateLimiter limiter({});
  const auto peer = [&](const char* address) {
    return limiter.identify({.address = address}, "realm1", {}).peer;
  };
  EXPECT_EQ(peer("192.0.2.1"), peer("::ffff:192.0.2.1"));
  EXPECT_NE(peer("192.0.2.1"), peer("192.0.2.2"));
  EXPECT_EQ(peer("2001:db8::1"), peer("2001:db8::ffff:1"));
  EXPECT_NE(peer("2001:db8::1"), peer("2001:db8:0:1::1"));
  for (const char* each : {"", "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_FALSE(peer(each)) << each;
  }
  EXPECT_TRUE(peer("::2"));
  const RateLimiter strict({.limitLoopback = true});
  EXPECT_TRUE(strict.identify({.address = "127.0.0.1"}, "realm1", {}).peer);
  const auto authid = [&](const char* realm, const char* name) {
    return limiter.identify({}, realm, name).authid;
  };
  EXPECT_EQ(authid("realm1", "joe"), authid("realm1", "joe"));
  EXPECT_NE(authid("realm1", "joe"), authid("realm2", "joe"));
}

// ---- The router

std::shared_ptr<Authenticator> tickets() {
  auto made = std::make_shared<TicketAuthenticator>();
  made->setUser("joe", Secret::copyOf("secret!!!"), "user");
  made->setUser("ann", Secret::copyOf("secret!!!"), "user");
  return made;
}

message::Hello hello(std::string_view authid) {
  return {
      .realm = Text("realm1"),
      .details = {.roles = testing::allRoles(), .authmethods = {{Text("ticket")}}, .authid = Text(authid)}};
}

// "" when it has joined, otherwise the reason for which it was refused.
std::string outcome(Client& client) {
  if (const auto* abort = std::get_if<message::Abort>(&client.received().front())) {
    return abort->reason.string();
  }
  client.expect<message::Welcome>();
  return {};
}
std::string tryTicket(RouterScript& router, const char* address, const char* authid, const char* ticket) {
  Client client(router);
  client.peer.address = address;
  client.say(hello(authid));
  if (std::holds_alternative<message::Abort>(client.received().front())) return outcome(client);
  client.expect<message::Challenge>();
  client.say(message::Authenticate{.signature = Text(ticket)});
  return outcome(client);
}

constexpr const char* kAttacker = "192.0.2.66";
constexpr const char* kOther = "192.0.2.1";

TEST(AuthenticationLimits, ThousandsOfWrongPasswordsCostNobodyElse) {
  RouterScript router({.authenticators = {tickets()}});
  int compared = 0;
  for (int i = 0; i < 5000; ++i) {
    if (tryTicket(router, kAttacker, "joe", "wrong") == error::kAuthenticationFailed) ++compared;
  }
  EXPECT_EQ(compared, 20);
  EXPECT_EQ(tryTicket(router, kAttacker, "joe", "secret!!!"), error::kTooManyAttempts);
  EXPECT_EQ(tryTicket(router, kAttacker, "ann", "secret!!!"), error::kTooManyAttempts);
  EXPECT_EQ(tryTicket(router, kOther, "joe", "secret!!!"), "");
  EXPECT_EQ(tryTicket(router, "", "joe", "secret!!!"), "");
  router.pass(5s);
  EXPECT_EQ(tryTicket(router, kAttacker, "joe", "wrong"), error::kAuthenticationFailed);
  EXPECT_EQ(tryTicket(router, kAttacker, "joe", "wrong"), error::kTooManyAttempts);
  // Those who go on trying wait no longer for it.
  router.pass(100s);
  EXPECT_EQ(tryTicket(router, kAttacker, "joe", "secret!!!"), "");
}

TEST(AuthenticationLimits, SayWhenToTryAgain) {
  RouterScript router({.authenticators = {tickets()}},
                      {.authenticationLimits = {.failuresPerPeer = {1, 30s}}});
  tryTicket(router, kAttacker, "joe", "wrong");
  router.pass(500ms);
  Client client(router);
  client.peer.address = kAttacker;
  client.say(hello("joe"));
  const auto abort = client.expect<message::Abort>();
  EXPECT_EQ(abort.reason, error::kTooManyAttempts);
  EXPECT_EQ(abort.details.message, Text("too many failed attempts to join from your address: again in 30 s"));
  EXPECT_TRUE(client.isClosed());
}

// Many connections, each with a challenge, that answer at the same time.
TEST(AuthenticationLimits, HoldForGuessesInParallel) {
  RouterScript router({.authenticators = {tickets()}});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 500; ++i) {
    clients.push_back(std::make_unique<Client>(router));
    clients.back()->peer.address = kAttacker;
    clients.back()->say(hello("joe"));
    clients.back()->expect<message::Challenge>();
  }
  int compared = 0;
  for (const auto& each : clients) {
    each->say(message::Authenticate{.signature = "wrong"});
    if (outcome(*each) == error::kAuthenticationFailed) ++compared;
  }
  EXPECT_EQ(compared, 200);
  // They are paid for.
  router.pass(900s);
  EXPECT_EQ(tryTicket(router, kAttacker, "joe", "secret!!!"), error::kTooManyAttempts);
  router.pass(5s);
  EXPECT_EQ(tryTicket(router, kAttacker, "joe", "secret!!!"), "");
}

// All behind one address after an outage, with an authenticator that takes its time.
TEST(AuthenticationLimits, LetManyJoinAtTheSameTime) {
  class Slow : public Authenticator {
   public:
    bool handles(std::string_view) const override { return true; }
    std::unique_ptr<Authentication> begin(AuthenticationRequest) override {
      return std::make_unique<Exchange>(answers);
    }
    std::vector<Authentication::Answer> answers;

   private:
    class Exchange : public Authentication {
     public:
      explicit Exchange(std::vector<Answer>& answers) : answers_(answers) {}
      void start(Answer answer) override { answer(AuthChallenge{}); }
      void authenticate(const message::Authenticate&, Answer answer) override {
        answers_.push_back(std::move(answer));
      }

     private:
      std::vector<Answer>& answers_;
    };
  };
  const auto slow = std::make_shared<Slow>();
  RouterScript router({.authenticators = {slow}});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 150; ++i) {
    clients.push_back(std::make_unique<Client>(router));
    clients.back()->peer.address = kOther;
    clients.back()->say(hello("user" + std::to_string(i)));
    clients.back()->expect<message::Challenge>();
  }
  for (const auto& each : clients) each->say(message::Authenticate{.signature = "x"});
  for (const auto& each : slow->answers) each(AuthAccept{.authid = "joe", .authrole = "user"});
  for (const auto& each : clients) EXPECT_EQ(outcome(*each), "");
}

TEST(AuthenticationLimits, GuessingFromEverywhereIsSlowedDownPerName) {
  RouterScript router({.authenticators = {tickets()}});
  int compared = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string address = "198.51." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    for (const char* each : {"joe", "nobody"}) {
      if (tryTicket(router, address.c_str(), each, "wrong") == error::kAuthenticationFailed) ++compared;
    }
  }
  // The same for a user that there is and one that there is not.
  EXPECT_EQ(compared, 200);
  EXPECT_EQ(tryTicket(router, kOther, "joe", "secret!!!"), error::kTooManyAttempts);
  EXPECT_EQ(tryTicket(router, kOther, "ann", "secret!!!"), "");
}

TEST(AuthenticationLimits, JoiningCostsNothingButAnAttempt) {
  RouterScript router(
      {.authenticators = {tickets()}},
      {.authenticationLimits = {
           .failuresPerPeer = {2, 60s}, .attemptsPerPeer = {50, 1s}, .failuresPerAuthid = {2, 60s}}});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(tryTicket(router, kOther, "joe", "secret!!!"), "");
  EXPECT_EQ(tryTicket(router, kOther, "joe", "secret!!!"), error::kTooManyAttempts);
  router.pass(1s);
  EXPECT_EQ(tryTicket(router, kOther, "joe", "secret!!!"), "");
}

// Its own faults are not the clients'.
TEST(AuthenticationLimits, AnAuthenticatorThatFailsLocksNobodyOut) {
  class Broken : public Authenticator {
   public:
    bool handles(std::string_view) const override { return true; }
    std::unique_ptr<Authentication> begin(AuthenticationRequest) override {
      throw std::runtime_error("no database");
    }
  };
  RouterScript router({.authenticators = {std::make_shared<Broken>()}});
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(tryTicket(router, kOther, "joe", "x"), error::kAuthenticationFailed);
  }
}

TEST(AuthenticationLimits, CanBeNone) {
  RouterScript router(
      {.authenticators = {tickets()}},
      {.authenticationLimits = {.failuresPerPeer = {}, .attemptsPerPeer = {}, .failuresPerAuthid = {}}});
  for (int i = 0; i < 2000; ++i) {
    EXPECT_EQ(tryTicket(router, kAttacker, "joe", "wrong"), error::kAuthenticationFailed);
  }
}

}  // namespace
}  // namespace autobahn::wamp::router
