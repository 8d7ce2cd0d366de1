// The FlatBuffers schema of WAMP (wamp-proto's catalog and Autobahn|Python, wamp.fbs and the files it
// includes) as tables: which element or attribute of a message is kept in which slot of a table, and how.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace autobahn::inline v0::wamp::flatbuffers {

/// How something is kept.
enum class Type : std::uint8_t {
  boolean,
  uint16,
  uint32,
  uint64,
  text,
  name,        ///< a byte that stands for one of `names`; where that is empty, for nothing
  idList,      ///< [uint64]
  textList,    ///< [string]
  nameList,    ///< bytes as in `name`
  table,       ///< a table with `fields`: a dict
  tableList,   ///< a vector of them: a list of dicts
  attributes,  ///< a dict whose `fields` lie in the same table as this itself: options, details
  map,         ///< the schema's Map, a table of one key (slot 0) and one text (slot 1): a dict of one entry
  payload,     ///< args, kwargs (both CBOR) and opaque payload in this slot and the two that follow
};

enum class Losable : std::uint8_t { none, custom, all };

/// One row. Of a message's elements `name` is for errors, else it is the key in the dict.
struct Field {
  std::string_view name;
  std::uint16_t slot;
  Type type;
  std::span<const std::string_view> names{};
  std::span<const Field> fields{};
  /// Keys of such a dict that may be left away where the schema has no place for them: what is lost is
  /// information, and nobody acts on it. Others without a place are an error, since the message would mean
  /// something else.
  std::span<const std::string_view> losable{};
  /// Which others: custom attributes, or all.
  Losable others = Losable::none;
  /// Autobahn|Python leaves this table away though the schema requires it: then every dict in it is there,
  /// and empty.
  bool isAssumed = false;
};

/// One message.
struct MessageTable {
  int code;                         ///< WAMP's
  std::uint8_t type;                ///< in the union: the code again, where it fits into a byte
  std::span<const Field> elements;  ///< behind the code
};

/// No table of the schema has more slots.
inline constexpr std::size_t kMaxSlots = 24;

/// The row of a message's code, or nullptr.
const MessageTable* findByCode(std::int64_t code);
/// The row of a union's type, or nullptr.
const MessageTable* findByType(std::uint8_t type);

}  // namespace autobahn::inline v0::wamp::flatbuffers
