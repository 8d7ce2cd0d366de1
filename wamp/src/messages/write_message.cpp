// Writes messages by their tables (fields.hpp).
#include <array>
#include <span>

#include "../serializers/codec.hpp"
#include "fields_pubsub.hpp"
#include "fields_rpc.hpp"
#include "fields_session.hpp"
#include "message_codec.hpp"
#include "names.hpp"

namespace autobahn::inline v0::wamp {
namespace {

// ---- Is there something to write?

template <class T>
bool isThere(const T&) {
  return true;
}
template <class T>
bool isThere(const std::optional<T>& value) {
  return value.has_value();
}
template <class T>
bool isThere(const std::vector<T>& values) {
  return !values.empty();
}
template <class T>
bool isThere(const Rare<T>& value) {
  return static_cast<bool>(value);
}

template <class Owner, class Member>
std::size_t countOf(const Owner& owner, const Field<Owner, Member>& field) {
  return isThere(owner.*field.member) ? 1 : 0;
}
template <class Owner>
std::size_t countOf(const Owner& owner, const IdentityField<Owner>& field) {
  const message::Identity& identity = owner.*field.member;
  return std::size_t{identity.session.has_value()} + std::size_t{identity.authid.has_value()} +
         std::size_t{identity.authrole.has_value()};
}
template <class T>
std::size_t countEntries(const T& value);
template <class Owner, class Group>
std::size_t countOf(const Owner& owner, const GroupField<Owner, Group>& field) {
  const Rare<Group>& group = owner.*field.member;
  return group ? countEntries(*group) : 0;
}

/// Entries of a dict struct.
template <class T>
std::size_t countEntries(const T& value) {
  std::size_t count = std::apply(
      [&](const auto&... field) { return (std::size_t{0} + ... + countOf(value, field)); }, Wire<T>::fields);
  if constexpr (requires { value.custom; }) {
    if (value.custom) count += value.custom->size();
  }
  return count;
}

class MessageWriter {
 public:
  MessageWriter(Encoder& out, Encoding encoding) : out_(out), encoding_(encoding) {}

  template <class T>
  void write(const T& message) {
    std::size_t count = 1;
    std::apply(
        [&](const auto&... field) { (count += ... += countElements(message.*field.member, field.rule)); },
        Wire<T>::fields);
    out_.beginList(count);
    out_.integer(T::kCode);
    std::apply([&](const auto&... field) { (writeElement(message.*field.member, field.rule), ...); },
               Wire<T>::fields);
    out_.endList();
  }

 private:
  // ---- Elements
  template <class Member>
  static std::size_t countElements(const Member& member, Rule rule) {
    if constexpr (DictStruct<Member>) {
      if (rule == Rule::optional && countEntries(member) == 0) return 0;
    }
    return 1;
  }
  std::size_t countElements(const Payload& payload, Rule) {
    if (payload.empty()) return 0;
    if (payload.isOpaque()) return 1;
    if (payload.encoding() == Encoding::none) return payload.kwargs().empty() ? 1 : 2;
    raw_ = payload.rawFor(encoding_);
    if (!raw_.error.empty()) out_.fail("the payload: " + std::string(raw_.error));
    return raw_.kwargs.empty() ? 1 : 2;
  }

  template <class Member>
  void writeElement(const Member& member, Rule rule) {
    if (countElements(member, rule) != 0) writeValue(member);
  }
  template <class T>
  void writeElement(const std::optional<T>& member, Rule) {
    member ? writeValue(*member) : out_.null();
  }
  void writeElement(const Payload& payload, Rule) {
    if (payload.empty() || out_.failed()) return;
    if (payload.isOpaque()) return out_.bytes(payload.opaqueBytes());
    if (payload.encoding() == Encoding::none) {
      encodeList(out_, payload.args());
      if (!payload.kwargs().empty()) encodeDict(out_, payload.kwargs());
      return;
    }
    writeRaw();
  }
  void writeRaw() {
    // Keyword arguments alone cannot stand: the list before them is then empty.
    if (raw_.args.empty()) {
      out_.beginList(0);
      out_.endList();
    } else {
      out_.raw(raw_.args);
    }
    if (!raw_.kwargs.empty()) out_.raw(raw_.kwargs);
  }

