#include "reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "../value_text.hpp"

namespace autobahn::inline v0::wamp {
namespace {

std::string describeToken(const Token& token) {
  switch (token.type) {
    case TokenType::null:
      return "null";
    case TokenType::boolean:
      return token.boolean ? "true" : "false";
    case TokenType::integer:
      return "the integer " + std::to_string(token.integer);
    case TokenType::unsignedInteger:
      return "the integer " + std::to_string(token.unsignedInteger);
    case TokenType::real:
      return describeValue(Value(token.real));
    case TokenType::text:
      return "the string " + quoted(token.text);
    case TokenType::bytes:
      return "bytes";
    case TokenType::key:
      return "the key " + quoted(token.text);
    case TokenType::beginList:
      return "a list";
    case TokenType::beginDict:
      return "a dict";
    case TokenType::endList:
    case TokenType::endDict:
      break;
  }
  return "nothing";
}

std::string listNames(std::span<const std::string_view> names) {
  std::string list;
  for (const std::string_view each : names) list += (list.empty() ? "" : ", ") + quoted(each);
  return list;
}

// Names that the peer has chosen are shown as they are only when nobody can mistake them for anything else.
std::string readableName(std::string_view name) {
  const bool isPlain = name.size() <= 40 && std::ranges::all_of(name, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '_' || c == '-' || c == '.';
                       });
  return isPlain ? std::string(name) : quoted(name);
}

// Of messages that are answered by an ERROR.
constexpr std::array kRequestTypes{
    message::Publish::kCode,  message::Subscribe::kCode,  message::Unsubscribe::kCode, message::Call::kCode,
    message::Register::kCode, message::Unregister::kCode, message::Invocation::kCode};

constexpr std::string_view kEncAlgos[] = {"cryptobox", "mqtt", "xbr"};
constexpr std::string_view kEncSerializers[] = {"json", "msgpack", "cbor", "ubjson", "flatbuffers"};

bool isListedOrCustom(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end() || (name.starts_with("x_") && isCustomAttribute(name));
}

}  // namespace

// ---- Errors

bool MessageReader::refuse(std::string_view wanted, std::string_view got) {
  if (what_.empty()) what_ = std::string(wanted) + " wanted, got " + std::string(got);
  return false;
}

bool MessageReader::refuse(std::string_view wanted, const Token& got) {
  return refuse(wanted, describeToken(got));
}

bool MessageReader::within(std::string_view name, bool isGood) {
  if (!isGood) path_.insert(0, "." + readableName(name));
  return isGood;
}

bool MessageReader::withinIndex(std::size_t index, bool isGood) {
  if (!isGood) path_.insert(0, "[" + std::to_string(index) + "]");
  return isGood;
}

std::string MessageReader::problem(std::string_view messageName) const {
  return std::string(messageName) + path_ + ": " + (in_.failed() ? in_.error() : what_);
}

// ---- Elements

bool MessageReader::readCode(int& code) {
  Token token;
  if (in_.peek() != Shape::list)
    return refuse("a list", in_.peek() == Shape::end ? "nothing" : "something else");
  if (!in_.next(token) || !in_.next(token)) return false;
  if (token.type != TokenType::integer) return refuse("the code of a message", token);
  code = static_cast<int>(std::clamp<std::int64_t>(token.integer, -1, 1'000'000));
  if (!messageName(code).empty()) return true;
  return refuse("the code of a message", "the integer " + std::to_string(token.integer));
}

bool MessageReader::nextInMessage(Token& token) {
  if (in_.peek() == Shape::end) return refuse("a value", "the end of the message");
  return in_.next(token);
}

bool MessageReader::readEnd() {
  if (in_.peek() != Shape::end) return refuse("the end of the message", "more");
  Token token;
  return in_.next(token) && (in_.atEnd() || refuse("one message", "more bytes behind it"));
}

