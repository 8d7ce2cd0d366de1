// Reads messages by their tables (fields.hpp), checking everything.
#pragma once

#include <autobahn/wamp/serializer.hpp>
#include <type_traits>

#include "../serializers/codec.hpp"
#include "fields.hpp"
#include "names.hpp"

namespace autobahn::inline v0::wamp {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsOptional<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional<Rare<T>> : std::true_type {};

/// Values in one attribute (a list of receivers, `authextra`): ample for what is meant, and far below what a
/// message of the largest size could be blown up to.
inline constexpr std::size_t kMaxAttributeValues = 100'000;

/// Reads one message. All functions return false after an error; on the way back each level adds its name, so
/// that the path to the culprit costs nothing while all is well.
class MessageReader {
 public:
  MessageReader(Decoder& in, Encoding encoding, const SerializerOptions& options)
      : in_(in), encoding_(encoding), uriRule_(options.uriRule), maxValues_(options.maxValues) {}

  /// The elements after the code, and the end of the list.
  template <class T>
  bool readElements(T& message) {
    const auto readAll = [&](const auto&... field) { return (readElement(message, field) && ...); };
    return std::apply(readAll, Wire<T>::fields) && readEnd();
  }

  /// The code that a message begins with; its list is open then.
  bool readCode(int& code);
  /// Checks what concerns several fields. Does nothing for most messages.
  template <class T>
  bool check(const T&) {
    return true;
  }
  bool check(const message::Hello& hello);
  bool check(const message::Subscribe& subscribe);
  bool check(const message::Register& registration);
  bool check(const message::Unsubscribed& unsubscribed);
  bool check(const message::Unregistered& unregistered);
  bool check(const message::Interrupt& interrupt);

  /// `CALL.Options.timeout: an integer >= 0 wanted, got …`
  std::string problem(std::string_view messageName) const;

 private:
  // ---- Errors
  bool refuse(std::string_view wanted, const Token& got);
  bool refuse(std::string_view wanted, std::string_view got);
  /// Adds a level to the path of an error.
  bool within(std::string_view name, bool isGood);
  bool withinIndex(std::size_t index, bool isGood);

  // ---- Elements
  template <class Owner, class Member>
  bool readElement(Owner& owner, const Field<Owner, Member>& field) {
    if (field.rule == Rule::optional && in_.peek() == Shape::end) return true;
    Token token;
    return within(field.name, nextInMessage(token) && readValue(token, owner.*field.member, field.rule));
  }
  template <class Owner>
  bool readElement(Owner& owner, const Field<Owner, Payload>& field) {
    return within(field.name, readPayload(owner.*field.member));
  }
  bool nextInMessage(Token& token);
  bool readPayload(Payload& payload);
  bool readEnd();

  // ---- Dicts
  template <DictStruct T>
  bool readValue(const Token& token, T& value, Rule) {
    if (token.type != TokenType::beginDict) return refuse("a dict", token);
    std::uint64_t seen = 0;
    for (Token key; in_.next(key) && key.type == TokenType::key;) {
      if (!readEntry(key.text, value, seen)) return false;
    }
    return !in_.failed() && hasRequired(value, seen);
  }

  template <class T>
  bool readEntry(std::string_view key, T& value, std::uint64_t& seen) {
    bool isGood = true;
    std::uint64_t bit = 1;
    const auto tryField = [&](const auto& field) {
      const bool isIt = holds(field, key);
      if (isIt) {
        seen |= bit;
        isGood = readField(key, value, field);
      }
      bit <<= 1;
      return isIt;
    };
    const auto tryAll = [&](const auto&... field) { return (tryField(field) || ...); };
    if (std::apply(tryAll, Wire<T>::fields)) return isGood;
    if constexpr (requires { value.custom; }) {
      if (isCustomAttribute(key)) return readCustom(std::string(key), value.custom);
    }
    std::string_view ignored;
    return in_.skipValue(ignored);
  }

  template <class T>
  bool hasRequired(const T&, std::uint64_t seen) {
    const auto check = [&]<class Owner, class Member>(const Field<Owner, Member>& field) {
      const bool isThere = IsOptional<Member>::value || (seen & 1) != 0;
      seen >>= 1;
      return isThere || within(field.name, refuse("a value", "nothing"));
    };
    const auto checkOther = [&](const auto&) {
      seen >>= 1;
      return true;
    };
    const auto checkAny = [&](const auto& field) {
      if constexpr (requires { field.rule; }) {
        return check(field);
      } else {
        return checkOther(field);
      }
    };
    return std::apply([&](const auto&... field) { return (checkAny(field) && ...); }, Wire<T>::fields);
  }

