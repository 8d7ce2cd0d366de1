// What the broker hands over to be kept.
#include <autobahn/util/log.hpp>
#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <utility>

#include "../messages/parts.hpp"
#include "broker.hpp"

namespace autobahn::inline v0::wamp::router {
namespace {

using message::Publish;

constexpr util::Logger kLog{"autobahn.wamp.router"};

// Session IDs mean nothing to those who ask later: such events are not for a history (advanced profile, event
// history, "Security Aspects").
bool namesSessions(const Publication& publication) {
  return publication.filter && publication.filter->namesSessions();
}

bool isOfValues(const Payload& payload) {
  return !payload.empty() && !payload.isOpaque() && payload.encoding() == Encoding::none;
}

std::optional<HistoryFailure> encodeValues(Payload& payload) {
  if (!isOfValues(payload)) return std::nullopt;
  try {
    payload = payload.detached();
  } catch (const SerializationError& error) {
    return HistoryFailure{error::kInvalidPayload, error.what()};
  }
  return std::nullopt;
}

RetainedEvent retainedOf(const HistoryRecord& record) {
  RetainedEvent event{.publication = record.publication, .time = record.time, .details = record.details};
  if (record.receivers) event.filter = std::make_shared<const ReceiverFilter>(*record.receivers);
  event.payload = record.payload.detached();
  detach(event.details);
  return event;
}

}  // namespace

void Broker::openHistory() {
  history_ = std::make_unique<EventHistory>(options_.history);
  for (const HistoryRecord& record : history_->store().open(options_.history.rules)) {
    RetainedEvent event = retainedOf(record);
    event.size = retainedOctets(record.topic, event);
    retained_.keep(record.topic, std::move(event));
  }
  for (const HistoryRule& rule : options_.history.rules) {
    bool isNew = false;
    subscriptionFor(rule.uri, rule.match, isNew).isKept = true;
  }
}

// False: the publication is refused. Otherwise the publisher has been told, or will be.
bool Broker::keep(Publication& publication, const Publish::Options& options, const Asker* asker) {
  HistoryStore& store = history_->store();
  const bool isRetained = options.retain.value_or(false);
  HistoryWrite write;
  if (!namesSessions(publication)) write.rules = history_->rulesFor(publication.topic);
  const bool retainsInStore = isRetained && store.keepsRetained();
  bool isKept = !write.rules.empty() || retainsInStore;
  if (isKept) {
    std::optional<HistoryFailure> failure = encodeValues(publication.payload);
    if (!failure) {
      write.record = recordOf(publication, options);
      failure = store.mayWrite(historyOctets(write.record));
    }
    if (failure && refuseUnkept(asker, publication.topic, *failure)) return false;
    isKept = !failure;
    if (isKept) missesEvents_ = false;
    if (isKept && !write.rules.empty()) history_->setKept();
  }
  if (isRetained) retain(publication);
  if (isKept && retainsInStore) write.retained = retainedRecords(publication.topic);
  const bool isDone =
      !isKept || store.write(std::move(write), asker != nullptr ? tellWhenKept(*asker, publication.drawnId())
                                                                : HistoryStore::Written());
  if (asker != nullptr && isDone) {
    out_.send(asker->session,
              message::Published{.request = asker->request, .publication = publication.drawnId()});
  }
  return true;
}

HistoryRecord Broker::recordOf(Publication& publication, const Publish::Options& options) const {
  HistoryRecord record{.publication = publication.drawnId(),
                       .time = now(),
                       .topic = Text(publication.topic),
                       .details = publication.details,
                       .payload = publication.payload};
  if (publication.filter) record.receivers = options.receivers;
  return record;
}

// Who was named by session is not there any more when the router begins again.
std::vector<HistoryRecord> Broker::retainedRecords(std::string_view topic) const {
  std::vector<HistoryRecord> records;
  for (const RetainedEvent& each : retained_.of(topic)) {
    if (each.filter && each.filter->namesSessions()) continue;
    HistoryRecord record{.publication = each.publication,
                         .time = std::chrono::floor<std::chrono::milliseconds>(each.time),
                         .topic = Text(topic),
                         .details = each.details,
                         .payload = each.payload};
    if (each.filter) record.receivers = each.filter->lists();
    records.push_back(std::move(record));
  }
  return records;
}

HistoryStore::Written Broker::tellWhenKept(const Asker& asker, Id publication) {
  if (!makeResume_) return {};
  return [this, request = asker.request, publication,
          resume = makeResume_(asker.session)](const HistoryFailure* failure) {
    std::optional<HistoryFailure> copied;
    if (failure != nullptr) copied = *failure;
    // Run only while the realm is there, and with it this broker.
    resume([this, request, publication, copied](Session& session) {
      if (copied) return refuse(out_, session, Publish::kCode, request, copied->uri, copied->why);
      out_.send(session, message::Published{.request = request, .publication = publication});
    });
  };
}

// Whoever does not ask is promised nothing: the event goes to those who listen.
bool Broker::refuseUnkept(const Asker* asker, std::string_view topic, const HistoryFailure& failure) {
  if (asker == nullptr) {
    // A flood does not become one of the log.
    if (!std::exchange(missesEvents_, true)) {
      kLog.warning("events are not kept", {{"topic", topic}, {"why", failure.why}});
    }
    return false;
  }
  refuse(out_, asker->session, Publish::kCode, asker->request, failure.uri, failure.why);
  return true;
}

}  // namespace autobahn::inline v0::wamp::router
