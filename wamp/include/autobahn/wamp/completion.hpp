// How an operation of a session reports its end, whatever Asio completion token it was given.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/dispatch.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace autobahn::inline v0::wamp {

/// An Asio completion handler, without its type: called once, on its own executor or else the session's. For
/// sessions and those who extend them; applications pass completion tokens. `T` is default constructible.
template <class T>
class Completion {
 public:
  Completion() = default;

  /// `convert(T)` makes what the handler takes after the std::exception_ptr (nothing if it gives void); what
  /// it throws, the handler is given.
  template <class Handler, class Convert>
  Completion(asio::any_io_executor fallback, Handler handler, Convert convert)
      : waiting_(std::make_unique<WaitingFor<Handler, Convert>>(std::move(fallback), std::move(handler),
                                                                std::move(convert))) {}

  explicit operator bool() const { return waiting_ != nullptr; }
  /// The handler's cancellation slot, connected or not.
  asio::cancellation_slot slot() const { return waiting_->slot(); }
  /// Calls the handler, at once when this is its executor's thread. Not from inside the initiating function.
  void succeed(T result) { std::exchange(waiting_, nullptr)->finish(nullptr, std::move(result), true); }
  void fail(std::exception_ptr why) { std::exchange(waiting_, nullptr)->finish(std::move(why), T(), true); }
  /// The same from inside the initiating function.
  void succeedLater(T result) { std::exchange(waiting_, nullptr)->finish(nullptr, std::move(result), false); }
  void failLater(std::exception_ptr why) {
    std::exchange(waiting_, nullptr)->finish(std::move(why), T(), false);
  }

 private:
  class Waiting {
   public:
    Waiting() = default;
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    virtual ~Waiting() = default;
    virtual asio::cancellation_slot slot() const = 0;
    virtual void finish(std::exception_ptr why, T result, bool mayRunHere) = 0;
  };

  template <class Handler, class Convert>
  class WaitingFor final : public Waiting {
   public:
    using Executor = asio::associated_executor_t<Handler, asio::any_io_executor>;
    using TrackedExecutor = std::decay_t<
        typename asio::prefer_result<Executor, asio::execution::outstanding_work_t::tracked_t>::type>;

    WaitingFor(asio::any_io_executor fallback, Handler handler, Convert convert)
        : executor_(asio::prefer(asio::get_associated_executor(handler, fallback),
                                 asio::execution::outstanding_work.tracked)),
          handler_(std::move(handler)),
          convert_(std::move(convert)) {}

    asio::cancellation_slot slot() const override { return asio::get_associated_cancellation_slot(handler_); }
    void finish(std::exception_ptr why, T result, bool mayRunHere) override {
      if (auto connected = slot(); connected.is_connected()) connected.clear();
      const auto executor = executor_;
      auto call = [handler = std::move(handler_), convert = std::move(convert_), why = std::move(why),
                   result = std::move(result)]() mutable {
        deliver(std::move(handler), convert, std::move(why), std::move(result));
      };
      if (mayRunHere) {
        asio::dispatch(executor, std::move(call));
      } else {
        asio::post(executor, std::move(call));
      }
    }

   private:
    static void deliver(Handler handler, Convert& convert, std::exception_ptr why, T result) {
      using Result = std::invoke_result_t<Convert&, T>;
      if constexpr (std::is_void_v<Result>) {
        std::move(handler)(std::move(why));
      } else {
        Result converted{};
        if (!why) {
          try {
            converted = convert(std::move(result));
          } catch (...) {
            why = std::current_exception();
          }
        }
        std::move(handler)(std::move(why), std::move(converted));
      }
    }

    TrackedExecutor executor_;
    Handler handler_;
    Convert convert_;
  };

  std::unique_ptr<Waiting> waiting_;
};

/// The signature of a completion handler that gets an R.
template <class R>
struct CompletionSignature {
  using Type = void(std::exception_ptr, R);
};
/// Without a result.
template <>
struct CompletionSignature<void> {
  using Type = void(std::exception_ptr);
};

/// The conversion that is none.
struct Unchanged {
  template <class T>
  T operator()(T result) const {
    return result;
  }
};

namespace detail {

/// Whether an argument of type `T&&` (an lvalue reference for what has a name) may stand in the expression
/// that is awaited when `Token` makes a coroutine wait. GCC 12 copies closures and aggregates that are made
/// there bit by bit and destroys both; so those that own something must have a name.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
template <class T, class Token>
inline constexpr bool kMayBeTemporary =
    std::is_lvalue_reference_v<T> || std::is_trivially_destructible_v<std::remove_cvref_t<T>> ||
    !std::is_same_v<std::decay_t<Token>, asio::use_awaitable_t<>>;
#else
template <class T, class Token>
inline constexpr bool kMayBeTemporary = true;
#endif

}  // namespace detail

/// Starts an operation: `start(Completion<T>)` is called now, or when the token says so (coroutines: when
/// they are awaited). `convert(T)` gives what the caller gets.
template <class T, class Token, class Convert, class Start>
auto startOperation(asio::any_io_executor executor, Token& token, Convert convert, Start start) {
  using Result = std::invoke_result_t<Convert&, T>;
  static_assert(std::is_void_v<Result> || std::is_default_constructible_v<Result>,
                "results of operations are default constructible");
  using Signature = typename CompletionSignature<Result>::Type;
  auto initiation = [executor = std::move(executor), convert = std::move(convert),
                     start = std::move(start)](auto handler) mutable {
    start(Completion<T>(std::move(executor), std::move(handler), std::move(convert)));
  };
  return asio::async_initiate<Token, Signature>(std::move(initiation), token);
}

}  // namespace autobahn::inline v0::wamp