  template <class Owner, class Member>
  static bool holds(const Field<Owner, Member>& field, std::string_view key) {
    return field.name == key;
  }
  template <class Owner>
  static bool holds(const IdentityField<Owner>& field, std::string_view key) {
    return key.starts_with(field.name) &&
           (key == field.name || key == field.authidName || key == field.authroleName);
  }
  template <class Owner, class Group>
  static bool holds(const GroupField<Owner, Group>&, std::string_view key) {
    return std::apply([key](const auto&... field) { return (holds(field, key) || ...); },
                      Wire<Group>::fields);
  }

  template <class Owner, class Member>
  bool readField(std::string_view, Owner& owner, const Field<Owner, Member>& field) {
    return readNamed(field.name, owner.*field.member, field.rule);
  }
  template <class Owner>
  bool readField(std::string_view key, Owner& owner, const IdentityField<Owner>& field) {
    message::Identity& identity = owner.*field.member;
    if (key == field.name) return readNamed(field.name, identity.session, Rule::id);
    if (key == field.authidName) return readNamed(field.authidName, identity.authid, Rule::none);
    return readNamed(field.authroleName, identity.authrole, Rule::none);
  }
  template <class Owner, class Group>
  bool readField(std::string_view key, Owner& owner, const GroupField<Owner, Group>& field) {
    std::uint64_t seen = 0;
    return readEntry(key, (owner.*field.member).make(), seen);
  }
  template <class Member>
  bool readNamed(std::string_view name, Member& member, Rule rule) {
    Token token;
    return within(name, in_.next(token) && readValue(token, member, rule));
  }
  bool readCustom(std::string key, message::Custom& custom);

  // ---- Values
  bool readValue(const Token& token, bool& value, Rule rule);
  bool readValue(const Token& token, std::uint64_t& value, Rule rule);
  bool readValue(const Token& token, int& value, Rule rule);
  bool readValue(const Token& token, std::chrono::milliseconds& value, Rule rule);
  bool readValue(const Token& token, Text& value, Rule rule);
  bool readValue(const Token& token, Dict& value, Rule rule);
  bool readValue(const Token& token, Roles& value, Rule rule);

  template <NamedEnum Enum>
  bool readValue(const Token& token, Enum& value, Rule) {
    std::size_t index = 0;
    if (!readName(token, namesOf(Enum{}), index)) return false;
    value = static_cast<Enum>(index);
    return true;
  }

  // Null where something optional stands is the same as nothing: languages without a notion of "absent" send
  // it.
  template <class T>
  bool readValue(const Token& token, std::optional<T>& value, Rule rule) {
    value.reset();
    return token.type == TokenType::null || readValue(token, value.emplace(), rule);
  }
  template <class T>
  bool readValue(const Token& token, Rare<T>& value, Rule rule) {
    value.reset();
    return token.type == TokenType::null || readValue(token, value.make(), rule);
  }
  template <class T>
  bool readValue(const Token& token, std::vector<T>& values, Rule rule) {
    values.clear();
    if (token.type == TokenType::null) return true;
    if (token.type != TokenType::beginList) return refuse("a list", token);
    for (Token each; in_.next(each) && each.type != TokenType::endList;) {
      const std::size_t index = values.size();
      if (index == kMaxAttributeValues) return refuse("fewer values", "too many");
      if (!withinIndex(index, readValue(each, values.emplace_back(), rule))) return false;
    }
    return !in_.failed();
  }

  bool readInteger(const Token& token, std::uint64_t least, std::uint64_t most, std::uint64_t& value);
  bool readName(const Token& token, std::span<const std::string_view> names, std::size_t& index);
  bool readRole(std::string_view name, Roles& roles, Rule rule);
  bool readFeatures(Role role, Roles& roles);
  bool checkText(const Token& token, Rule rule);
  bool checkUri(std::string_view field, const Text& uri, std::optional<Match> match);
  Text keep(std::string_view text);
  const SharedBuffer& buffer();
  std::string_view inBuffer(std::string_view part);

  Decoder& in_;
  Encoding encoding_;
  UriRule uriRule_;
  std::uint32_t maxValues_;
  bool hasEncAlgo_ = false;
  SharedBuffer buffer_;  ///< the whole message, made when the first part of it is kept
  std::string path_;     ///< ".Options.timeout"
  std::string what_;
};

}  // namespace autobahn::inline v0::wamp