  // ---- Dicts
  template <DictStruct T>
  void writeValue(const T& value) {
    out_.beginDict(countEntries(value));
    writeEntries(value);
    out_.endDict();
  }
  template <class T>
  void writeEntries(const T& value) {
    std::apply([&](const auto&... field) { (writeField(value, field), ...); }, Wire<T>::fields);
    if constexpr (requires { value.custom; }) {
      if (!value.custom) return;
      for (const auto& [key, each] : *value.custom) {
        out_.key(key);
        encodeValue(out_, each);
      }
    }
  }
  template <class Owner, class Member>
  void writeField(const Owner& owner, const Field<Owner, Member>& field) {
    writeNamed(field.name, owner.*field.member);
  }
  template <class Owner>
  void writeField(const Owner& owner, const IdentityField<Owner>& field) {
    const message::Identity& identity = owner.*field.member;
    writeNamed(field.name, identity.session);
    writeNamed(field.authidName, identity.authid);
    writeNamed(field.authroleName, identity.authrole);
  }
  template <class Owner, class Group>
  void writeField(const Owner& owner, const GroupField<Owner, Group>& field) {
    if (const Rare<Group>& group = owner.*field.member) writeEntries(*group);
  }
  template <class Member>
  void writeNamed(std::string_view name, const Member& member) {
    if (!isThere(member)) return;
    out_.key(name);
    writeValue(member);
  }

  // ---- Values
  void writeValue(bool value) { out_.boolean(value); }
  void writeValue(int value) { out_.integer(value); }
  void writeValue(std::uint64_t value) {
    if (std::in_range<std::int64_t>(value)) return out_.integer(static_cast<std::int64_t>(value));
    out_.unsignedInteger(value);
  }
  void writeValue(std::chrono::milliseconds value) { out_.integer(value.count()); }
  void writeValue(const Text& value) { out_.text(value); }
  void writeValue(const Dict& value) { encodeDict(out_, value); }
  template <NamedEnum Enum>
  void writeValue(Enum value) {
    out_.text(namesOf(value)[static_cast<std::size_t>(value)]);
  }
  template <class T>
  void writeValue(const std::optional<T>& value) {
    writeValue(*value);
  }
  template <class T>
  void writeValue(const Rare<T>& value) {
    writeValue(*value);
  }
  template <class T>
  void writeValue(const std::vector<T>& values) {
    out_.beginList(values.size());
    for (const T& each : values) writeValue(each);
    out_.endList();
  }
  void writeValue(const Roles& roles) {
    out_.beginDict(roles.count());
    for (std::size_t i = 0; i < kRoleCount; ++i) {
      if (const auto role = static_cast<Role>(i); roles.has(role)) writeRole(role, roles);
    }
    out_.endDict();
  }
  void writeRole(Role role, const Roles& roles) {
    const bool hasFeatures = roles.featureCount(role) != 0;
    out_.key(roleName(role));
    out_.beginDict(hasFeatures ? 1 : 0);
    if (hasFeatures) {
      out_.key("features");
      writeFeatures(role, roles);
    }
    out_.endDict();
  }

  void writeFeatures(Role role, const Roles& roles) {
    std::array<std::string_view, 2 * kFeatureCount> names;
    std::size_t count = 0;
    for (std::size_t i = 0; i < kFeatureCount; ++i) {
      const auto feature = static_cast<Feature>(i);
      if (!roles.has(role, feature)) continue;
      names[count++] = featureName(feature);
      if (const std::string_view other = otherFeatureName(feature); !other.empty()) names[count++] = other;
    }
    out_.beginDict(count);
    for (const std::string_view name : std::span(names).first(count)) {
      out_.key(name);
      out_.boolean(true);
    }
    out_.endDict();
  }

  Encoder& out_;
  Encoding encoding_;
  Payload::Raw raw_;
};

}  // namespace

Problem writeMessage(Encoder& encoder, Encoding encoding, const Message& message,
                     const SerializerOptions& options, util::ByteBuffer& out) {
  encoder.start(out, options.maxDepth);
  MessageWriter writer(encoder, encoding);
  std::visit([&writer](const auto& held) { writer.write(held); }, message);
  if (!encoder.failed()) return std::nullopt;
  return std::string(messageName(message)) + ": " + encoder.error();
}

}  // namespace autobahn::inline v0::wamp
