// The FlatBuffers library's opinion of what our own writer has written.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "../serializers/flatbuffers/schema.hpp"

namespace autobahn::wamp::testing {

/// Walks a table by our schema with the library's verifier.
class FlatbuffersVerifier : public ::flatbuffers::Table {
 public:
  bool verify(::flatbuffers::Verifier& verifier, std::span<const wamp::flatbuffers::Field> fields) const {
    return VerifyTableStart(verifier) && verifyFields(verifier, fields) && verifier.EndTable();
  }
  /// A message in its union.
  bool verifyRoot(::flatbuffers::Verifier& verifier) const {
    if (!VerifyTableStart(verifier) || !VerifyField<std::uint8_t>(verifier, placeOf(0), 1)) return false;
    if (!VerifyOffsetRequired(verifier, placeOf(1))) return false;
    const auto* message = wamp::flatbuffers::findByType(GetField<std::uint8_t>(placeOf(0), 0));
    return message != nullptr && at(1)->verify(verifier, message->elements) && verifier.EndTable();
  }

 private:
  using Field = wamp::flatbuffers::Field;
  using Type = wamp::flatbuffers::Type;
  using Table = const FlatbuffersVerifier*;
  template <class T>
  using Vector = ::flatbuffers::Vector<T>;
  template <class T>
  using Offset = ::flatbuffers::Offset<T>;

  static ::flatbuffers::voffset_t placeOf(std::size_t slot) {
    return static_cast<::flatbuffers::voffset_t>(4 + 2 * slot);
  }
  Table at(std::size_t slot) const { return GetPointer<Table>(placeOf(slot)); }

  bool verifyFields(::flatbuffers::Verifier& verifier, std::span<const Field> fields) const {
    for (const Field& field : fields) {
      if (!verifyField(verifier, field)) return false;
    }
    return true;
  }

  template <class Element>
  bool verifyVector(::flatbuffers::Verifier& verifier, std::size_t slot) const {
    return VerifyOffset(verifier, placeOf(slot)) &&
           verifier.VerifyVector(GetPointer<const Vector<Element>*>(placeOf(slot)));
  }
  bool verifyText(::flatbuffers::Verifier& verifier, std::size_t slot) const {
    return VerifyOffset(verifier, placeOf(slot)) &&
           verifier.VerifyString(GetPointer<const ::flatbuffers::String*>(placeOf(slot)));
  }
  bool verifyTables(::flatbuffers::Verifier& verifier, const Field& field) const {
    using Tables = Vector<Offset<FlatbuffersVerifier>>;
    if (!verifyVector<Offset<FlatbuffersVerifier>>(verifier, field.slot)) return false;
    const auto* tables = GetPointer<const Tables*>(placeOf(field.slot));
    for (::flatbuffers::uoffset_t i = 0; tables != nullptr && i < tables->size(); ++i) {
      if (!tables->Get(i)->verify(verifier, field.fields)) return false;
    }
    return true;
  }
  bool verifyTexts(::flatbuffers::Verifier& verifier, std::size_t slot) const {
    using Texts = Vector<Offset<::flatbuffers::String>>;
    return verifyVector<Offset<::flatbuffers::String>>(verifier, slot) &&
           verifier.VerifyVectorOfStrings(GetPointer<const Texts*>(placeOf(slot)));
  }

  bool verifyField(::flatbuffers::Verifier& verifier, const Field& field) const {
    switch (field.type) {
      case Type::boolean:
      case Type::name:
        return VerifyField<std::uint8_t>(verifier, placeOf(field.slot), 1);
      case Type::uint16:
        return VerifyField<std::uint16_t>(verifier, placeOf(field.slot), 2);
      case Type::uint32:
        return VerifyField<std::uint32_t>(verifier, placeOf(field.slot), 4);
      case Type::uint64:
        return VerifyField<std::uint64_t>(verifier, placeOf(field.slot), 8);
      case Type::text:
        return verifyText(verifier, field.slot);
      case Type::idList:
        return verifyVector<std::uint64_t>(verifier, field.slot);
      case Type::nameList:
        return verifyVector<std::uint8_t>(verifier, field.slot);
      case Type::textList:
        return verifyTexts(verifier, field.slot);
      case Type::tableList:
        return verifyTables(verifier, field);
      case Type::table:
        return VerifyOffset(verifier, placeOf(field.slot)) &&
               (at(field.slot) == nullptr || at(field.slot)->verify(verifier, field.fields));
      case Type::map: {
        static constexpr Field kEntry[] = {{"key", 0, Type::text}, {"value", 1, Type::text}};
        return VerifyOffset(verifier, placeOf(field.slot)) &&
               (at(field.slot) == nullptr || at(field.slot)->verify(verifier, kEntry));
      }
      case Type::attributes:
        return verifyFields(verifier, field.fields);
      case Type::payload:
        return verifyVector<std::uint8_t>(verifier, field.slot) &&
               verifyVector<std::uint8_t>(verifier, field.slot + 1U) &&
               verifyVector<std::uint8_t>(verifier, field.slot + 2U);
    }
    return false;
  }
};

/// True when the library takes `bytes` for a message by our schema. Copies them, as alignment counts.
inline bool verifyFlatbuffers(std::string_view bytes) {
  std::vector<std::uint64_t> aligned(bytes.size() / 8 + 1);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  const auto* data = reinterpret_cast<const std::uint8_t*>(aligned.data());
  ::flatbuffers::Verifier verifier(data, bytes.size());
  if (verifier.VerifyOffset(std::size_t{0}) == 0) return false;
  return ::flatbuffers::GetRoot<FlatbuffersVerifier>(data)->verifyRoot(verifier);
}

}  // namespace autobahn::wamp::testing
