#include <gmock/gmock.h>

#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/router/static_authorizer.hpp>
#include <map>

#include "testing/script.hpp"
#include "uri_pattern.hpp"

namespace autobahn::wamp::router {
namespace {

using testing::Member;
using testing::RouterScript;

constexpr Match kExact = Match::exact;
constexpr Match kPrefix = Match::prefix;
constexpr Match kWildcard = Match::wildcard;

std::string show(const UriPattern& pattern) {
  return std::string(pattern.uri) + (pattern.match == kPrefix ? "*" : pattern.match == kWildcard ? "?" : "");
}

TEST(UriPattern, CoversAndOverlaps) {
  const struct {
    UriPattern one;
    UriPattern other;
    bool covers;
    bool overlaps;
  } cases[] = {
      {{"a.b", kExact}, {"a.b", kExact}, true, true},
      {{"a.b", kExact}, {"a.c", kExact}, false, false},
      {{"a.b", kExact}, {"a.b", kPrefix}, false, true},
      {{"a.b", kExact}, {"a.", kWildcard}, false, true},
      {{"a.b", kExact}, {".b.", kWildcard}, false, false},
      {{"a.", kPrefix}, {"a.b", kExact}, true, true},
      {{"a.", kPrefix}, {"a.b", kPrefix}, true, true},
      {{"a.b", kPrefix}, {"a.", kPrefix}, false, true},
      {{"a.b", kPrefix}, {"a.c", kPrefix}, false, false},
      {{"", kPrefix}, {"..", kWildcard}, true, true},
      {{"a.", kPrefix}, {"a..c", kWildcard}, true, true},
      {{"a.b", kPrefix}, {"a..c", kWildcard}, false, true},
      {{"a.b.", kPrefix}, {"a.", kWildcard}, false, false},
      {{"a.b", kPrefix}, {"a.", kWildcard}, false, true},
      {{"b.", kPrefix}, {"a..c", kWildcard}, false, false},
      {{"a.bc", kPrefix}, {"a.b.", kWildcard}, false, false},
      {{"a.", kWildcard}, {"a.b", kExact}, true, true},
      {{"a.", kWildcard}, {"a.b.c", kExact}, false, false},
      {{"a.", kWildcard}, {"a.", kPrefix}, false, true},
      {{"..c", kWildcard}, {"a..c", kWildcard}, true, true},
      {{"a..c", kWildcard}, {"..c", kWildcard}, false, true},
      {{"a.b.", kWildcard}, {"a..c", kWildcard}, false, true},
      {{"a.b.", kWildcard}, {"a.c.", kWildcard}, false, false},
      {{"a.", kWildcard}, {"a..", kWildcard}, false, false},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(show(each.one) + " and " + show(each.other));
    EXPECT_EQ(covers(each.one, each.other), each.covers);
    EXPECT_EQ(overlap(each.one, each.other), each.overlaps);
    EXPECT_EQ(overlap(each.other, each.one), each.overlaps);
  }
}

TEST(StaticAuthorizer, TheMostSpecificRuleDecides) {
  StaticAuthorizer authorizer;
  authorizer.setRole("user", {{"com.", kPrefix, {Action::call, Action::subscribe}},
                              {"com.secret.", kPrefix, {}},
                              {"com.secret.but_this", kExact, Actions::all()},
                              {"org..public", kWildcard, {Action::subscribe}}});
  const struct {
    Action action;
    UriPattern pattern;
    bool isAllowed;
  } cases[] = {
      {Action::call, {"com.app"}, true},
      {Action::publish, {"com.app"}, false},
      {Action::call, {"org.app"}, false},
      {Action::call, {"com.secret.x"}, false},
      {Action::publish, {"com.secret.but_this"}, true},
      {Action::subscribe, {"org.a.public"}, true},
      {Action::subscribe, {"org.a.private"}, false},
      // Patterns: all of it or nothing.
      {Action::subscribe, {"com.app.", kPrefix}, true},
      {Action::subscribe, {"com.", kPrefix}, false},  // there are secrets
      {Action::subscribe, {"com.secret.", kPrefix}, false},
      {Action::subscribe, {"com.secret.b", kPrefix}, false},
      {Action::subscribe, {"", kPrefix}, false},
      {Action::subscribe, {"com..x", kWildcard}, false},
      {Action::subscribe, {"com.app.", kWildcard}, true},
      {Action::subscribe, {"com.app..x", kWildcard}, true},
      {Action::subscribe, {"..public", kWildcard}, false},
      {Action::subscribe, {"org..public", kWildcard}, true},
      {Action::registerProcedure, {"com.app.", kPrefix}, false},
  };
  SessionInfo session;
  session.authrole = "user";
  for (const auto& each : cases) {
    SCOPED_TRACE(std::string(actionName(each.action)) + " " + show(each.pattern));
    const auto permission = authorizer.decide({session, each.action, each.pattern.uri, each.pattern.match});
    EXPECT_EQ(permission.value().allow, each.isAllowed);
  }
  session.authrole = "stranger";
  EXPECT_FALSE(authorizer.decide({session, Action::call, "com.app"})->allow);
}

TEST(StaticAuthorizer, RulesAreChecked) {
  StaticAuthorizer authorizer;
  EXPECT_THROW(authorizer.setRole("a", {{"com..x", kExact}}), InvalidState);
  EXPECT_THROW(authorizer.setRole("a", {{"com.x", kExact}, {"com.x", kExact}}), InvalidState);
  authorizer.setRole("a", {{"com.x", kExact}, {"com.x", kPrefix}, {"", kPrefix}});
}

TEST(StaticAuthorizer, EndingOthersNeedsARuleThatSaysSo) {
  StaticAuthorizer authorizer;
  authorizer.setRole("user", {{"", kPrefix, Actions::all()}});
  authorizer.setRole("admin", {{"", kPrefix, Actions::all()}, {"wamp.", kPrefix, {Action::call}}});
  SessionInfo session;
  const auto isAllowed = [&](const char* role, const char* procedure) {
    session.authrole = role;
    return authorizer.decide({session, Action::call, procedure})->allow;
  };
  for (const char* each : {"wamp.session.kill", "wamp.session.kill_all", "wamp.registration.remove_callee"}) {
    EXPECT_FALSE(isAllowed("user", each)) << each;
    EXPECT_TRUE(isAllowed("admin", each)) << each;
  }
  EXPECT_TRUE(isAllowed("user", "wamp.session.count"));
}

// ---- In the router

TEST(Authorization, RefusalsTellNothingAboutWhatIsThere) {
  const auto authorizer = std::make_shared<StaticAuthorizer>();
  authorizer->setRole("anonymous", {{"com.open.", kPrefix, Actions::all()},
                                    {"com.topic", kExact, {Action::subscribe}},
                                    {"com.there", kExact, {Action::registerProcedure}}});
  RouterScript router({.authorizer = authorizer});
  Member callee(router);
  Member client(router);
  callee.registerProcedure("com.there");
  callee.subscribe("com.topic");
  for (const char* each : {"com.there", "com.not_there"}) {  // crossbar#1463
    EXPECT_EQ(client.expectCallError(client.call(each)), error::kNotAuthorized) << each;
  }
  EXPECT_EQ(client.expectError(message::Subscribe::kCode, client.askSubscribe("com.hidden")),
            error::kNotAuthorized);
  EXPECT_EQ(client.expectError(message::Register::kCode, client.askRegister("com.topic")),
            error::kNotAuthorized);
  EXPECT_EQ(
      client.expectError(message::Publish::kCode, client.publish("com.topic", {}, {.acknowledge = true})),
      error::kNotAuthorized);
  client.publish("com.topic");  // not acknowledged: nobody is told
  client.expectNothing();
  callee.expectNothing();
  client.registerProcedure("com.open.sum");
}

TEST(Authorization, RulesCanDiscloseForbidDisclosingAndRate) {
  const auto authorizer = std::make_shared<StaticAuthorizer>();
  authorizer->setRole("anonymous", {{.uri = "", .match = kPrefix, .allow = Actions::all()},
                                    {.uri = "com.disclosed",
                                     .allow = Actions::all(),
                                     .disclose = {Action::call, Action::publish},
                                     .trustlevel = 3},
                                    {.uri = "com.hidden", .allow = Actions::all(), .mayDisclose = false}});
  RouterScript router({.authorizer = authorizer});
  Member server(router);
  Member client(router);
  for (const char* each : {"com.disclosed", "com.hidden", "com.other"}) {
    server.registerProcedure(each);
    server.subscribe(each);
  }
  client.call("com.disclosed");
  const auto invocation = server.expect<message::Invocation>();
  EXPECT_EQ(invocation.details.caller.session, client.id());
  EXPECT_EQ(invocation.details.trustlevel, 3u);
  client.publish("com.disclosed");
  const auto event = server.expect<message::Event>();
  EXPECT_EQ(event.details.publisher.session, client.id());
  EXPECT_EQ(event.details.trustlevel, 3u);
  EXPECT_EQ(client.expectCallError(client.call("com.hidden", {}, {.discloseMe = true})),
            error::kOptionDisallowedDiscloseMe);
  client.call("com.other");
  EXPECT_EQ(server.expect<message::Invocation>().details, message::Invocation::Details());
}

// An authorizer that is asked and answers when the test says so.
class SlowAuthorizer : public Authorizer {
 public:
  std::optional<Permission> decide(const AuthorizationRequest& request) override {
    if (request.uri.starts_with("com.throws.odd")) throw 5;
    if (request.uri.starts_with("com.throws")) throw std::runtime_error("out of order");
    return request.uri.starts_with("com.slow") ? std::nullopt : std::optional(Permission::allowed());
  }
  void decideLater(const AuthorizationRequest& request, Answer answer) override {
    if (request.uri == "com.slow.throws") throw std::runtime_error("out of order");
    if (request.uri == "com.slow.at_once") return answer(Permission::allowed());
    questions.emplace_back(request.uri, std::move(answer));
  }
  void answer(bool allow) {
    const Answer first = questions.front().second;
    questions.pop_front();
    first({.allow = allow});
  }