bool MessageReader::readPayload(Payload& payload) {
  switch (in_.peek()) {
    case Shape::end:
      return true;
    case Shape::bad:
      return false;
    case Shape::list: {
      std::string_view args;
      std::string_view kwargs;
      if (!in_.skipValue(args)) return false;
      if (const Shape shape = in_.peek(); shape == Shape::dict) {
        if (!in_.skipValue(kwargs)) return false;
      } else if (shape != Shape::end) {
        return !in_.failed() && refuse("a dict of keyword arguments", "something else");
      }
      payload = Payload::received(buffer(), encoding_, inBuffer(args), inBuffer(kwargs), maxValues_);
      return true;
    }
    case Shape::scalar: {
      Token token;
      if (!in_.next(token)) return false;
      // Text too, where it is said to be encoded: JSON without the convention for binary data.
      const bool isOpaque = token.type == TokenType::bytes || (token.type == TokenType::text && hasEncAlgo_);
      if (!isOpaque) return refuse("a list", token);
      payload = in_.isInInput(token.text) ? Payload::receivedOpaque(buffer(), inBuffer(token.text))
                                          : Payload::opaque(token.text);
      return true;
    }
    case Shape::dict:
      break;
  }
  return refuse("a list", "a dict");
}

bool MessageReader::readCustom(std::string key, message::Custom& custom) {
  auto value = decodeValue(in_, kMaxAttributeValues);
  if (!value) return within(key, false);
  custom.make().insert_or_assign(std::move(key), std::move(*value));
  return true;
}

// ---- Values

bool MessageReader::readValue(const Token& token, bool& value, Rule) {
  if (token.type != TokenType::boolean) return refuse("a boolean", token);
  value = token.boolean;
  return true;
}

bool MessageReader::readInteger(const Token& token, std::uint64_t least, std::uint64_t most,
                                std::uint64_t& value) {
  const bool isInteger =
      token.type == TokenType::integer ? token.integer >= 0 : token.type == TokenType::unsignedInteger;
  value =
      token.type == TokenType::integer ? static_cast<std::uint64_t>(token.integer) : token.unsignedInteger;
  if (isInteger && value >= least && value <= most) return true;
  const std::string range = most == kMaxId ? "an ID (an integer from " + std::to_string(least) + " to 2^53)"
                                           : "an integer >= " + std::to_string(least);
  return refuse(range, token);
}

bool MessageReader::readValue(const Token& token, std::uint64_t& value, Rule rule) {
  const bool isId = rule == Rule::id || rule == Rule::idOrZero;
  const std::uint64_t least = rule == Rule::id || rule == Rule::positive ? 1 : 0;
  return readInteger(token, least, isId ? kMaxId : std::numeric_limits<std::uint64_t>::max(), value);
}

bool MessageReader::readValue(const Token& token, int& value, Rule) {
  const bool isKnown = token.type == TokenType::integer &&
                       std::ranges::find(kRequestTypes, token.integer) != kRequestTypes.end();
  if (!isKnown) return refuse("the code of a message that is answered", token);
  value = static_cast<int>(token.integer);
  return true;
}

bool MessageReader::readValue(const Token& token, std::chrono::milliseconds& value, Rule) {
  std::uint64_t count = 0;
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!readInteger(token, 0, kMost, count)) return false;
  value = std::chrono::milliseconds(static_cast<std::int64_t>(count));
  return true;
}

bool MessageReader::checkText(const Token& token, Rule rule) {
  switch (rule) {
    case Rule::uri:
      return isValidUri(token.text, uriRule_) || refuse("a URI", token);
    case Rule::encSerializer:
      return isListedOrCustom(token.text, kEncSerializers) ||
             refuse("one of " + listNames(kEncSerializers) + " or x_…", token);
    case Rule::encAlgo:
      hasEncAlgo_ = true;
      return isListedOrCustom(token.text, kEncAlgos) ||
             refuse("one of " + listNames(kEncAlgos) + " or x_…", token);
    default:
      return true;
  }
}

bool MessageReader::readValue(const Token& token, Text& value, Rule rule) {
  const bool isUri = rule == Rule::uri || rule == Rule::pattern;
  if (token.type != TokenType::text) return refuse(isUri ? "a URI" : "a string", token);
  if (!checkText(token, rule)) return false;
  value = keep(token.text);
  return true;
}

bool MessageReader::readValue(const Token& token, Dict& value, Rule) {
  if (token.type != TokenType::beginDict) return refuse("a dict", token);
  auto decoded = decodeValue(in_, token, kMaxAttributeValues);
  if (!decoded) return false;
  value = std::move(decoded->asDict());
  return true;
}

bool MessageReader::readName(const Token& token, std::span<const std::string_view> names,
                             std::size_t& index) {
  const auto found = token.type == TokenType::text ? std::ranges::find(names, token.text) : names.end();
  if (found == names.end()) return refuse("one of " + listNames(names), token);
  index = static_cast<std::size_t>(found - names.begin());
  return true;
}

