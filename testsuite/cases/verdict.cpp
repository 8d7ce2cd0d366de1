#include "cases/verdict.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cases/printable.hpp"

namespace wstest {

namespace {

constexpr std::array<std::pair<Behavior, std::string_view>, 5> kBehaviors = {{
    {Behavior::ok, "OK"},
    {Behavior::nonStrict, "NON-STRICT"},
    {Behavior::informational, "INFORMATIONAL"},
    {Behavior::unimplemented, "UNIMPLEMENTED"},
    {Behavior::failed, "FAILED"},
}};

constexpr std::array<std::pair<CloseBehavior, std::string_view>, 7> kCloseBehaviors = {{
    {CloseBehavior::ok, "OK"},
    {CloseBehavior::failed, "FAILED"},
    {CloseBehavior::wrongCode, "WRONG CODE"},
    {CloseBehavior::unclean, "UNCLEAN"},
    {CloseBehavior::failedByClient, "FAILED BY CLIENT"},
    {CloseBehavior::informational, "INFORMATIONAL"},
    {CloseBehavior::unimplemented, "UNIMPLEMENTED"},
}};

template <typename Value, std::size_t size>
std::string_view nameIn(const std::array<std::pair<Value, std::string_view>, size>& table, Value value) {
  const auto found = std::ranges::find(table, value, [](const auto& row) { return row.first; });
  return found == table.end() ? "" : found->second;
}

template <typename Value, std::size_t size>
std::optional<Value> valueIn(const std::array<std::pair<Value, std::string_view>, size>& table,
                             std::string_view name) {
  const auto found = std::ranges::find(table, name, [](const auto& row) { return row.second; });
  return found == table.end() ? std::nullopt : std::optional(found->first);
}

std::string_view kindOf(const Event& event) {
  switch (event.kind) {
    case Event::Kind::message:
      return event.isBinary ? "binary message" : "text message";
    case Event::Kind::ping:
      return "ping";
    case Event::Kind::pong:
      return "pong";
  }
  return "";
}

}  // namespace

std::string_view name(Behavior behavior) { return nameIn(kBehaviors, behavior); }
std::string_view name(CloseBehavior behavior) { return nameIn(kCloseBehaviors, behavior); }
std::optional<Behavior> behaviorOf(std::string_view name) { return valueIn(kBehaviors, name); }
std::optional<CloseBehavior> closeBehaviorOf(std::string_view name) { return valueIn(kCloseBehaviors, name); }

std::string quote(std::string_view payload, std::size_t limit) {
  std::string text;
  while (!payload.empty() && text.size() < limit) {
    const std::size_t size = std::max<std::size_t>(characterSize(payload), 1);
    const std::string_view character = payload.substr(0, size);
    // What is quoted can be read back in one way only.
    if (character == "'" || character == "\\") text += '\\';
    text += printable(character);
    payload.remove_prefix(size);
  }
  return "'" + text + (payload.empty() ? "'" : "…'");
}

std::string describe(const Event& event) {
  const std::size_t size = event.payload.size();
  std::string out(kindOf(event));
  out += " of " + std::to_string(size) + (size == 1 ? " byte" : " bytes");
  if (size > 0) out += " " + quote(event.payload);
  return out;
}

std::string describe(const std::vector<Event>& events) {
  constexpr std::size_t kShown = 10;
  if (events.empty()) return "nothing";
  std::string out;
  for (std::size_t i = 0; i < std::min(events.size(), kShown); ++i)
    out += (i > 0 ? ", " : "") + describe(events[i]);
  if (events.size() > kShown) out += " and " + std::to_string(events.size() - kShown) + " more";
  return out;
}

}  // namespace wstest
