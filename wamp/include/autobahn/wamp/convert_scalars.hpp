// Conversion of numbers, strings, durations and of values themselves.
#pragma once

#include <autobahn/wamp/converter.hpp>
#include <autobahn/wamp/text.hpp>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <utility>

namespace autobahn::inline v0::wamp {

/// Integers of any width but characters and bool.
template <class T>
concept PlainInteger =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// A Value stays one.
template <>
struct Converter<Value> {
  static Value from(const Value& value) { return value; }
  static Value to(const Value& value) { return value; }
};

/// Booleans only.
template <>
struct Converter<bool> {
  static bool from(const Value& value) {
    if (!value.isBool()) refuse("a boolean", value);
    return value.asBool();
  }
  static Value to(bool value) { return value; }
};

/// Integers only, in the range of the type.
template <PlainInteger T>
struct Converter<T> {
  static T from(const Value& value) {
    if (value.isInt64()) {
      if (const std::int64_t integer = value.asInt64(); std::in_range<T>(integer))
        return static_cast<T>(integer);
    } else if (value.isInteger()) {
      if (const std::uint64_t integer = value.asUint64(); std::in_range<T>(integer))
        return static_cast<T>(integer);
    }
    refuse("an integer from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
               std::to_string(std::numeric_limits<T>::max()),
           value);
  }
  static Value to(T value) { return value; }
};

/// Floating point numbers, and integers that a double holds exactly (JavaScript writes 2 for 2.0).
template <std::floating_point T>
struct Converter<T> {
  static T from(const Value& value) {
    const double number = read(value);
    if (std::isfinite(number) && std::abs(number) > static_cast<double>(std::numeric_limits<T>::max())) {
      refuse("a number in the range of single precision", value);
    }
    return static_cast<T>(number);
  }
  static Value to(T value) { return static_cast<double>(value); }

 private:
  static double read(const Value& value) {
    constexpr std::int64_t kExact = std::int64_t{1} << std::numeric_limits<double>::digits;
    if (value.isDouble()) return value.asDouble();
    if (!value.isInt64()) refuse("a number", value);
    const std::int64_t integer = value.asInt64();
    if (integer > kExact || integer < -kExact) refuse("a number (integers from -2^53 to 2^53)", value);
    return static_cast<double>(integer);
  }
};

/// UTF-8.
template <>
struct Converter<std::string> {
  static std::string from(const Value& value) {
    if (!value.isString()) refuse("a string", value);
    return value.asString();
  }
  static Value to(const std::string& value) { return value; }
};

/// To Values only: a view would outlive what it shows.
template <>
struct Converter<std::string_view> {
  static Value to(std::string_view value) { return value; }
};
/// Literals.
template <>
struct Converter<const char*> {
  static Value to(const char* value) { return value; }
};
/// Strings of C.
template <>
struct Converter<char*> {
  static Value to(const char* value) { return value; }
};
/// Shared strings of messages.
template <>
struct Converter<Text> {
  static Text from(const Value& value) { return Converter<std::string>::from(value); }
  static Value to(const Text& value) { return value.view(); }
};
/// null.
template <>
struct Converter<std::nullptr_t> {
  static Value to(std::nullptr_t) { return {}; }
};

/// Binary data.
template <>
struct Converter<Bytes> {
  static Bytes from(const Value& value) {
    if (!value.isBytes()) refuse("bytes", value);
    return value.asBytes();
  }
  static Value to(const Bytes& value) { return value; }
};

/// Durations are milliseconds, as everywhere in WAMP. Coarser types take whole multiples only, finer parts
/// are cut off.
template <class Rep, class Period>
struct Converter<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  using Milliseconds = std::chrono::duration<std::int64_t, std::milli>;
  using Approximate = std::chrono::duration<long double, std::milli>;

  static Duration from(const Value& value) {
    if (!value.isInt64()) refuse("a duration (an integer, milliseconds)", value);
    const Milliseconds count(value.asInt64());
    if (!fits<Duration>(count)) refuse("a duration in milliseconds that the type can hold", value);
    const auto duration = std::chrono::duration_cast<Duration>(count);
    if (Approximate(duration) != Approximate(count)) {
      refuse("a multiple of " +
                 std::to_string(std::chrono::duration_cast<Milliseconds>(Duration(1)).count()) +
                 " milliseconds",
             value);
    }
    return duration;
  }
  static Value to(Duration duration) {
    if (!fits<Milliseconds>(duration))
      throw ConversionError("a duration of less than 2^63 milliseconds wanted");
    return std::chrono::duration_cast<Milliseconds>(duration).count();
  }

 private:
  template <class To, class From>
  static bool fits(From duration) {
    // Just below the limits, where rounding cannot carry over them.
    constexpr long double kShare = 0.999999L;
    const long double count = Approximate(duration).count();
    return count <= Approximate(To::max()).count() * kShare &&
           count >= Approximate(To::min()).count() * kShare;
  }
};

}  // namespace autobahn::inline v0::wamp
