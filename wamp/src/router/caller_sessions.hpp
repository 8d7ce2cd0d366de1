// How the router itself calls procedures.
#pragma once

#include <autobahn/wamp/router/caller.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "deadlines.hpp"
#include "realm.hpp"

namespace autobahn::inline v0::wamp::router {

class PeerHost;

/// The router's session in one realm: a caller for broker and dealer, but none of the realm's members.
class CallerSession : public SessionPort {
 public:
  using Then = RouterCaller::Then;

  /// A call whose answer is awaited.
  struct Pending {
    CallerSession* session = nullptr;
    Id request = 0;
    Then then;
    Deadlines<Pending>::Handle deadline;
  };

  /// `deadlines`: of the calls in all realms; outlives it.
  CallerSession(PeerHost& host, std::shared_ptr<Realm> realm, Deadlines<Pending>& deadlines);
  ~CallerSession() override;

  bool isIdle() const { return pending_.empty(); }
  bool isIn(const Realm& realm) const { return &realm == realm_.get(); }
  void call(std::string_view procedure, List args, std::chrono::milliseconds timeout, Then then);
  /// No answer has come in time.
  void giveUp(Pending& pending);

  // SessionPort
  void deliver(RoutedMessage& message) override;
  void abort(std::string_view /*reason*/, std::string /*message*/) override {}
  void sayGoodbye(std::string_view /*reason*/, std::string /*message*/) override {}

 private:
  void finish(Id request, RouterCaller::Answer answer);

  PeerHost& host_;
  std::shared_ptr<Realm> realm_;
  Session session_;
  std::map<Id, Pending> pending_;
  Deadlines<Pending>& deadlines_;
};

/// A RouterCaller's inside: a session for each realm in which it is calling, or has lately.
class CallerSessions {
 public:
  /// Those of a RouterCaller.
  static const std::shared_ptr<CallerSessions>& of(const RouterCaller& caller) { return caller.sessions_; }

  /// From the router's beginning to its end. Throws InvalidState when it is another router's.
  void attach(PeerHost& host);
  void detach();

  void call(std::string_view realm, std::string_view procedure, List args, std::chrono::milliseconds timeout,
            RouterCaller::Then then);
  TimePoint now() const;
  std::optional<TimePoint> nextDeadline() const { return deadlines_.next(); }
  void handleTimeout();

 private:
  CallerSession* sessionIn(std::string_view realm);
  void forgetIdle();

  PeerHost* host_ = nullptr;
  Deadlines<CallerSession::Pending> deadlines_;
  std::size_t looked_ = 0;  ///< sessions there were when idle ones were last forgotten
  std::map<std::string, std::unique_ptr<CallerSession>, std::less<>> byRealm_;
};

}  // namespace autobahn::inline v0::wamp::router
