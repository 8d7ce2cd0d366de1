// Parts of session.hpp that applications do not name.
#pragma once

#include <autobahn/wamp/application_error.hpp>
#include <autobahn/wamp/arguments.hpp>
#include <autobahn/wamp/completion.hpp>
#include <autobahn/wamp/rpc.hpp>
#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace autobahn::inline v0::wamp::detail {

template <class T, class... A>
inline constexpr bool kHas = (std::same_as<T, std::remove_cvref_t<A>> || ...);

/// Of the options among awaited arguments; other arguments are values with constructors.
template <class Options, class... A>
inline constexpr bool kOptionsMayBeTemporary = ((!std::same_as<Options, std::remove_cvref_t<A>> ||
                                                 kMayBeTemporary<A, asio::use_awaitable_t<>>)&&...);

/// Arguments and the options among them.
template <class Options>
struct Split {
  CallArgs args{};
  Options options{};
};

template <class Options, class A>
void splitOne(Split<Options>& split, const A& argument) {
  if constexpr (std::same_as<A, Options>) {
    split.options = argument;
  } else {
    split.args.args.push_back(toValue(argument));
  }
}

template <class Options, class... A>
Split<Options> splitOptions(const A&... arguments) {
  static_assert((std::size_t{0} + ... + (std::same_as<A, Options> ? 1 : 0)) <= 1, "one set of options only");
  Split<Options> split;
  split.args.args.reserve(sizeof...(A));
  (splitOne(split, arguments), ...);
  return split;
}

template <class T>
inline constexpr bool kIsTuple = false;
template <class... T>
inline constexpr bool kIsTuple<std::tuple<T...>> = true;

template <class T>
struct SeveralResults;
/// Several results, as the elements of a tuple.
template <class... T>
struct SeveralResults<std::tuple<T...>> {
  static std::tuple<T...> from(const CallResult& result) {
    return convertArguments<T...>(result.results, result.kwresults);
  }
};

/// Throws ConversionError, saying "result" for "argument".
[[noreturn]] void refuseResult(const ConversionError& error);

/// What the caller asked for.
template <class R>
R fromCallResult(CallResult result) {
  if constexpr (std::is_void_v<R>) {
    return;
  } else if constexpr (std::same_as<R, CallResult>) {
    return result;
  } else {
    try {
      if constexpr (std::same_as<R, Value>) {
        auto [first] = convertArguments<std::optional<Value>>(result.results, result.kwresults);
        return first.value_or(nullptr);
      } else if constexpr (kIsTuple<R>) {
        // Several results, or one that is a list of them.
        if (result.results.size() == 1 && std::tuple_size_v<R> != 1) return convert<R>(result.results[0]);
        return SeveralResults<R>::from(result);
      } else {
        return std::get<0>(convertArguments<R>(result.results, result.kwresults));
      }
    } catch (const ConversionError& error) {
      refuseResult(error);
    }
  }
}

/// The arguments of an exception of the type it is for; nothing for others.
using ExceptionToArgs = std::function<std::optional<CallArgs>(const std::exception_ptr&)>;
using ErrorToException = std::function<std::exception_ptr(const ApplicationError&)>;

template <class E>
ExceptionToArgs exceptionToArgs(std::function<CallArgs(const E&)> toArgs) {
  return [toArgs = std::move(toArgs)](const std::exception_ptr& thrown) -> std::optional<CallArgs> {
    try {
      std::rethrow_exception(thrown);
    } catch (const E& error) {
      return toArgs(error);
    } catch (...) {
      return std::nullopt;
    }
  };
}

/// The first argument when it is a text, or else the whole error's message.
std::string firstText(const ApplicationError& error);

}  // namespace autobahn::inline v0::wamp::detail
