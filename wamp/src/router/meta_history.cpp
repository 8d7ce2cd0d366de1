// wamp.subscription.get_events (advanced profile, event history).
#include <autobahn/wamp/application_error.hpp>
#include <autobahn/wamp/arguments.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <memory>
#include <utility>

#include "../messages/message_codec.hpp"
#include "../serializers/codecs.hpp"
#include "meta.hpp"
#include "rfc3339.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

/// A query, and what is to be told besides what it finds.
struct Question {
  Id call = 0;
  Id subscription = 0;
  bool hasLimit = false;  ///< of the caller's
  HistoryQuery query{};
};

[[noreturn]] void refuseFilter(std::string_view name, std::string_view wanted) {
  throw ApplicationError(error::kInvalidArgument,
                         {std::string(name) + ": " + std::string(wanted) + " wanted"});
}

void setLimit(Question& question, const Value& value) {
  if (!value.isInt64() || value.asInt64() < 1) refuseFilter("limit", "a positive integer");
  if (static_cast<std::uint64_t>(value.asInt64()) > question.query.limit) return;
  question.hasLimit = true;
  question.query.limit = static_cast<std::size_t>(value.asInt64());
}

// Times between milliseconds: the next one or the last one is as good.
void setTime(HistoryQuery& query, std::string_view name, const Value& value) {
  const std::optional<ParsedTime> given = value.isString() ? parseTime(value.asString()) : std::nullopt;
  if (!given) refuseFilter(name, "a time as in RFC 3339 (\"2026-05-17T08:30:00Z\")");
  constexpr std::chrono::milliseconds kNext(1);
  const HistoryTime notBefore = given->isCut ? given->time + kNext : given->time;
  if (name == "from_time") query.first = std::max(query.first, notBefore);
  if (name == "after_time") query.first = std::max(query.first, given->time + kNext);
  if (name == "before_time") query.last = std::min(query.last, notBefore - kNext);
  if (name == "until_time") query.last = std::min(query.last, given->time);
}

void setPublication(std::optional<Id>& publication, std::string_view name, const Value& value) {
  if (!value.isInt64() || value.asInt64() < 1 || value.asUint64() > kMaxId) {
    refuseFilter(name, "the ID of a publication");
  }
  publication = value.asUint64();
}

void setFilter(Question& question, const std::string& name, const Value& value) {
  HistoryQuery& query = question.query;
  const std::pair<std::string_view, std::optional<Id>*> publications[] = {
      {"from_publication", &query.fromPublication},
      {"after_publication", &query.afterPublication},
      {"before_publication", &query.beforePublication},
      {"until_publication", &query.untilPublication}};
  for (const auto& [key, publication] : publications) {
    if (key == name) return setPublication(*publication, name, value);
  }
  if (name == "limit") return setLimit(question, value);
  if (name == "reverse") {
    if (!value.isBool()) refuseFilter(name, "true or false");
    query.isReverse = value.asBool();
  } else if (name == "topic") {
    if (!value.isString() || !isValidUri(value.asString())) refuseFilter(name, "a URI");
    query.topic = value.asString();
  } else if (name == "from_time" || name == "after_time" || name == "before_time" || name == "until_time") {
    setTime(query, name, value);
  } else {
    // A filter that is not applied would show what nobody wanted to see.
    throw ApplicationError(error::kInvalidArgument, {"no such filter: " + name});
  }
}

Question questionOf(const MetaCall& call, const EventHistory& history) {
  if (call.args.empty() || call.args.size() > 2) {
    throw ApplicationError(error::kInvalidArgument, {"the ID of a subscription wanted, and perhaps a limit"});
  }
  const Subscription* subscription = call.realm.broker().find(convert<Id>(call.args.front()));
  if (subscription == nullptr) throw ApplicationError(error::kNoSuchSubscription);
  const std::optional<std::size_t> rule = history.ruleFor({subscription->topic, subscription->match});
  if (!rule) {
    throw ApplicationError(error::kHistoryUnavailable, {"no history is kept for " + subscription->topic});
  }
  Question question{.call = call.request, .subscription = subscription->id};
  HistoryQuery& query = question.query;
  query.rule = *rule;
  query.subscription = subscription->topic;
  query.match = subscription->match;
  query.authid = call.caller.info.authid;
  query.authrole = call.caller.info.authrole;
  query.limit = history.options().maxEventsPerRead;
  query.maxOctets = history.options().maxOctetsPerRead;
  if (call.args.size() == 2 && !call.args[1].isNull()) setLimit(question, call.args[1]);  // as Crossbar.io
  for (const auto& [name, value] : call.kwargs) {
    if (!value.isNull()) setFilter(question, name, value);
  }
  return question;
}

