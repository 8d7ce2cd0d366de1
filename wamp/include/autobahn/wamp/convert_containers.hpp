// Conversion of lists, dicts, optional and alternative values.
#pragma once

#include <array>
#include <autobahn/wamp/convert_scalars.hpp>
#include <autobahn/wamp/converter.hpp>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace autobahn::inline v0::wamp {

/// null, or a T.
template <class T>
struct Converter<std::optional<T>> {
  static std::optional<T> from(const Value& value) {
    if (value.isNull()) return std::nullopt;
    return convert<T>(value);
  }
  static Value to(const std::optional<T>& value) { return value ? toValue(*value) : Value(); }
};

/// A list of any length.
template <class T>
struct Converter<std::vector<T>> {
  static std::vector<T> from(const Value& value) {
    if (!value.isList()) refuse("a list", value);
    std::vector<T> converted;
    converted.reserve(value.asList().size());
    for (const Value& each : value.asList()) {
      converted.push_back(convertElement<T>(each, converted.size()));
    }
    return converted;
  }
  static Value to(const std::vector<T>& values) {
    List list;
    list.reserve(values.size());
    for (const auto& each : values) list.push_back(toValue<T>(each));
    return list;
  }
};

/// The elements of a list of `size`; refuses other values.
const List& listOf(const Value& value, std::size_t size);

/// A list of as many elements, all of one type.
template <class T, std::size_t N>
struct Converter<std::array<T, N>> {
  static std::array<T, N> from(const Value& value) {
    const List& list = listOf(value, N);
    return [&list]<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<T, N>{convertElement<T>(list[I], I)...};
    }
    (std::make_index_sequence<N>());
  }
  static Value to(const std::array<T, N>& values) {
    List list;
    list.reserve(N);
    for (const T& each : values) list.push_back(toValue(each));
    return list;
  }
};

/// A list of as many elements, each of its type.
template <class... T>
struct Converter<std::tuple<T...>> {
  static std::tuple<T...> from(const Value& value) {
    const List& list = listOf(value, sizeof...(T));
    return [&list]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple<T...>{convertElement<T>(list[I], I)...};
    }
    (std::index_sequence_for<T...>());
  }
  static Value to(const std::tuple<T...>& values) {
    List list;
    list.reserve(sizeof...(T));
    std::apply([&list](const auto&... each) { (list.push_back(toValue(each)), ...); }, values);
    return list;
  }
};

/// A list of two.
template <class A, class B>
struct Converter<std::pair<A, B>> {
  static std::pair<A, B> from(const Value& value) {
    auto [first, second] = convert<std::tuple<A, B>>(value);
    return {std::move(first), std::move(second)};
  }
  static Value to(const std::pair<A, B>& values) {
    return List{toValue(values.first), toValue(values.second)};
  }
};

/// For maps whose keys are strings: dicts.
template <class Map>
struct MapConverter {
  static Map from(const Value& value) {
    if (!value.isDict()) refuse("a dict", value);
    Map converted;
    for (const auto& entry : value.asDict()) {
      const auto makeLevel = [&entry] { return "." + entry.first; };
      converted.emplace(entry.first, convertPart<typename Map::mapped_type>(entry.second, makeLevel));
    }
    return converted;
  }
  static Value to(const Map& values) {
    Dict dict;
    for (const auto& [key, each] : values) dict.emplace(key, toValue(each));
    return dict;
  }
};
/// A dict.
template <class T, class Compare>
struct Converter<std::map<std::string, T, Compare>> : MapConverter<std::map<std::string, T, Compare>> {};
/// A dict.
template <class T, class Hash, class Equal>
struct Converter<std::unordered_map<std::string, T, Hash, Equal>>
    : MapConverter<std::unordered_map<std::string, T, Hash, Equal>> {};

/// Nothing: null.
template <>
struct Converter<std::monostate> {
  static std::monostate from(const Value& value) {
    if (!value.isNull()) refuse("null", value);
    return {};
  }
  static Value to(std::monostate) { return {}; }
};

/// The first alternative that fits.
template <class... T>
struct Converter<std::variant<T...>> {
  using Variant = std::variant<T...>;

  static Variant from(const Value& value) {
    std::optional<Variant> converted;
    std::string wanted;
    if ((tryAlternative<T>(value, converted, wanted) || ...)) return std::move(*converted);
    throw ConversionError("none of the alternatives fits: " + wanted);
  }
  static Value to(const Variant& value) {
    return std::visit([](const auto& held) { return toValue(held); }, value);
  }

 private:
  template <class Alternative>
  static bool tryAlternative(const Value& value, std::optional<Variant>& out, std::string& wanted) {
    try {
      out.emplace(std::in_place_type<Alternative>, convert<Alternative>(value));
      return true;
    } catch (const ConversionError& error) {
      wanted += (wanted.empty() ? "" : "; ") + std::string(error.what());
      return false;
    }
  }
};

}  // namespace autobahn::inline v0::wamp
