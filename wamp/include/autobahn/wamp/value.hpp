// A dynamically typed value: what WAMP's arguments, options and details are made of.
//
//   Value order = Dict{{"id", 23}, {"items", List{"tea", 2.5}}};
//   std::int64_t id = order.get("id").asInt64();
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace autobahn::inline v0::wamp {

class Value;

/// Binary data. A type of its own, because every serializer distinguishes it from text.
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(std::string data) : data_(std::move(data)) {}
  explicit Bytes(std::string_view data) : data_(data) {}
  explicit Bytes(const char* text) : data_(text) {}

  std::size_t size() const { return data_.size(); }
  bool empty() const { return data_.empty(); }
  const char* data() const { return data_.data(); }
  /// The bytes, as long as this object lives and is not changed.
  std::string_view view() const { return data_; }
  /// The bytes as a string that may be changed or moved from.
  std::string& string() { return data_; }
  const std::string& string() const { return data_; }
  friend auto operator<=>(const Bytes&, const Bytes&) = default;

 private:
  std::string data_;
};

/// Values in order.
using List = std::vector<Value>;
/// Values by name. Sorted, so that hostile keys cannot make it slow; the order of arrival is not kept.
using Dict = std::map<std::string, Value, std::less<>>;

/// The types of a Value. An integer is `integer` whenever it fits int64, `unsignedInteger` only above.
enum class ValueType : std::uint8_t {
  null,
  boolean,
  integer,
  unsignedInteger,
  real,
  string,
  bytes,
  list,
  dict,
};

/// "a list", "an integer", …: the type as it reads in an error message.
std::string_view typeName(ValueType type);

/// null, boolean, integer (the ranges of int64 and uint64), double, string (UTF-8), bytes, list or dict.
///
/// Integers and doubles are exact and never turn into each other: 1 and 1.0 are different values. Moving
/// costs a few words. Values may be nested as deeply as memory allows: destroying, copying and comparing them
/// does not recurse. Serializers refuse what is deeper than their limit (64 by default). Not thread-safe, as
/// the containers of the standard library are not. Accessors `as…` throw ConversionError, naming what was
/// wanted and what there is.
class Value {
 public:
  /// null.
  Value() noexcept = default;
  Value(std::nullptr_t) noexcept {}                                // NOLINT(*-explicit-*)
  Value(std::same_as<bool> auto value) noexcept : data_(value) {}  // NOLINT(*-explicit-*)
  Value(std::floating_point auto value) noexcept
      : data_(static_cast<double>(value)) {}  // NOLINT(*-explicit-*)
  /// An integer of any width. Characters are no integers: write a string, or cast.
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char> && !std::same_as<Integer, wchar_t> &&
           !std::same_as<Integer, char8_t> && !std::same_as<Integer, char16_t> &&
           !std::same_as<Integer, char32_t>) Value(Integer value)
  noexcept {  // NOLINT(*-explicit-*)
    if (std::in_range<std::int64_t>(value)) {
      data_ = static_cast<std::int64_t>(value);
    } else {
      data_ = static_cast<std::uint64_t>(value);
    }
  }
  Value(const char* text) : data_(std::string(text)) {}         // NOLINT(*-explicit-*)
  Value(std::string_view text) : data_(std::string(text)) {}    // NOLINT(*-explicit-*)
  Value(std::string text) noexcept : data_(std::move(text)) {}  // NOLINT(*-explicit-*)
  Value(Bytes bytes) noexcept : data_(std::move(bytes)) {}      // NOLINT(*-explicit-*)
  Value(List list) noexcept : data_(std::move(list)) {}         // NOLINT(*-explicit-*)
  Value(Dict dict) noexcept : data_(std::move(dict)) {}         // NOLINT(*-explicit-*)
  template <class T>
  requires(!std::same_as<std::remove_cv_t<T>, char>) Value(T*)
  = delete;  // a pointer is not a boolean

  Value(const Value& other);
  /// Leaves null behind.
  Value(Value&& other) noexcept : data_(std::move(other.data_)) { other.data_.emplace<std::monostate>(); }
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value() {
    if (isContainer()) destroyNested();
  }

  ValueType type() const noexcept { return static_cast<ValueType>(data_.index()); }
  bool isNull() const noexcept { return type() == ValueType::null; }
  bool isBool() const noexcept { return type() == ValueType::boolean; }
  /// Any integer, of either range.
  bool isInteger() const noexcept {
    return type() == ValueType::integer || type() == ValueType::unsignedInteger;
  }
  /// An integer that int64 can hold.
  bool isInt64() const noexcept { return type() == ValueType::integer; }
  /// An integer that uint64 can hold.
  bool isUint64() const noexcept;
  bool isDouble() const noexcept { return type() == ValueType::real; }
  bool isString() const noexcept { return type() == ValueType::string; }
  bool isBytes() const noexcept { return type() == ValueType::bytes; }
  bool isList() const noexcept { return type() == ValueType::list; }
  bool isDict() const noexcept { return type() == ValueType::dict; }

  bool asBool() const;
  std::int64_t asInt64() const;
  std::uint64_t asUint64() const;
  /// A double only: integers are not converted (`convert<double>` does).
  double asDouble() const;
  const std::string& asString() const;
  std::string& asString();
  const Bytes& asBytes() const;
  Bytes& asBytes();
  const List& asList() const;
  List& asList();
  const Dict& asDict() const;
  Dict& asDict();

  /// The value of a dict's key. Throws ConversionError when there is none.
  const Value& get(std::string_view key) const;
  /// The value of a list's element. Throws ConversionError when there is none.
  const Value& get(std::size_t index) const;
  /// The value of a dict's key, or nullptr. Throws ConversionError when this is no dict.
  const Value* find(std::string_view key) const;

  /// For people and logs: JSON-like, bytes as h'0a0b', cut to about `limit` characters with an ellipsis.
  std::string toString(std::size_t limit = 256) const;

  /// Same type and same content; NaN differs from itself, as everywhere.
  friend bool operator==(const Value& a, const Value& b);

 private:
  using Data =
      std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Bytes, List, Dict>;

  bool isContainer() const noexcept { return data_.index() >= static_cast<std::size_t>(ValueType::list); }
  bool isFilledContainer() const noexcept;
  void destroyNested() noexcept;
  void moveNestedTo(List& pending);
  template <class T>
  const T& expect(ValueType wanted) const;

  Data data_;
};

}  // namespace autobahn::inline v0::wamp
