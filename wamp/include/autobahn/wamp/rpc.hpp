// What goes with calls and registrations.
#pragma once

#include <autobahn/wamp/arguments.hpp>
#include <autobahn/wamp/message_parts.hpp>
#include <autobahn/wamp/payload.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp {

/// Arguments of a call or an event, where the short forms do not do. No aggregate: see
/// `detail::kMayBeTemporary`.
struct CallArgs {
  CallArgs() = default;
  explicit(false) CallArgs(List positional, Dict keywords = {})
      : args(std::move(positional)), kwargs(std::move(keywords)) {}

  List args{};
  Dict kwargs{};
};

/// Arguments made of C++ values: `toCallArgs(2, "three")`.
template <class... T>
CallArgs toCallArgs(const T&... values) {
  return {toArguments(values...), {}};
}

/// A result with all its parts: what a call gives as `call<CallResult>`, what an endpoint returns that has
/// several results or keyword results.
struct CallResult {
  List results{};
  Dict kwresults{};
  std::optional<Id> callee{};  ///< disclosed by the router; received results only
  std::optional<std::string> calleeAuthid{};
  std::optional<std::string> calleeAuthrole{};
  Rare<message::Passthru> passthru{};  ///< how the payload is packed, when it is (ppt_…, enc_…)
};

class CallControlState;

/// Steers a call while it is under way: put it into CallOptions. Copies steer the same call. On the session's
/// thread.
class CallControl {
 public:
  CallControl();

  /// Asks the router to end the call, as `mode` says (absent: as CallOptions::cancelMode does). No effect
  /// before the call is sent and after it is answered.
  void cancel(std::optional<CancelMode> mode = std::nullopt) const;
  /// Sends more arguments of a progressive invocation (CallOptions::progress). False when the call is over.
  template <class... T>
  bool send(const T&... values) const {
    return sendInput(toCallArgs(values...), true);
  }
  /// Sends the last arguments of a progressive invocation.
  template <class... T>
  bool finish(const T&... values) const {
    return sendInput(toCallArgs(values...), false);
  }
  bool sendInput(CallArgs args, bool moreToCome) const;

 private:
  friend class CallBinding;
  std::shared_ptr<CallControlState> state_;
};

/// How to call.
struct CallOptions {
  /// Sees progressive results; the final one is the call's. Exceptions go to `onUserError`. Its presence asks
  /// the callee for progressive results.
  std::function<void(CallResult)> onProgress{};
  /// After it the call fails with `wamp.error.timeout`. Sent to the router; when that does not know call
  /// timeouts, the session cancels the call itself. At least 1 ms; absent: none.
  std::optional<std::chrono::milliseconds> timeout{};
  /// The first of several parts of arguments: the others follow through `control`. The router and the callee
  /// must know progressive invocations.
  bool progress = false;
  std::optional<bool> discloseMe{};
  /// What cancelling does, by `control` or by an asio::cancellation_slot.
  CancelMode cancelMode = CancelMode::killnowait;
  std::optional<CallControl> control{};
  std::optional<std::string> transactionHash{};
  std::optional<std::string> runmode{};  ///< of sharded registrations
  std::optional<std::string> rkey{};
  std::optional<message::Passthru> passthru{};  ///< the arguments are packed so (ppt_…, enc_…)
  std::vector<message::Forward> forwardFor{};
  Dict custom{};  ///< attributes with names of one's own (`isCustomAttribute`)
};

/// Of an endpoint's call: a parameter of this type asks for it. Copies are of the same call.
struct CallDetails {
  Id registration = 0;
  std::string procedure{};  ///< the URI called
  std::optional<Id> caller{};
  std::optional<std::string> callerAuthid{};
  std::optional<std::string> callerAuthrole{};
  std::optional<std::uint64_t> trustlevel{};
  std::optional<std::chrono::milliseconds> timeout{};  ///< left to this callee
  std::optional<std::string> transactionHash{};
  std::optional<std::string> encAlgo{};  ///< the payload came encrypted so
  Rare<message::Passthru> passthru{};
  std::vector<message::Forward> forwardFor{};
  Dict custom{};
  bool receiveProgress = false;  ///< the caller takes progressive results
  bool moreToCome = false;       ///< a part of a progressive invocation: the endpoint is called again

  /// Sends a progressive result. False, and nothing is sent, when the caller does not take any or the call is
  /// over.
  template <class... T>
  bool progress(const T&... values) const {
    return receiveProgress && progressResult({toArguments(values...), {}});
  }
  bool progressResult(CallResult result) const {
    return receiveProgress && yield && yield(std::move(result));
  }
  /// True when the caller does not wait any more.
  bool isCanceled() const { return !isRunning || !isRunning(); }

  std::function<bool(CallResult)> yield{};  ///< the session's; use `progress`
  std::function<bool()> isRunning{};        ///< the session's; use `isCanceled`
};

/// How to register.
struct RegisterOptions {
  std::optional<Match> match{};                ///< absent: exact
  std::optional<Invoke> invoke{};              ///< absent: single
  std::optional<std::uint64_t> concurrency{};  ///< calls at a time, ≥ 1; the router keeps others waiting
  bool forceReregister = false;                ///< takes the URI from whoever has it
  std::optional<bool> discloseCaller{};
  bool forwardTimeout = false;  ///< the endpoint watches over the caller's time-out, not the router
  std::vector<message::Forward> forwardFor{};
  Dict custom{};
};

class RegistrationState;

/// An endpoint of a session, as the router knows it. Copies are of the same registration; keeps neither the
/// session nor the endpoint alive. On the session's thread.
class Registration {
 public:
  Registration() = default;
  explicit Registration(std::shared_ptr<RegistrationState> state);

  /// 0 for a registration that was never made.
  Id id() const;
  std::string procedure() const;
  /// False once it was unregistered or revoked, or the session has ended.
  bool isActive() const;
  /// Called when the router takes the registration away, with its reason.
  void onUnregister(std::function<void(const std::string& reason)> callback) const;

  const std::shared_ptr<RegistrationState>& state() const { return state_; }

 private:
  std::shared_ptr<RegistrationState> state_;
};

}  // namespace autobahn::inline v0::wamp
