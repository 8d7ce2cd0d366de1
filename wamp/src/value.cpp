#include <autobahn/wamp/converter.hpp>
#include <autobahn/wamp/value.hpp>

#include "value_text.hpp"

namespace autobahn::inline v0::wamp {

std::string_view typeName(ValueType type) {
  switch (type) {
    case ValueType::null:
      return "null";
    case ValueType::boolean:
      return "a boolean";
    case ValueType::integer:
    case ValueType::unsignedInteger:
      return "an integer";
    case ValueType::real:
      return "a floating point number";
    case ValueType::string:
      return "a string";
    case ValueType::bytes:
      return "bytes";
    case ValueType::list:
      return "a list";
    case ValueType::dict:
      return "a dict";
  }
  return "nothing known";
}

// ---- Life, without recursion but for a few levels: work that a nested value leaves is put on a list.

bool Value::isFilledContainer() const noexcept {
  if (const auto* list = std::get_if<List>(&data_)) return !list->empty();
  if (const auto* dict = std::get_if<Dict>(&data_)) return !dict->empty();
  return false;
}

void Value::moveNestedTo(List& pending) {
  const auto take = [&pending](Value& value) {
    if (value.isFilledContainer()) pending.push_back(std::move(value));
  };
  if (auto* list = std::get_if<List>(&data_)) {
    for (Value& value : *list) take(value);
  } else if (auto* dict = std::get_if<Dict>(&data_)) {
    for (auto& [key, value] : *dict) take(value);
  }
}

void Value::destroyNested() noexcept {
  // Down to here the stack will do, and does without memory.
  constexpr int kDeepest = 64;
  thread_local int depth = 0;
  if (depth < kDeepest) {
    ++depth;
    data_.emplace<std::monostate>();
    --depth;
    return;
  }
  List pending;
  moveNestedTo(pending);
  while (!pending.empty()) {
    Value value = std::move(pending.back());
    pending.pop_back();
    value.moveNestedTo(pending);
    // What is left in `value` holds no filled containers: its destructor goes no deeper.
  }
}

Value::Value(const Value& other) {
  if (!other.isFilledContainer()) {
    data_ = other.data_;
    return;
  }
  // Places in lists and dicts stay where they are once these have their size.
  std::vector<std::pair<const Value*, Value*>> pending{{&other, this}};
  const auto copy = [&pending](const Value& from, Value& to) {
    if (from.isFilledContainer()) {
      pending.emplace_back(&from, &to);
    } else {
      to.data_ = from.data_;
    }
  };
  while (!pending.empty()) {
    const auto [from, to] = pending.back();
    pending.pop_back();
    if (const auto* list = std::get_if<List>(&from->data_)) {
      List& copied = to->data_.emplace<List>(list->size());
      for (std::size_t i = 0; i < list->size(); ++i) copy((*list)[i], copied[i]);
    } else {
      Dict& copied = to->data_.emplace<Dict>();
      for (const auto& [key, value] : std::get<Dict>(from->data_)) {
        copy(value, copied.emplace_hint(copied.end(), key, Value())->second);
      }
    }
  }
}

Value& Value::operator=(const Value& other) {
  if (this != &other) *this = Value(other);
  return *this;
}

Value& Value::operator=(Value&& other) noexcept {
  if (!isContainer()) {
    if (this == &other) return *this;
    data_ = std::move(other.data_);
    other.data_.emplace<std::monostate>();
    return *this;
  }
  // `other` may lie inside of what this holds now.
  Data taken = std::move(other.data_);
  other.data_.emplace<std::monostate>();
  data_ = std::move(taken);
  return *this;
}

bool operator==(const Value& left, const Value& right) {
  std::vector<std::pair<const Value*, const Value*>> pending;
  const auto equal = [&pending](const Value& a, const Value& b) {
    if (a.type() != b.type()) return false;
    if (!a.isContainer()) return a.data_ == b.data_;
    if (a.isFilledContainer() != b.isFilledContainer()) return false;
    if (a.isFilledContainer()) pending.emplace_back(&a, &b);
    return true;
  };
  if (!equal(left, right)) return false;
  while (!pending.empty()) {
    const auto [a, b] = pending.back();
    pending.pop_back();
    if (a->isList()) {
      const List& as = std::get<List>(a->data_);
      const List& bs = std::get<List>(b->data_);
      if (as.size() != bs.size()) return false;
      for (std::size_t i = 0; i < as.size(); ++i) {
        if (!equal(as[i], bs[i])) return false;
      }
    } else {
      const Dict& as = std::get<Dict>(a->data_);
      const Dict& bs = std::get<Dict>(b->data_);
      if (as.size() != bs.size()) return false;
      for (auto i = as.begin(), j = bs.begin(); i != as.end(); ++i, ++j) {
        if (i->first != j->first || !equal(i->second, j->second)) return false;
      }
    }
  }
  return true;
}

// ---- Access

template <class T>
const T& Value::expect(ValueType wanted) const {
  const T* held = std::get_if<T>(&data_);
  if (held == nullptr) refuse(typeName(wanted), *this);
  return *held;
}

bool Value::isUint64() const noexcept {
  if (const auto* integer = std::get_if<std::int64_t>(&data_)) return *integer >= 0;
  return type() == ValueType::unsignedInteger;
}

bool Value::asBool() const { return expect<bool>(ValueType::boolean); }

std::int64_t Value::asInt64() const {
  if (type() == ValueType::unsignedInteger) refuse("an integer that 64 bits with a sign can hold", *this);
  return expect<std::int64_t>(ValueType::integer);
}

std::uint64_t Value::asUint64() const {
  if (const auto* integer = std::get_if<std::uint64_t>(&data_)) return *integer;
  const std::int64_t integer = expect<std::int64_t>(ValueType::integer);
  if (integer < 0) refuse("an integer >= 0", *this);
  return static_cast<std::uint64_t>(integer);
}

double Value::asDouble() const { return expect<double>(ValueType::real); }
const std::string& Value::asString() const { return expect<std::string>(ValueType::string); }
const Bytes& Value::asBytes() const { return expect<Bytes>(ValueType::bytes); }
const List& Value::asList() const { return expect<List>(ValueType::list); }
const Dict& Value::asDict() const { return expect<Dict>(ValueType::dict); }
std::string& Value::asString() { return const_cast<std::string&>(std::as_const(*this).asString()); }
Bytes& Value::asBytes() { return const_cast<Bytes&>(std::as_const(*this).asBytes()); }
List& Value::asList() { return const_cast<List&>(std::as_const(*this).asList()); }
Dict& Value::asDict() { return const_cast<Dict&>(std::as_const(*this).asDict()); }

const Value& Value::get(std::string_view key) const {
  const Value* value = find(key);
  if (value == nullptr)
    throw ConversionError("a dict with the key " + quoted(key) + " wanted, there is none");
  return *value;
}

const Value& Value::get(std::size_t index) const {
  const List& list = asList();
  if (index >= list.size()) {
    throw ConversionError("a list with more than " + std::to_string(index) + " elements wanted, got " +
                          std::to_string(list.size()));
  }
  return list[index];
}

const Value* Value::find(std::string_view key) const {
  const Dict& dict = asDict();
  const auto found = dict.find(key);
  return found == dict.end() ? nullptr : &found->second;
}

}  // namespace autobahn::inline v0::wamp