bool MessageReader::readValue(const Token& token, Roles& roles, Rule rule) {
  if (token.type != TokenType::beginDict) return refuse("a dict", token);
  roles = {};
  for (Token key; in_.next(key) && key.type == TokenType::key;) {
    if (!readRole(std::string(key.text), roles, rule)) return false;
  }
  if (in_.failed()) return false;
  const std::string_view whose = rule == Rule::clientRoles ? "a client" : "a router";
  return !roles.empty() || refuse("at least one role of " + std::string(whose), "none");
}

// Roles and features that are not known here are somebody's future: ignored.
bool MessageReader::readRole(std::string_view name, Roles& roles, Rule rule) {
  const std::optional<Role> role = roleOf(name);
  if (role && isClientRole(*role) != (rule == Rule::clientRoles)) {
    return within(name, refuse(rule == Rule::clientRoles ? "a client's role" : "a router's role", "another"));
  }
  Token token;
  if (!in_.next(token)) return false;
  if (token.type != TokenType::beginDict) return within(name, refuse("a dict", token));
  if (role) roles.add(*role);
  for (Token key; in_.next(key) && key.type == TokenType::key;) {
    std::string_view ignored;
    const bool isGood = role && key.text == "features" ? within("features", readFeatures(*role, roles))
                                                       : in_.skipValue(ignored);
    if (!isGood) return within(name, false);
  }
  return !in_.failed();
}

bool MessageReader::readFeatures(Role role, Roles& roles) {
  Token token;
  if (!in_.next(token)) return false;
  if (token.type != TokenType::beginDict) return refuse("a dict", token);
  for (Token key; in_.next(key) && key.type == TokenType::key;) {
    const std::optional<Feature> feature = featureOf(key.text);
    if (!feature) {
      std::string_view ignored;
      if (!in_.skipValue(ignored)) return false;
      continue;
    }
    if (!in_.next(token)) return false;
    if (token.type == TokenType::null) continue;
    if (token.type != TokenType::boolean) {
      return within(featureName(*feature), refuse("a boolean", token));
    }
    if (token.boolean) roles.add(role, *feature);
  }
  return !in_.failed();
}

// ---- Parts of the message that are kept

const SharedBuffer& MessageReader::buffer() {
  if (!buffer_) buffer_ = SharedBuffer::copyOf(in_.input());
  return buffer_;
}

std::string_view MessageReader::inBuffer(std::string_view part) {
  if (part.empty()) return {};
  return buffer().view().substr(static_cast<std::size_t>(part.data() - in_.input().data()), part.size());
}

Text MessageReader::keep(std::string_view text) {
  if (text.empty()) return Text::constant({});
  return in_.isInInput(text) ? Text(buffer(), inBuffer(text)) : Text(text);
}

// ---- What concerns several fields

bool MessageReader::checkUri(std::string_view field, const Text& uri, std::optional<Match> match) {
  const Match how = match.value_or(Match::exact);
  if (isValidUri(uri, uriRule_, how)) return true;
  const std::string_view name = namesOf(how)[static_cast<std::size_t>(how)];
  return within(field, refuse("a URI to match (" + std::string(name) + ")", "the string " + quoted(uri)));
}

bool MessageReader::check(const message::Hello& hello) {
  if (!hello.details.resumeSession || hello.details.resumeToken) return true;
  return within("Details", within("resume-token", refuse("a string beside resume-session", "nothing")));
}

bool MessageReader::check(const message::Subscribe& subscribe) {
  return checkUri("Topic", subscribe.topic, subscribe.options.match);
}

bool MessageReader::check(const message::Register& registration) {
  return checkUri("Procedure", registration.procedure, registration.options.match);
}

bool MessageReader::check(const message::Unsubscribed& unsubscribed) {
  if (unsubscribed.request != 0 || unsubscribed.details.subscription) return true;
  return within("Details", within("subscription", refuse("an ID, as the request is 0,", "nothing")));
}

bool MessageReader::check(const message::Unregistered& unregistered) {
  if (unregistered.request != 0 || unregistered.details.registration) return true;
  return within("Details", within("registration", refuse("an ID, as the request is 0,", "nothing")));
}

bool MessageReader::check(const message::Interrupt& interrupt) {
  if (interrupt.options.mode != CancelMode::skip) return true;
  return within("Options", within("mode", refuse("\"kill\" or \"killnowait\"", "the string \"skip\"")));
}

}  // namespace autobahn::inline v0::wamp