  std::deque<std::pair<std::string, Answer>> questions;
};

TEST(Authorization, TestamentsThatWaitCountTowardsTheLimit) {
  const auto authorizer = std::make_shared<SlowAuthorizer>();
  RouterScript router({.limits = {.testaments = 1}, .authorizer = authorizer});
  Member client(router);
  const auto add = [&client] {
    return client.call("wamp.session.add_testament", {"com.slow.last", List{}, Dict{}});
  };
  const Id first = add();
  client.expectNothing();
  EXPECT_EQ(client.expectCallError(add()), error::kLimitExceeded);
  authorizer->answer(false);
  EXPECT_EQ(client.expectCallError(first), error::kNotAuthorized);
  const Id next = add();
  authorizer->answer(true);
  client.expectResult(next);
  EXPECT_EQ(client.expectCallError(add()), error::kLimitExceeded);
}

TEST(Authorization, AQuestionIsAnsweredOnce) {
  const auto authorizer = std::make_shared<SlowAuthorizer>();
  RouterScript router({.authorizer = authorizer});
  Member client(router);
  const Id testament = client.call("wamp.session.add_testament", {"com.slow.last", List{}, Dict{}});
  const auto answer = authorizer->questions.at(0).second;
  answer(Permission::allowed());
  answer(Permission::allowed());
  answer({.failed = true});
  client.expectResult(testament);
  client.expectNothing();
}

TEST(Authorization, MessagesWaitInOrderForAnswersThatTakeTime) {
  const auto authorizer = std::make_shared<SlowAuthorizer>();
  RouterScript router({.authorizer = authorizer});
  Member server(router);
  Member client(router);
  Member other(router);
  server.subscribe("com.topic");
  server.registerProcedure("com.fast");
  client.publish("com.topic", {1});
  const Id slow = client.askSubscribe("com.slow.one");
  client.publish("com.topic", {2});
  const Id denied = client.call("com.slow.two");
  client.publish("com.topic", {3});
  client.call("com.fast");
  other.publish("com.topic", {"other"});  // does not wait for it
  EXPECT_EQ(server.expect<message::Event>().payload, Payload({1}));
  EXPECT_EQ(server.expect<message::Event>().payload, Payload({"other"}));
  server.expectNothing();
  client.expectNothing();
  authorizer->answer(true);
  EXPECT_EQ(client.expect<message::Subscribed>().request, slow);
  EXPECT_EQ(server.expect<message::Event>().payload, Payload({2}));
  server.expectNothing();
  authorizer->answer(false);
  EXPECT_EQ(client.expectCallError(denied), error::kNotAuthorized);
  EXPECT_EQ(server.expect<message::Event>().payload, Payload({3}));
  server.expect<message::Invocation>();
  EXPECT_TRUE(authorizer->questions.empty());
}

// Otherwise an authorizer that is a callee of the realm could wait for itself.
TEST(Authorization, AnswersOfCalleesDoNotWait) {
  const auto authorizer = std::make_shared<SlowAuthorizer>();
  RouterScript router({.authorizer = authorizer});
  Member callee(router);
  Member caller(router);
  callee.registerProcedure("com.fast");
  const Id first = caller.call("com.fast");
  const Id second = caller.call("com.fast");
  callee.call("com.slow");
  callee.yield(callee.expect<message::Invocation>().request, {1});
  callee.fail(callee.expect<message::Invocation>().request);
  EXPECT_EQ(caller.expectResult(first), List{1});
  EXPECT_EQ(caller.expectCallError(second), "com.error");
  EXPECT_EQ(authorizer->questions.size(), 1u);
}

TEST(Authorization, AnswersMayComeAtOnceTwiceOrTooLate) {
  const auto authorizer = std::make_shared<SlowAuthorizer>();
  auto router = std::make_unique<RouterScript>(RealmOptions{.authorizer = authorizer});
  Member client(*router);
  client.subscribe("com.slow.at_once");
  client.askSubscribe("com.slow.one");
  client.askSubscribe("com.slow.two");
  const Authorizer::Answer first = authorizer->questions.front().second;
  authorizer->answer(true);
  client.expect<message::Subscribed>();
  first(Permission::allowed());  // not an answer to the second question
  client.expectNothing();
  client.hangUp();
  authorizer->answer(true);
  {
    Member another(*router);
    another.askSubscribe("com.slow.three");
    router.reset();
  }
  authorizer->answer(true);
}

TEST(Authorization, AnAuthorizerThatFailsAllowsNothing) {
  RouterScript router({.authorizer = std::make_shared<SlowAuthorizer>()});
  Member client(router);
  for (const char* each : {"com.throws", "com.throws.odd", "com.slow.throws"}) {
    EXPECT_EQ(client.expectCallError(client.call(each)), error::kAuthorizationFailed) << each;
  }
  client.subscribe("com.fine");
}

TEST(Authorization, WhatWaitsIsBounded) {
  const auto authorizer = std::make_shared<SlowAuthorizer>();
  RouterScript router({.limits = {.waitingMessages = 5}, .authorizer = authorizer});
  Member client(router);
  client.askSubscribe("com.slow.one");
  for (int i = 0; i < 5; ++i) client.publish("com.topic");
  client.expectNothing();
  client.publish("com.topic");
  EXPECT_EQ(client.expect<message::Abort>().reason, error::kLimitExceeded);
  EXPECT_TRUE(client.isClosed());
  EXPECT_EQ(router->sessionCount("realm1"), 0u);
}

TEST(Authorization, WhatWaitsIsBoundedInOctets) {
  const auto authorizer = std::make_shared<SlowAuthorizer>();
  RouterScript router({.limits = {.waitingOctets = 10'000}, .authorizer = authorizer});
  Member client(router);
  const List large{std::string(6'000, 'x')};
  for (int round = 0; round < 3; ++round) {
    client.askSubscribe("com.slow.one");
    client.publish("com.topic", large);
    client.expectNothing();
    authorizer->answer(false);
    client.expect<message::Error>();
  }
  client.askSubscribe("com.slow.one");
  client.publish("com.topic", large);
  client.publish("com.topic", large);
  EXPECT_EQ(client.expect<message::Abort>().reason, error::kLimitExceeded);
  EXPECT_TRUE(client.isClosed());
}

TEST(Authorization, TestamentsNeedThePermissionToPublish) {
  const auto authorizer = std::make_shared<SlowAuthorizer>();
  RouterScript router({.authorizer = authorizer});
  Member listener(router);
  listener.subscribe("com.", kPrefix);
  Member client(router);
  const auto add = [&](bool allow) {
    const Id call = client.call("wamp.session.add_testament", {"com.slow.topic", List{allow}, Dict{}});
    client.expectNothing();
    authorizer->answer(allow);
    return call;
  };
  EXPECT_EQ(client.expectCallError(add(false)), error::kNotAuthorized);
  EXPECT_EQ(client.expectResult(add(true)), List{});
  client.hangUp();
  EXPECT_EQ(listener.expect<message::Event>().payload, Payload({true}));
  listener.expectNothing();
}

}  // namespace
}  // namespace autobahn::wamp::router
