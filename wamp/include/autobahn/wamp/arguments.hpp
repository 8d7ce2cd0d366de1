// Arguments of calls and events to the parameters of a C++ function, and results back.
//
//   auto [name, age] = convertArguments<std::string, std::optional<int>>(args, kwargs);
#pragma once

#include <autobahn/wamp/convert.hpp>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace autobahn::inline v0::wamp {

/// As a function's last parameter: the keyword arguments, as a Dict or as a described struct.
template <class T = Dict>
struct Keywords {
  T value{};
};

/// As a function's last parameter (or before Keywords): all positional arguments that are left.
struct Rest {
  List values;
};

namespace arguments {

template <class T>
inline constexpr bool kIsKeywords = false;
template <class T>
inline constexpr bool kIsKeywords<Keywords<T>> = true;
template <class T>
inline constexpr bool kIsPositional = !kIsKeywords<T> && !std::is_same_v<T, Rest>;

/// Throws for positional arguments past the last parameter.
[[noreturn]] void refuseCount(std::size_t most, std::size_t got);
/// Throws for keyword arguments that nobody takes.
[[noreturn]] void refuseKeywords(const Dict& kwargs);
/// Throws for an argument that is not there.
[[noreturn]] void refuseMissing(std::size_t index);

/// Without making a Value of the dict, where that can be avoided.
template <class T>
T convertKeywords(const Dict& kwargs) {
  if constexpr (std::is_same_v<T, Dict>) {
    return kwargs;
  } else if constexpr (requires { Converter<T>::fromDict(kwargs); }) {
    return Converter<T>::fromDict(kwargs);
  } else {
    return convert<T>(kwargs);
  }
}

template <class T>
T take(const List& args, const Dict& kwargs, std::size_t index) {
  if constexpr (kIsKeywords<T>) {
    try {
      return {convertKeywords<decltype(T::value)>(kwargs)};
    } catch (const ConversionError& error) {
      throw error.within("keyword arguments");
    }
  } else if constexpr (std::is_same_v<T, Rest>) {
    const auto from = args.begin() + static_cast<std::ptrdiff_t>(std::min(index, args.size()));
    return {List(from, args.end())};
  } else {
    const auto makeLevel = [index] { return "argument " + std::to_string(index + 1); };
    if (index < args.size()) return convertPart<T>(args[index], makeLevel);
    if constexpr (kIsOptional<T>) {
      return std::nullopt;
    } else {
      refuseMissing(index);
    }
  }
}

}  // namespace arguments

/// The arguments as the types of a function's parameters. Parameters of type std::optional may be missing at
/// the end. Throws ConversionError for the first argument that does not fit, for arguments too many, and for
/// keyword arguments when no parameter takes them: `argument 2: an integer from -128 to 127 wanted, got the
/// string "x"`.
template <class... T>
std::tuple<T...> convertArguments(const List& args, const Dict& kwargs = {}) {
  constexpr std::size_t kPositional = (std::size_t{0} + ... + (arguments::kIsPositional<T> ? 1 : 0));
  if constexpr (!(std::is_same_v<T, Rest> || ...)) {
    if (args.size() > kPositional) arguments::refuseCount(kPositional, args.size());
  }
  if constexpr (!(arguments::kIsKeywords<T> || ...)) {
    if (!kwargs.empty()) arguments::refuseKeywords(kwargs);
  }
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    // Braces: the first wrong argument is the one that is named.
    return std::tuple<T...>{arguments::take<T>(args, kwargs, I)...};
  }
  (std::index_sequence_for<T...>());
}

/// The arguments of a call as a list.
template <class... T>
List toArguments(const T&... values) {
  return List{toValue(values)...};
}

}  // namespace autobahn::inline v0::wamp
