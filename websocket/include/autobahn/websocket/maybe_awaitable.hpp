// A value now or a coroutine that gives it later: what cold callbacks return.
#pragma once

#include <asio/awaitable.hpp>
#include <type_traits>
#include <utility>
#include <variant>

namespace autobahn::inline v0::websocket {

/// Made from a `T` or from an `asio::awaitable<T>`; an exception from either refuses what was asked.
/// Take what a coroutine needs by value: the references a callback was given are dead when it resumes.
template <class T>
class MaybeAwaitable {
 public:
  template <class U>
  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): a MaybeAwaitable converts to no T
  requires std::is_convertible_v<U&&, T> MaybeAwaitable(U&& value)
      : result_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT: implicit
  MaybeAwaitable(asio::awaitable<T> later) : result_(std::in_place_index<1>, std::move(later)) {}  // NOLINT

  bool isReady() const { return result_.index() == 0; }
  /// The value; only when `isReady()`.
  T takeValue() { return std::get<0>(std::move(result_)); }
  /// The coroutine; only when not `isReady()`.
  asio::awaitable<T> takeAwaitable() { return std::get<1>(std::move(result_)); }

 private:
  std::variant<T, asio::awaitable<T>> result_;
};

}  // namespace autobahn::inline v0::websocket
