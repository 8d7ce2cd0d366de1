// Event history in a file. (The history's work is done in a std::thread.)
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <autobahn/util/log.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <csignal>
#include <fstream>
#include <mutex>

#include "database.hpp"
#include "testing/history_loop.hpp"
#include "wamp/src/router/testing/history_filters.hpp"

namespace autobahn::wamp::sqlite {
namespace {

using router::testing::Client;
using router::testing::historyRealm;
using router::testing::Member;
using router::testing::numbersOf;
using router::testing::RouterScript;
using testing::Folder;
using ::testing::HasSubstr;
using testing::WaitingLoop;

/// A router on a file.
class FileRouter {
 public:
  explicit FileRouter(SqliteHistoryOptions options, RealmOptions realm = historyRealm())
      : router_(withStore(std::move(realm), makeSqliteHistory(std::move(options), loop_.poster()))) {}

  RouterScript& script() { return router_; }
  WaitingLoop& loop() { return loop_; }
  template <class T>
  T next(Client& client) {
    loop_.settle(client);
    return client.expect<T>();
  }
  Id publish(Client& client, std::string_view topic, List args, message::Publish::Options options = {}) {
    options.acknowledge = true;
    client.publish(topic, std::move(args), std::move(options));
    return next<message::Published>(client).publication;
  }
  std::vector<int> numbers(Client& client, Id subscription) {
    client.call("wamp.subscription.get_events", {subscription});
    return numbersOf(next<message::Result>(client).payload.args().at(0).asList());
  }

