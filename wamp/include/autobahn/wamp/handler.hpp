// Functions, lambdas, member functions and coroutines as endpoints of procedures and handlers of events.
#pragma once

#include <asio/awaitable.hpp>
#include <autobahn/wamp/application_error.hpp>
#include <autobahn/wamp/arguments.hpp>
#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/pubsub.hpp>
#include <autobahn/wamp/rpc.hpp>
#include <autobahn/websocket/maybe_awaitable.hpp>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace autobahn::inline v0::wamp {

using websocket::MaybeAwaitable;

/// What is called for an invocation or an event, without its type. `Details` is CallDetails or EventDetails.
/// Derive from it to take arguments as they come.
template <class Details>
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;
  /// Runs it. The session holds it by shared_ptr until the result is there.
  virtual MaybeAwaitable<CallResult> run(CallArgs arguments, Details details) = 0;
};
/// The endpoint of a procedure.
using Endpoint = Handler<CallDetails>;
/// A handler of events; its results are ignored.
using EventHandler = Handler<EventDetails>;

/// Lambdas, and other objects that can be called in one way only.
template <class F>
concept FunctionObject = requires {
  &F::operator();
};

/// Parameters and result of something that can be called in one way only; nothing for what cannot.
template <class F>
struct CallableTraits {};
/// Function objects.
template <FunctionObject F>
struct CallableTraits<F> : CallableTraits<decltype(&F::operator())> {};
/// Functions: what all others come down to.
template <class R, class... P>
struct CallableTraits<R (*)(P...)> {
  using Result = R;
  template <template <class...> class To>
  using Parameters = To<P...>;
};
/// Likewise.
template <class R, class... P>
struct CallableTraits<R (*)(P...) noexcept> : CallableTraits<R (*)(P...)> {};
/// Member functions.
template <class C, class R, class... P>
struct CallableTraits<R (C::*)(P...)> : CallableTraits<R (*)(P...)> {};
/// Member functions.
template <class C, class R, class... P>
struct CallableTraits<R (C::*)(P...) const> : CallableTraits<R (*)(P...)> {};
/// Member functions.
template <class C, class R, class... P>
struct CallableTraits<R (C::*)(P...) noexcept> : CallableTraits<R (*)(P...)> {};
/// Member functions.
template <class C, class R, class... P>
struct CallableTraits<R (C::*)(P...) const noexcept> : CallableTraits<R (*)(P...)> {};

/// Functions, function objects and lambdas whose parameters are not templates.
template <class F>
concept TypedCallable = requires {
  typename CallableTraits<std::decay_t<F>>::Result;
};

namespace handlers {

template <class T>
inline constexpr bool kIsAwaitable = false;
template <class T, class Executor>
inline constexpr bool kIsAwaitable<asio::awaitable<T, Executor>> = true;

/// What is kept for a parameter while the handler runs.
template <class P>
using Stored =
    std::conditional_t<std::is_same_v<std::decay_t<P>, std::string_view>, std::string, std::decay_t<P>>;

template <class T, class Details>
inline constexpr bool kIsArgument = !std::is_same_v<T, Details> && !std::is_same_v<T, CallArgs>;

template <class T, class Details>
using ArgumentOrNothing = std::conditional_t<kIsArgument<T, Details>, std::tuple<T>, std::tuple<>>;

/// A tuple of the arguments' types to the arguments.
template <class Tuple>
struct Converted;
/// Likewise.
template <class... T>
struct Converted<std::tuple<T...>> {
  static std::tuple<T...> from(const CallArgs& given) {
    try {
      return convertArguments<T...>(given.args, given.kwargs);
    } catch (const ConversionError& error) {
      throw ApplicationError(error::kInvalidArgument, {error.what()});
    }
  }
};

/// Position of parameter I among those that are arguments.
template <class Details, std::size_t I, class... T>
constexpr std::size_t argumentIndex() {
  constexpr bool kArguments[] = {kIsArgument<T, Details>..., false};
  std::size_t index = 0;
  for (std::size_t i = 0; i < I; ++i) index += kArguments[i] ? 1 : 0;
  return index;
}

/// The values for all parameters of a handler.
template <class Details, class... T>
class Bound {
 public:
  using Values = std::tuple<T...>;

