#include <algorithm>
#include <autobahn/wamp/serializer_set.hpp>
#include <stdexcept>

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::string_view kPrefix = "wamp.2.";

}  // namespace

SerializerSet::SerializerSet() {
  for (const std::string_view id : defaultSerializerIds()) addKnown(id, {});
}

SerializerSet::SerializerSet(const std::vector<std::string>& ids, SerializerOptions options) {
  for (const std::string& id : ids) addKnown(id, options);
}

SerializerSet SerializerSet::all(SerializerOptions options) {
  SerializerSet set{std::vector<std::string>()};
  for (const std::string_view id : serializerIds()) set.addKnown(id, options);
  return set;
}

void SerializerSet::addKnown(std::string_view id, const SerializerOptions& options) {
  const auto sample = makeSerializer(id, options);
  if (!sample) throw std::invalid_argument("there is no serializer \"" + std::string(id) + "\"");
  add(std::string(id), sample->rawSocketId(),
      [id = std::string(id), options] { return makeSerializer(id, options); });
}

void SerializerSet::add(std::string id, int rawSocketId, Maker make) {
  std::erase_if(entries_, [&](const Entry& each) { return each.id == id; });
  entries_.push_back({std::move(id), rawSocketId, std::move(make)});
}

std::vector<std::string> SerializerSet::ids() const {
  std::vector<std::string> all;
  for (const Entry& each : entries_) all.push_back(each.id);
  return all;
}

std::vector<std::string> SerializerSet::subprotocols() const {
  std::vector<std::string> all;
  for (const Entry& each : entries_) all.push_back(std::string(kPrefix) + each.id);
  return all;
}

std::unique_ptr<Serializer> SerializerSet::make(std::string_view id) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](auto& each) { return each.id == id; });
  return found == entries_.end() ? nullptr : found->make();
}

std::unique_ptr<Serializer> SerializerSet::makeForSubprotocol(std::string_view subprotocol) const {
  if (!subprotocol.starts_with(kPrefix)) return nullptr;
  return make(subprotocol.substr(kPrefix.size()));
}

std::unique_ptr<Serializer> SerializerSet::makeForRawSocket(int rawSocketId) const {
  if (rawSocketId == 0) return nullptr;
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](auto& each) { return each.rawSocketId == rawSocketId; });
  return found == entries_.end() ? nullptr : found->make();
}

std::vector<int> SerializerSet::rawSocketIds() const {
  std::vector<int> all;
  for (const Entry& each : entries_) {
    if (each.rawSocketId != 0) all.push_back(each.rawSocketId);
  }
  return all;
}

}  // namespace autobahn::inline v0::wamp