// ---- Answers

// Details as they stand on the wire.
Value detailsOf(const Question& question, const HistoryRecord& record) {
  const Codec& codec = *findCodec(Encoding::cbor);
  Encoder& encoder = threadEncoder(codec);
  util::ByteBuffer bytes;
  message::Event event{.subscription = question.subscription, .publication = record.publication};
  event.details = record.details;
  if (question.query.match != Match::exact) event.details.topic = record.topic;
  SerializerOptions options{.maxMessageSize = 0, .maxDepth = kHighestMaxDepth};
  if (writeMessage(encoder, Encoding::cbor, event, options, bytes)) return Dict{};
  Decoder& decoder = threadDecoder(codec);
  decoder.start(bytes.view(), kHighestMaxDepth);
  std::optional<Value> read = decodeValue(decoder);
  return read ? std::move(read->asList().at(3)) : Value(Dict{});
}

Value eventOf(const Question& question, const HistoryRecord& record) {
  Dict event{{"timestamp", formatTime(record.time)},
             {"subscription", question.subscription},
             {"publication", record.publication},
             {"topic", record.topic.view()},
             {"details", detailsOf(question, record)}};
  try {
    // A copy: what is decoded must not stay with the record.
    Payload payload = record.payload.detached();
    if (payload.isOpaque()) {
      event.emplace("args", List{Bytes(payload.opaqueBytes())});
      return event;
    }
    auto [args, kwargs] = std::move(payload).take();
    if (!args.empty()) event.emplace("args", std::move(args));
    if (!kwargs.empty()) event.emplace("kwargs", std::move(kwargs));
  } catch (const SerializationError& error) {
    event.emplace("error", error.what());
  }
  return event;
}

void answer(Outbox& out, Session& session, const Question& question, const HistoryResult& result) {
  if (result.failure) {
    return refuse(out, session, message::Call::kCode, question.call, result.failure->uri,
                  result.failure->why);
  }
  List events;
  events.reserve(result.records.size());
  for (const auto& record : result.records) events.push_back(eventOf(question, *record));
  // Whoever has set the limit knows that there may be more.
  const bool isOurLimit =
      result.hasMore && !(question.hasLimit && result.records.size() == question.query.limit);
  Payload payload(onlyOne(std::move(events)), isOurLimit ? Dict{{"truncated", true}} : Dict{});
  out.send(session, message::Result{.request = question.call, .payload = std::move(payload)});
}

void ask(Realm& realm, Session& caller, const std::shared_ptr<Question>& question) {
  EventHistory& history = *realm.broker().history();
  const HistoryRule& rule = history.options().rules[question->query.rule];
  if (rule.maxAge.count() > 0) {
    question->query.oldest = realm.broker().now() - rule.maxAge;
    question->query.first = std::max(question->query.first, question->query.oldest);
  }
  HistoryQuery query = question->query;
  history.store().read(std::move(query), [resume = realm.resumeFor(caller), question,
                                          weak = realm.weak_from_this()](HistoryResult result) {
    const auto shared = std::make_shared<HistoryResult>(std::move(result));
    resume([question, shared, weak](Session& session) {
      if (const auto there = weak.lock()) answer(there->outbox(), session, *question, *shared);
    });
  });
}

}  // namespace

std::optional<List> getEvents(MetaCall& call) {
  EventHistory* history = call.realm.broker().history();
  if (history == nullptr || !history->hasRules()) {
    throw ApplicationError(error::kHistoryUnavailable, {"no history is kept in this realm"});
  }
  const auto question = std::make_shared<Question>(questionOf(call, *history));
  const AuthorizationRequest wanted{call.caller.info, Action::subscribe, question->query.subscription,
                                    question->query.match};
  call.realm.ask(call.caller, wanted,
                 [&realm = call.realm, question](Session& session, const Permission& permission) {
                   if (permission.allow) return ask(realm, session, question);
                   refuse(realm.outbox(), session, message::Call::kCode, question->call,
                          permission.failed ? error::kAuthorizationFailed : error::kNotAuthorized);
                 });
  return std::nullopt;
}

}  // namespace autobahn::inline v0::wamp::router