 private:
  static RealmOptions withStore(RealmOptions realm, std::shared_ptr<HistoryStore> store) {
    realm.history.store = std::move(store);
    return realm;
  }
  WaitingLoop loop_;
  RouterScript router_;
};

std::string whyNot(const std::string& file, std::vector<HistoryRule> rules = {}) {
  try {
    WaitingLoop loop;
    makeSqliteHistory({.file = file}, loop.poster())->open(rules);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(SqliteHistory, FindsWhatIsAskedFor) {
  const Folder folder;
  WaitingLoop loop;
  router::testing::HistoryFilters(makeSqliteHistory({.file = folder.file()}, loop.poster()), loop.settler())
      .check();
}

TEST(SqliteHistory, HonoursTheReceiversOfEachEvent) {
  const Folder folder;
  WaitingLoop loop;
  router::testing::checkReceivers(makeSqliteHistory({.file = folder.file()}, loop.poster()), loop.settler());
}

TEST(SqliteHistory, SurvivesTheRouterWithEveryKindOfPayload) {
  const Folder folder;
  std::vector<Id> publications;
  message::Publish::Options secret{.discloseMe = true};
  secret.passthru.make().encAlgo = Text("x_algo");
  secret.custom.make()["x_mine"] = List{1, Dict{{"a", 2.5}}};
  {
    FileRouter router({.file = folder.file()});
    for (const char* serializer : {"json", "msgpack", "cbor", "ubjson", ""}) {
      Member publisher(router.script(), router::testing::allRoles(), serializer);
      publications.push_back(
          router.publish(publisher, "com.app.x", {1, Bytes("bytes"), "text", List{nullptr}}));
    }
    Member publisher(router.script());
    message::Publish::Options options = secret;
    options.acknowledge = true;
    publisher.say(message::Publish{.request = publisher.nextRequest(),
                                   .options = std::move(options),
                                   .topic = Text("com.app.x"),
                                   .payload = Payload::opaque(std::string("\0\1\2", 3))});
    publications.push_back(router.next<message::Published>(publisher).publication);
    publications.push_back(router.publish(publisher, "com.app.x", {}));
  }
  FileRouter router({.file = folder.file()});
  Member reader(router.script(), router::testing::allRoles(), "cbor");
  reader.call("wamp.subscription.get_events", {reader.subscribe("com.app.", Match::prefix)});
  const List events = router.next<message::Result>(reader).payload.args().at(0).asList();
  ASSERT_EQ(events.size(), publications.size());
  for (std::size_t i = 0; i < events.size(); ++i)
    EXPECT_EQ(events[i].get("publication"), Value(publications[i]));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(events[i].get("args"), Value(List{1, Bytes("bytes"), "text", List{nullptr}})) << i;
  }
  EXPECT_EQ(events[5].get("args"), Value(List{Bytes(std::string("\0\1\2", 3))}));
  EXPECT_EQ(events[5].get("details").get("enc_algo"), Value("x_algo"));
  EXPECT_EQ(events[5].get("details").get("x_mine"), Value(List{1, Dict{{"a", 2.5}}}));
  EXPECT_TRUE(events[5].get("details").find("publisher"));
  EXPECT_EQ(events[6].find("args"), nullptr);
}

TEST(SqliteHistory, PublishedComesAfterTheCommitAndEventsAtOnce) {
  const Folder folder;
  FileRouter router({.file = folder.file()});
  Member publisher(router.script());
  Member subscriber(router.script());
  const Id subscription = subscriber.subscribe("com.app.x");
  for (int i = 0; i < 3; ++i) {
    publisher.publish("com.app.x", {i}, {.acknowledge = true});
    subscriber.expect<message::Event>();
    publisher.expectNothing();  // the loop has not run
  }
  // Without acknowledgement, and a question by somebody who has not waited: in order.
  publisher.publish("com.app.x", {3});
  subscriber.expect<message::Event>();
  EXPECT_EQ(router.numbers(subscriber, subscription), (std::vector<int>{0, 1, 2, 3}));
  ASSERT_TRUE(router.loop().runUntil([&] { return publisher.received().size() == 3; }));
  for (Id request = 1; request <= 3; ++request) {
    EXPECT_EQ(publisher.expect<message::Published>().request, request);
  }
  // Elsewhere there is nothing to wait for.
  publisher.publish("com.other", {}, {.acknowledge = true});
  publisher.expect<message::Published>();
}

TEST(SqliteHistory, WhoHasLeftIsNotTold) {
  const Folder folder;
  WaitingLoop loop;
  {
    RealmOptions realm = historyRealm();
    realm.history.store = makeSqliteHistory({.file = folder.file()}, loop.poster());
    RouterScript router(std::move(realm));
    {
      Member publisher(router);
      publisher.publish("com.app.x", {1}, {.acknowledge = true});
      publisher.call("wamp.subscription.get_events", {publisher.subscribe("com.app.x")});
    }
    Member other(router);
    other.publish("com.app.x", {2}, {.acknowledge = true});
    loop.settle(other);
    other.expect<message::Published>();
    other.publish("com.app.x", {3}, {.acknowledge = true});
  }
  // The router is gone; the file was written to its end, and what was posted does no harm.
  std::size_t count = 0;
  ASSERT_TRUE(loop.poster()([&count] { ++count; }));
  ASSERT_TRUE(loop.runUntil([&count] { return count == 1; }));
  FileRouter router({.file = folder.file()});
  Member reader(router.script());
  EXPECT_EQ(router.numbers(reader, reader.subscribe("com.app.x")), (std::vector<int>{1, 2, 3}));
}

TEST(SqliteHistory, RetainedEventsSurviveTheRouter) {
  const Folder folder;
  Id publication = 0;
  {
    FileRouter router({.file = folder.file()});
    Member publisher(router.script());
    router.publish(publisher, "com.state", {1}, {.retain = true});
    publication = router.publish(publisher, "com.state", {2}, {.retain = true});
    message::Publish::Options forRole{.retain = true};
    forRole.receivers.make().eligibleAuthrole = std::vector<Text>{Text("anonymous")};
    router.publish(publisher, "com.role", {1}, {.retain = true});
    router.publish(publisher, "com.role", {2}, forRole);
    message::Publish::Options forSession{.retain = true};
    forSession.receivers.make().eligible = std::vector<Id>{publisher.id()};
    router.publish(publisher, "com.role", {3}, forSession);
  }
  {
    FileRouter router({.file = folder.file()});
    Member reader(router.script());
    reader.subscribe("com.state", {.getRetained = true});
    const auto event = reader.expect<message::Event>();
    EXPECT_EQ(event.publication, publication);
    EXPECT_EQ(event.payload.args(), List{2});
    EXPECT_TRUE(event.details.retained.value_or(false));
    reader.subscribe("com.role", {.getRetained = true});
    EXPECT_EQ(reader.expect<message::Event>().payload.args(), List{2});
    router.publish(reader, "com.state", {3}, {.retain = true});
  }
  FileRouter without({.file = folder.file(), .keepsRetained = false});
  Member reader(without.script());
  reader.subscribe("com.state", {.getRetained = true});
  reader.expectNothing();
}

TEST(SqliteHistory, StaysWithinItsLimitsAcrossRouters) {
  const Folder folder;
  const auto realm = [](std::size_t maxEvents) {
    RealmOptions options;
    options.history.rules = {{.uri = "com.x", .maxEvents = maxEvents}};
    return options;
  };
  {
    FileRouter router({.file = folder.file()}, realm(5));
    Member publisher(router.script());
    for (int i = 0; i < 20; ++i) router.publish(publisher, "com.x", {i});
    EXPECT_EQ(router.numbers(publisher, publisher.subscribe("com.x")),
              (std::vector<int>{15, 16, 17, 18, 19}));
  }
  {
    FileRouter router({.file = folder.file()}, realm(2));
    Member publisher(router.script());
    const Id subscription = publisher.subscribe("com.x");
    EXPECT_EQ(router.numbers(publisher, subscription), (std::vector<int>{18, 19}));
    router.publish(publisher, "com.x", {20});
    EXPECT_EQ(router.numbers(publisher, subscription), (std::vector<int>{19, 20}));
  }
  RealmOptions byOctets = realm(100);
  byOctets.history.rules[0].maxOctets = 40'000;
  FileRouter router({.file = folder.file()}, byOctets);
  Member publisher(router.script());
  for (int i = 0; i < 10; ++i) router.publish(publisher, "com.x", {i, std::string(10'000, 'x')});
  EXPECT_EQ(router.numbers(publisher, publisher.subscribe("com.x")), (std::vector<int>{7, 8, 9}));
}

TEST(SqliteHistory, ForgetsWhatIsTooOld) {
  const Folder folder;
  RealmOptions realm;
  realm.history.rules = {{.uri = "com.x", .maxAge = std::chrono::seconds(1)}};
  {
    FileRouter router({.file = folder.file()}, realm);
    Member publisher(router.script());
    const Id subscription = publisher.subscribe("com.x");
    const auto start = std::chrono::system_clock::now();
    const auto setTime = [&](int milliseconds) {
      router.script()->setTime(std::chrono::steady_clock::now(),
                               start + std::chrono::milliseconds(milliseconds));
    };
    std::vector<Id> publications;
    for (int i = 0; i < 4; ++i) {
      setTime(400 * i);
      publications.push_back(router.publish(publisher, "com.x", {i}));
    }
    setTime(2100);
    EXPECT_EQ(router.numbers(publisher, subscription), (std::vector<int>{3}));
    // Still in the file, but gone: no place to ask from.
    publisher.call("wamp.subscription.get_events", {subscription}, {},
                   {{"after_publication", publications.at(2)}});
    EXPECT_EQ(router.next<message::Error>(publisher).error, error::kInvalidArgument);
  }
  // What has gone from the file: as of the last event.
  realm.history.rules[0].maxAge = {};
  FileRouter router({.file = folder.file()}, realm);
  Member reader(router.script());
  EXPECT_EQ(router.numbers(reader, reader.subscribe("com.x")), (std::vector<int>{1, 2, 3}));
}

TEST(SqliteHistory, RefusesWhatItsQueueCannotTake) {
  const Folder folder;
  FileRouter router({.file = folder.file(), .maxQueuedEvents = 0});
  Member publisher(router.script());
  Member subscriber(router.script());
  subscriber.subscribe("com.app.x");
  const Id request = publisher.publish("com.app.x", {1}, {.acknowledge = true, .retain = true});
  EXPECT_EQ(publisher.expectError(message::Publish::kCode, request), error::kLimitExceeded);
  subscriber.expectNothing();  // refused is refused
  subscriber.subscribe("com.app.x", {.getRetained = true});
  subscriber.expectNothing();
  publisher.publish("com.app.x", {2});
  subscriber.expect<message::Event>();  // nobody was promised anything
}

TEST(SqliteHistory, AnswersAllQuestionsHoweverSlowTheLoop) {
  const Folder folder;
  FileRouter router({.file = folder.file(), .maxQueuedReads = 100});
  Member publisher(router.script());
  router.publish(publisher, "com.app.x", {7});
  Member reader(router.script());
  const Id subscription = reader.subscribe("com.app.x");
  for (int i = 0; i < 50; ++i) reader.call("wamp.subscription.get_events", {subscription});
  ASSERT_TRUE(router.loop().runUntil([&] { return reader.received().size() == 50; }));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(numbersOf(reader.expect<message::Result>().payload.args().at(0).asList()),
              (std::vector<int>{7}));
  }
}

TEST(SqliteHistory, RefusesQuestionsBeyondItsLimit) {
  const Folder folder;
  FileRouter router({.file = folder.file(), .maxQueuedReads = 0});
  Member reader(router.script());
  const Id call = reader.call("wamp.subscription.get_events", {reader.subscribe("com.app.x")});
  EXPECT_EQ(reader.expectCallError(call), error::kLimitExceeded);
}

/// What the log says meanwhile; some of it in the history's thread.
class Lines {
 public:
  Lines() {
    util::setSink([this](const util::LogRecord& record) {
      const std::lock_guard lock(mutex_);
      text_ += formatLogText(record) + '\n';
    });
  }
  ~Lines() { util::setSink({}); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  int count(std::string_view what) const {
    const std::lock_guard lock(mutex_);
    int found = 0;
    for (std::size_t at = 0; (at = text_.find(what, at)) != std::string::npos; ++at) ++found;
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// The numbers of the events that could be kept, before three could not, each for the reason `why`.
std::vector<int> publishUntilTheyFail(FileRouter& router, Client& publisher, std::string_view why) {
  std::vector<int> kept;
  int failed = 0;
  for (int i = 0; failed < 3 && i < 1000; ++i) {
    publisher.publish("com.app.x", {i, std::string(10'000, 'x')}, {.acknowledge = true});
    router.loop().settle(publisher);
    if (std::holds_alternative<message::Published>(publisher.received().front())) {
      publisher.expect<message::Published>();
      kept.push_back(i);
    } else {
      const auto error = publisher.expect<message::Error>();
      EXPECT_EQ(error.error, error::kHistoryFailed);
      EXPECT_THAT(error.payload.args().at(0).asString(), HasSubstr(why));
      ++failed;
    }
  }
  EXPECT_EQ(failed, 3);
  EXPECT_GT(kept.size(), 3U);
  return kept;
}

TEST(SqliteHistory, GoesOnWhenTheDiskIsFull) {
  const Folder folder;
  const Lines log;
  {
    FileRouter router({.file = folder.file(), .maxFileSize = 200'000});
    Member publisher(router.script());
    const Id subscription = publisher.subscribe("com.app.x");
    const std::vector<int> kept = publishUntilTheyFail(router, publisher, "full");
    EXPECT_EQ(log.count("the history fails"), 1);
    EXPECT_EQ(router.numbers(publisher, subscription), kept);
    publisher.publish("com.other", {}, {.acknowledge = true});
    publisher.expect<message::Published>();  // the router is well
  }
  FileRouter router({.file = folder.file()});  // and so is the file, as soon as there is room
  Member publisher(router.script());
  router.publish(publisher, "com.app.x", {1});
}

/// The system writes no file beyond so many octets while this lives: a write fails as on a broken disk.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t octets) : handlerBefore_(std::signal(SIGXFSZ, SIG_IGN)) {
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit small = before_;
    small.rlim_cur = octets;
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  }
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handlerBefore_);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

 private:
  rlimit before_{};
  void (*handlerBefore_)(int);
};

TEST(SqliteHistory, WritesAgainWhenTheDiskDoes) {
  const Folder folder;
  const Lines log;
  FileRouter router({.file = folder.file()});
  Member publisher(router.script());
  const Id subscription = publisher.subscribe("com.app.x");
  std::vector<int> kept;
  {
    const SmallFiles small(200'000);
    kept = publishUntilTheyFail(router, publisher, "disk");
    EXPECT_EQ(log.count("the history fails"), 1);
    EXPECT_EQ(router.numbers(publisher, subscription), kept) << "what was kept can be read";
  }
  router.publish(publisher, "com.app.x", {1000});
  kept.push_back(1000);
  EXPECT_EQ(router.numbers(publisher, subscription), kept);
  EXPECT_EQ(log.count("the history can be written again"), 1);
  EXPECT_EQ(log.count("the history fails"), 1);
}

TEST(SqliteHistory, OneProcessHasTheFile) {
  const Folder folder;
  FileRouter router({.file = folder.file()});
  EXPECT_THAT(whyNot(folder.file()), HasSubstr("locked"));
}

TEST(SqliteHistory, OneRealmHasTheStore) {
  const Folder folder;
  WaitingLoop loop;
  const auto store = makeSqliteHistory({.file = folder.file()}, loop.poster());
  store->open({});
  EXPECT_THROW(store->open({}), InvalidState);
}

TEST(SqliteHistory, SaysWhatIsWrongWithAFile) {
  const Folder folder;
  EXPECT_THAT(whyNot(folder.file("no/such/folder")), HasSubstr("No such file or directory"));
  std::ofstream(folder.file("text")) << std::string(5000, 'x');
  EXPECT_THAT(whyNot(folder.file("text")), HasSubstr("not a database"));
  { Database(folder.file("other")).execute("CREATE TABLE x (y)"); }
  EXPECT_THAT(whyNot(folder.file("other")), HasSubstr("something else"));
  EXPECT_EQ(whyNot(folder.file("new")), "");
  struct stat status {};
  ASSERT_EQ(::stat(folder.file("new").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  { Database(folder.file("new")).execute("PRAGMA user_version = 2"); }
  EXPECT_THAT(whyNot(folder.file("new")), HasSubstr("later version"));
}

TEST(SqliteHistory, GoesOnWhenTheFileIsDamaged) {
  const Folder folder;
  {
    FileRouter router({.file = folder.file()});
    Member publisher(router.script());
    for (int i = 0; i < 50; ++i) router.publish(publisher, "com.app.x", {i, std::string(4'000, 'x')});
  }
  {
    // Behind the first pages, which hold the schema.
    std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 8);
    file << std::string(std::size_t{4096} * 40, '\xEE');
  }
  std::string why;
  try {
    FileRouter router({.file = folder.file()});
    Member publisher(router.script());
    const Id subscription = publisher.subscribe("com.app.x");
    const Id call = publisher.call("wamp.subscription.get_events", {subscription});
    router.loop().settle(publisher);
    why = publisher.expectCallError(call);
    EXPECT_EQ(why, error::kHistoryFailed);
    publisher.publish("com.other", {}, {.acknowledge = true});
    publisher.expect<message::Published>();
  } catch (const std::runtime_error& error) {
    why = error.what();  // seen when it was opened
    EXPECT_THAT(why, HasSubstr("malformed"));
  }
  EXPECT_NE(why, "");
}

}  // namespace
}  // namespace autobahn::wamp::sqlite
