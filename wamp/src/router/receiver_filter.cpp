#include "receiver_filter.hpp"

#include <algorithm>
#include <string_view>

namespace autobahn::inline v0::wamp::router {
namespace {

std::optional<std::vector<Id>> sorted(std::optional<std::vector<Id>> ids) {
  if (ids) std::ranges::sort(*ids);
  return ids;
}

std::optional<std::vector<std::string>> sorted(const std::optional<std::vector<Text>>& names) {
  if (!names) return std::nullopt;
  std::vector<std::string> copied;
  copied.reserve(names->size());
  for (const Text& each : *names) copied.push_back(each.string());
  std::ranges::sort(copied);
  return copied;
}

std::optional<std::vector<Text>> texts(const std::optional<std::vector<std::string>>& names) {
  if (!names) return std::nullopt;
  return std::vector<Text>(names->begin(), names->end());
}

template <class List, class Key>
bool holds(const List& list, const Key& key) {
  return std::binary_search(list->begin(), list->end(), key);
}

}  // namespace

ReceiverFilter::ReceiverFilter(const message::Receivers& receivers)
    : exclude_{sorted(receivers.exclude), sorted(receivers.excludeAuthid), sorted(receivers.excludeAuthrole)},
      eligible_{sorted(receivers.eligible), sorted(receivers.eligibleAuthid),
                sorted(receivers.eligibleAuthrole)} {}

message::Receivers ReceiverFilter::lists() const {
  return {.exclude = exclude_.sessions,
          .excludeAuthid = texts(exclude_.authids),
          .excludeAuthrole = texts(exclude_.authroles),
          .eligible = eligible_.sessions,
          .eligibleAuthid = texts(eligible_.authids),
          .eligibleAuthrole = texts(eligible_.authroles)};
}

std::size_t ReceiverFilter::octets() const {
  std::size_t octets = sizeof(*this);
  const auto addNames = [&octets](const std::optional<std::vector<std::string>>& names) {
    if (!names) return;
    octets += names->capacity() * sizeof(std::string);
    for (const std::string& each : *names) octets += each.capacity();
  };
  for (const Lists* each : {&exclude_, &eligible_}) {
    if (each->sessions) octets += each->sessions->capacity() * sizeof(Id);
    addNames(each->authids);
    addNames(each->authroles);
  }
  return octets;
}

bool ReceiverFilter::admits(const Session& session) const {
  const SessionInfo& info = session.info;
  const auto isExcluded = [](const auto& list, const auto& key) { return list && holds(list, key); };
  const auto isMissing = [](const auto& list, const auto& key) { return list && !holds(list, key); };
  return !isExcluded(exclude_.sessions, info.session) && !isExcluded(exclude_.authids, info.authid) &&
         !isExcluded(exclude_.authroles, info.authrole) && !isMissing(eligible_.sessions, info.session) &&
         !isMissing(eligible_.authids, info.authid) && !isMissing(eligible_.authroles, info.authrole);
}

}  // namespace autobahn::inline v0::wamp::router
