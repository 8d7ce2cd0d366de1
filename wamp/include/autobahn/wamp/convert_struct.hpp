// Conversion of user structs. A struct says what its members are in one function beside it:
//
//   struct Point {
//     int x = 0;
//     int y = 0;
//     std::optional<std::string> label;
//   };
//   constexpr auto describe(const Point*) {
//     return members(member("x", &Point::x), member("y", &Point::y), member("label", &Point::label));
//   }
//
//   Point p = convert<Point>(Dict{{"x", 1}, {"y", 2}});   // label: none
#pragma once

#include <autobahn/wamp/converter.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace autobahn::inline v0::wamp {

/// A member's name in the dict, and the member.
template <class Struct, class Type>
struct Member {
  std::string_view name;
  Type Struct::*pointer;
};

/// One member of a struct. `name` must live for ever (a literal).
template <class Struct, class Type>
constexpr Member<Struct, Type> member(std::string_view name, Type Struct::*pointer) {
  return {name, pointer};
}

/// All members that are converted; the result of `describe`.
template <class... M>
constexpr std::tuple<M...> members(M... all) {
  return {all...};
}

/// Structs with a function `describe` in their namespace. They must be default constructible.
template <class T>
concept Described = requires {
  std::tuple_size<decltype(describe(static_cast<const T*>(nullptr)))>::value;
};

/// A dict. Members of type std::optional may be missing (or null), and are not written when they are empty;
/// others must be there. Keys that are no member are ignored, so that a newer peer may send more.
template <Described T>
struct Converter<T> {
  static T from(const Value& value) {
    if (!value.isDict()) refuse("a dict", value);
    return fromDict(value.asDict());
  }
  static T fromDict(const Dict& dict) {
    T object{};
    const auto readAll = [&](const auto&... each) { (readMember(dict, object, each), ...); };
    std::apply(readAll, describe(static_cast<const T*>(nullptr)));
    return object;
  }
  static Value to(const T& object) {
    Dict dict;
    const auto writeAll = [&](const auto&... each) { (writeMember(dict, object, each), ...); };
    std::apply(writeAll, describe(static_cast<const T*>(nullptr)));
    return dict;
  }

 private:
  template <class Struct, class Type>
  static void readMember(const Dict& dict, T& object, const Member<Struct, Type>& member) {
    const auto makeLevel = [&member] { return "." + std::string(member.name); };
    if (const auto found = dict.find(member.name); found != dict.end()) {
      object.*member.pointer = convertPart<Type>(found->second, makeLevel);
    } else if constexpr (!kIsOptional<Type>) {
      throw ConversionError(makeLevel(), "a value wanted, got nothing");
    }
  }
  template <class Struct, class Type>
  static void writeMember(Dict& dict, const T& object, const Member<Struct, Type>& member) {
    const Type& held = object.*member.pointer;
    if constexpr (kIsOptional<Type>) {
      if (!held) return;
    }
    dict.insert_or_assign(std::string(member.name), toValue(held));
  }
};

}  // namespace autobahn::inline v0::wamp