  static Values bind(CallArgs given, Details details) {
    using Arguments = decltype(std::tuple_cat(std::declval<ArgumentOrNothing<T, Details>>()...));
    if constexpr ((std::is_same_v<T, CallArgs> || ...)) {
      static_assert(std::tuple_size_v<Arguments> == 0, "CallArgs takes all arguments: none besides it");
      return bindAll<std::tuple<>>(std::tuple<>(), given, details, std::index_sequence_for<T...>());
    } else {
      return bindAll<Arguments>(Converted<Arguments>::from(given), given, details,
                                std::index_sequence_for<T...>());
    }
  }

 private:
  template <class Arguments, std::size_t... I>
  static Values bindAll([[maybe_unused]] Arguments arguments, CallArgs& given, Details& details,
                        std::index_sequence<I...>) {
    return Values{pick<T, I>(arguments, given, details)...};
  }
  template <class P, std::size_t I, class Arguments>
  static P pick([[maybe_unused]] Arguments& arguments, [[maybe_unused]] CallArgs& given,
                [[maybe_unused]] Details& details) {
    if constexpr (std::is_same_v<P, Details>) {
      return std::move(details);
    } else if constexpr (std::is_same_v<P, CallArgs>) {
      return std::move(given);
    } else {
      return std::move(std::get<argumentIndex<Details, I, T...>()>(arguments));
    }
  }
};

template <class R>
CallResult toCallResult(R result) {
  if constexpr (std::is_same_v<R, CallResult>) {
    return result;
  } else {
    CallResult whole;
    whole.results.push_back(toValue(result));
    return whole;
  }
}

}  // namespace handlers

/// A typed function as a Handler.
template <class Details, class F>
class HandlerOf final : public Handler<Details> {
  using Traits = CallableTraits<F>;
  template <class... P>
  using BoundTo = handlers::Bound<Details, handlers::Stored<P>...>;
  using Parameters = typename Traits::template Parameters<BoundTo>;
  using Values = typename Parameters::Values;
  using Result = typename Traits::Result;

 public:
  explicit HandlerOf(F function) : function_(std::move(function)) {}

  MaybeAwaitable<CallResult> run(CallArgs arguments, Details details) override {
    Values values = Parameters::bind(std::move(arguments), std::move(details));
    if constexpr (handlers::kIsAwaitable<Result>) {
      return runCoroutine(std::move(values));
    } else if constexpr (std::is_void_v<Result>) {
      std::apply(function_, std::move(values));
      return CallResult();
    } else {
      return handlers::toCallResult<std::decay_t<Result>>(std::apply(function_, std::move(values)));
    }
  }

 private:
  // The values live in this frame: the function may take them by reference.
  asio::awaitable<CallResult> runCoroutine(Values values) {
    using Inner = typename Result::value_type;
    Result running = std::apply(function_, std::move(values));
    if constexpr (std::is_void_v<Inner>) {
      co_await std::move(running);
      co_return CallResult();
    } else {
      Inner inner = co_await std::move(running);
      co_return handlers::toCallResult<Inner>(std::move(inner));
    }
  }

  F function_;
};

/// A member function with its object (a pointer or shared_ptr) as one function.
template <class Pointer, class Method, class R, class... P>
class BoundMember {
 public:
  BoundMember(Pointer object, Method method) : object_(std::move(object)), method_(method) {}
  R operator()(P... parameters) const { return ((*object_).*method_)(std::forward<P>(parameters)...); }

 private:
  Pointer object_;
  Method method_;
};

/// Binds a member function to its object, keeping its parameters' types. A shared_ptr is held; who passes a
/// plain pointer sees to it that the object outlives the registration (a session's own methods: `this` is
/// right).
template <class Pointer, class Method>
requires std::is_member_function_pointer_v<Method>
auto bindMember(Pointer object, Method method) {
  using Traits = CallableTraits<Method>;
  using Result = typename Traits::Result;
  return [&]<class... P>(std::type_identity<std::tuple<P...>>*) {
    return BoundMember<Pointer, Method, Result, P...>(std::move(object), method);
  }(static_cast<std::type_identity<typename Traits::template Parameters<std::tuple>>*>(nullptr));
}

/// The function as an endpoint of a procedure.
template <class F>
std::shared_ptr<Endpoint> makeEndpoint(F function) {
  return std::make_shared<HandlerOf<CallDetails, F>>(std::move(function));
}
/// The function as a handler of events.
template <class F>
std::shared_ptr<EventHandler> makeEventHandler(F function) {
  return std::make_shared<HandlerOf<EventDetails, F>>(std::move(function));
}

}  // namespace autobahn::inline v0::wamp
