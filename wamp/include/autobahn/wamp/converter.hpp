// The customisation point behind `convert` and `toValue`.
#pragma once

#include <autobahn/wamp/error.hpp>
#include <autobahn/wamp/value.hpp>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace autobahn::inline v0::wamp {

/// How a type is converted: a specialisation has
///
///     static T from(const Value& value);   // throws ConversionError (see `refuse`)
///     static Value to(const T& object);
///
/// The second parameter is for constraints of partial specialisations.
template <class T, class Enable = void>
struct Converter;

/// The value as a T. Throws ConversionError saying where, what was wanted and what came.
template <class T>
T convert(const Value& value) {
  return Converter<T>::from(value);
}

/// The Value of an object.
template <class T>
Value toValue(const T& object) {
  return Converter<std::decay_t<T>>::to(object);
}

/// True for std::optional: what may be missing.
template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// Throws ConversionError: `wanted` wanted, got what `value` is.
[[noreturn]] void refuse(std::string_view wanted, const Value& value);

/// Converts a part, whose errors then begin with `level` (`[3]`, `.name`).
template <class T>
T convertPart(const Value& value, const std::string& level) {
  try {
    return convert<T>(value);
  } catch (const ConversionError& error) {
    throw error.within(level);
  }
}
/// The same with a function that gives the level, called only when it is needed.
template <class T, std::invocable MakeLevel>
T convertPart(const Value& value, const MakeLevel& makeLevel) {
  try {
    return convert<T>(value);
  } catch (const ConversionError& error) {
    throw error.within(makeLevel());
  }
}
/// Of a list's element.
template <class T>
T convertElement(const Value& value, std::size_t index) {
  return convertPart<T>(value, [index] { return "[" + std::to_string(index) + "]"; });
}

}  // namespace autobahn::inline v0::wamp
