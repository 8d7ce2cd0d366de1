// The sessions that can reach each other, with their broker and dealer.
#pragma once

#include <autobahn/wamp/router/options.hpp>
#include <autobahn/wamp/router/statistics.hpp>
#include <autobahn/wamp/router/transport.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker.hpp"
#include "dealer.hpp"
#include "outbox.hpp"
#include "realm_port.hpp"
#include "session.hpp"
#include "suspension.hpp"
#include "turns.hpp"

namespace autobahn::inline v0::wamp::router {

class Realm;

/// What a router can do in a realm with these options.
Roles routerRoles(const RealmOptions& options);

/// What a Realm needs of the router.
class RealmHost {
 public:
  virtual ~RealmHost() = default;
  /// Of the calls of all realms.
  virtual Deadlines<Call>& callDeadlines() = 0;
  /// Of the sessions of all realms that have no transport.
  virtual Deadlines<Session>& suspensionDeadlines() = 0;
  /// The last session has left.
  virtual void emptied(Realm& realm) = 0;
  /// Somebody has joined a realm that has been removed meanwhile: false, if it is not taken back.
  virtual bool takesBack(Realm& realm) = 0;
};

/// One realm. All in one thread. What it sends goes out before a function returns, but for `kill…`.
class Realm : public std::enable_shared_from_this<Realm> {
 public:
  /// `clock`, `turns` and `host` outlive its last session.
  Realm(RealmOptions options, const Clock& clock, Turns& turns, RealmHost& host, bool isMadeByRule);
  Realm(const Realm&) = delete;
  Realm& operator=(const Realm&) = delete;

  const RealmOptions& options() const { return options_; }
  /// What the router can do in this realm, for WELCOME.
  const Roles& roles() const { return roles_; }
  /// For one of the client's methods, or nullptr.
  std::shared_ptr<Authenticator> authenticatorFor(std::string_view method) const;
  void handleTimeout(Call& call);
  /// Made because somebody has asked for it.
  bool isMadeByRule() const { return isMadeByRule_; }
  /// Has no session, and nothing would be lost with it.
  bool isOfNoUse() const { return sessions_.empty() && !broker_.keepsEvents(); }
  /// The router has it no more, until somebody joins it after all.
  void setRemoved(bool isRemoved) { isRemoved_ = isRemoved; }
  /// The router has it no more, whoever joins.
  void removeForGood() {
    isRemoved_ = true;
    isMadeByRule_ = false;
  }

  /// A new member; `welcome` is the first it hears. `port` lives until the session has left, or has lost its
  /// transport. `isResumable`: its client would like to come back.
  Session& join(SessionInfo info, SessionPort& port, message::Welcome welcome, bool isResumable = false);
  /// The session that `who`, who has just been let in, may take over with this token, or nullptr.
  Session* findResumable(const SessionInfo& who, Id session, std::string_view token);
  /// Gives a session another port, and it what has waited. The port before, if there still is one, is told by
  /// `abort`. The token is another one from now on.
  void resume(Session& session, SessionInfo who, SessionPort& port, message::Welcome welcome);
  /// A member's transport is gone without a GOODBYE: it waits for its client if it may, or leaves. Its port
  /// is not used again.
  void loseTransport(Session& session);
  /// A message of a member, but HELLO, AUTHENTICATE, ABORT and GOODBYE.
  void receive(Session& session, Message&& message);
  /// A message for a member could not be written: whoever waits for it is told.
  void undeliverable(Session& session, const Message& message, std::string_view uri, std::string_view why);
  /// A member goes: all it has is released, and its port is not used again.
  void leave(Session& session);
  /// Ends a session with GOODBYE. `flush` is to follow.
  void kill(Session& session, std::string_view reason, std::string message = {});
  /// Ends all with GOODBYE, but `except`. `flush` is to follow.
  std::size_t killAll(std::string_view reason, const std::string& message, const Session* except = nullptr);

  /// Calls `then` when it is known what `session` may do: now, or later, if it is still there.
  using Then = std::function<void(Session&, const Permission&)>;
  void ask(Session& session, const AuthorizationRequest& question, Then then);

  /// For what takes time and is no question of permission.
  Resume resumeFor(const Session& session);
  RealmStatistics statistics();

  /// Sends what there is to send.
  void flush();

  /// By ID, or nullptr.
  Session* find(Id session);
  const std::unordered_map<Id, std::unique_ptr<Session>>& sessions() const { return sessions_; }
  Broker& broker() { return broker_; }
  Dealer& dealer() { return dealer_; }
  Outbox& outbox() { return out_; }

 private:
  void countSent(const Outbox::Item& item);
  void handle(Session& session, Message&& message);
  void letWait(Session& session, Message message);
  bool checkRequestId(Session& session, Id request);

  // realm_authorize.cpp
  template <class Request>
  void authorize(Session& session, Request&& request);
  std::optional<Permission> decide(const AuthorizationRequest& question) const;
  void askLater(Session& session, const AuthorizationRequest& question, Then then);
  void decided(Session& session, const Permission& permission);
  template <class Request>
  void actOrRefuse(Session& session, Request&& request, const Permission& permission);
  void act(Session& session, message::Call&& request, const Permission& permission);
  void act(Session& session, const message::Register& request, const Permission& permission);
  void act(Session& session, const message::Subscribe& request, const Permission& permission);
  void act(Session& session, const message::Publish& request, const Permission& permission);

  void violate(Session& session, std::string why);
  void check(Session& session, Problem problem);
  void remove(Session& session);
  template <class Work>
  void flushing(Work&& work);
  void publishTestaments(const Session& session, std::vector<Testament>& testaments);

  // realm_resume.cpp
  void offerResumption(Session& session, message::Welcome& welcome);
  void endSoon(const Session& session);

  void sendAwaySoon(const Session& session);

  RealmOptions options_;
  const Roles roles_;
  Turns& turns_;
  RealmHost& host_;
  bool isMadeByRule_ = false;
  bool isRemoved_ = false;
  Outbox out_;
  Broker broker_;
  Dealer dealer_;
  Suspensions suspensions_;
  std::unordered_map<Id, std::unique_ptr<Session>> sessions_;
  std::uint64_t joined_ = 0;
  std::uint64_t limitsReached_ = 0;
  decltype(RealmStatistics::messages) messages_{};
  /// Gone, but the outbox may still name them.
  std::vector<std::unique_ptr<Session>> gone_;
};

}  // namespace autobahn::inline v0::wamp::router
