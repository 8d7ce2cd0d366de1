// Messages of the router as the model writes them.
#pragma once

#include <autobahn/wamp/message.hpp>
#include <autobahn/wamp/value.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <variant>

#include "../../testing/messages.hpp"
#include "model_members.hpp"

namespace autobahn::wamp::router::testing {

inline std::string firstArgument(const Payload& payload) {
  return payload.args().empty() ? std::string() : payload.args().front().asString();
}

inline std::string lineOf(const message::Event& event) {
  const message::Event::Details& details = event.details;
  const ModelTags tags{details.publisher.session, details.trustlevel};
  return "event " + std::to_string(event.subscription) + " " +
         (details.topic ? details.topic->string() + " " : "") + firstArgument(event.payload) + tags.text() +
         (details.retained.value_or(false) ? " retained" : "");
}
inline std::string lineOf(const message::Invocation& invocation) {
  const message::Invocation::Details& details = invocation.details;
  const ModelTags tags{details.caller.session, details.trustlevel};
  return "invocation " + std::to_string(invocation.request) + " " + std::to_string(invocation.registration) +
         " " + (details.procedure ? details.procedure->string() + " " : "") +
         firstArgument(invocation.payload) + tags.text();
}
inline std::string lineOf(const message::Interrupt& interrupt) {
  return "interrupt " + std::to_string(interrupt.request) +
         (interrupt.options.mode == CancelMode::kill ? " kill" : " killnowait");
}
inline std::string lineOf(const message::Result& result) {
  return (result.details.progress.value_or(false) ? "progress " : "result ") +
         std::to_string(result.request) + " " + firstArgument(result.payload);
}
inline std::string lineOf(const message::Error& error) {
  return "error " + std::to_string(error.request) + " " + error.error.string();
}
inline std::string lineOf(const message::Published& published) {
  return "published " + std::to_string(published.request);
}
inline std::string lineOf(const Message& message) {
  return std::visit(
      [&message](const auto& each) -> std::string {
        if constexpr (requires { lineOf(each); }) return lineOf(each);
        return wamp::testing::toJson(message);
      },
      message);
}

// ---- Event history

/// The router's wall clock is so much after the day on which scripts begin.
inline std::string timeText(std::chrono::milliseconds sinceStart) {
  const auto all = static_cast<int>(sinceStart.count());
  char text[64];
  std::snprintf(text, sizeof(text), "2019-12-20T%02d:%02d:%02d.%03dZ", all / 3'600'000, all / 60'000 % 60,
                all / 1000 % 60, all % 1000);
  return text;
}
inline std::chrono::milliseconds timeOf(const std::string& text) {
  int hours = 0, minutes = 0, seconds = 0, rest = 0;
  if (std::sscanf(text.c_str(), "2019-12-20T%2d:%2d:%2d.%3dZ", &hours, &minutes, &seconds, &rest) != 4) {
    return std::chrono::milliseconds(-1);
  }
  return std::chrono::milliseconds(((hours * 60 + minutes) * 60 + seconds) * 1000 + rest);
}

/// What get_events was answered with. `publications`: IDs of those that are known, by payload.
inline std::string linesOfHistory(const Message& answer, Id subscription,
                                  const std::map<std::string, Id>& publications) {
  if (const auto* error = std::get_if<message::Error>(&answer)) return "error " + error->error.string();
  const auto* result = std::get_if<message::Result>(&answer);
  if (result == nullptr) return wamp::testing::toJson(answer);
  std::string text;
  for (const Value& each : result->payload.args().at(0).asList()) {
    const std::string& payload = each.get("args").get(0).asString();
    const Dict& details = each.get("details").asDict();
    ModelTags tags;
    if (const auto by = details.find("publisher"); by != details.end()) tags.session = by->second.asUint64();
    if (const auto level = details.find("trustlevel"); level != details.end()) {
      tags.trustlevel = level->second.asUint64();
    }
    text += std::to_string(timeOf(each.get("timestamp").asString()).count()) + " " +
            each.get("topic").asString() + " " + payload + tags.text();
    const auto known = publications.find(payload);
    const Id publication = each.get("publication").asUint64();
    if (each.get("subscription").asUint64() != subscription) text += " of the wrong subscription";
    if (known != publications.end() && known->second != publication) text += " with the wrong publication ID";
    text += "; ";
  }
  return text + (result->payload.kwargs().contains("truncated") ? "truncated" : "");
}

}  // namespace autobahn::wamp::router::testing
