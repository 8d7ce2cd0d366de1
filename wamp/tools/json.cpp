#include "json.hpp"

#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/payload.hpp>
#include <string_view>

namespace wamp_tool {

using namespace autobahn::wamp;

namespace {

std::string checked(std::string_view json, std::string_view error) {
  if (!error.empty()) throw SerializationError("not to be shown as JSON: " + std::string(error));
  return std::string(json);
}

}  // namespace

std::optional<Value> parseJson(const std::string& text) {
  try {
    const Payload payload = Payload::encoded(Encoding::json, "[" + text + "]");
    if (payload.args().size() == 1) return payload.args()[0];
  } catch (const SerializationError&) {  // text
  }
  return std::nullopt;
}

Value valueOf(const std::string& text) {
  std::optional<Value> value = parseJson(text);
  return value ? *std::move(value) : Value(text);
}

std::string toJson(const List& values) {
  if (values.empty()) return "[]";
  const Payload payload(values);
  const Payload::Raw raw = payload.rawFor(Encoding::json);
  return checked(raw.args, raw.error);
}

std::string toJson(const Dict& values) {
  if (values.empty()) return "{}";
  const Payload payload({}, values);
  const Payload::Raw raw = payload.rawFor(Encoding::json);
  return checked(raw.kwargs, raw.error);
}

std::string toJson(const Value& value) {
  const std::string list = toJson(List{value});
  return list.substr(1, list.size() - 2);
}

}  // namespace wamp_tool
