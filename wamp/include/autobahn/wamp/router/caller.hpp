// The router's own calls of procedures in its realms.
//
//   auto caller = std::make_shared<RouterCaller>();
//   auto users = makeDynamicAuthenticator(caller, "ticket", {.procedure = "com.app.authenticate"});
//   Router router({.caller = caller});
//   router.addRealm({.name = "realm1", .authenticators = {users}});
#pragma once

#include <autobahn/wamp/value.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

namespace router {
class CallerSessions;
}  // namespace router

/// Calls procedures as the router itself: needs no permission, is no session that others see, and callees
/// that have it disclosed see authid "router" and authrole "trusted". Does no I/O; in the thread of the
/// router's loop. Made before the router and given to it by `RouterOptions::caller`, for one router.
class RouterCaller {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// What came of a call.
  struct Answer {
    std::string error{};  ///< the URI; empty when the call succeeded
    List args{};
    Dict kwargs{};

    bool isGood() const { return error.empty(); }
  };
  using Then = std::function<void(Answer)>;

  RouterCaller();
  RouterCaller(const RouterCaller&) = delete;
  RouterCaller& operator=(const RouterCaller&) = delete;
  ~RouterCaller();

  /// Calls `procedure` in `realm`. `then` gets the answer, once and never from within this call:
  /// `error::kNoSuchRealm`, `kNoSuchProcedure`, `kTimeout` after `timeout` (> 0; however the callee handles
  /// timeouts), `kCanceled` when the callee leaves, `error::kLimitExceeded` beyond 10,000 calls in one realm,
  /// or what the callee says. It is not called when the router ends before, or when there is none.
  void call(std::string_view realm, std::string_view procedure, List args, std::chrono::milliseconds timeout,
            Then then);
  /// The time as the router was told; the epoch without one.
  TimePoint now() const;

 private:
  friend class router::CallerSessions;
  std::shared_ptr<router::CallerSessions> sessions_;
};

}  // namespace autobahn::inline v0::wamp
