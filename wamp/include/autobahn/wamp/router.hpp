// A WAMP router without I/O: messages in, messages out, time told.
//
//   Router router;
//   router.addRealm({.name = "realm1"});
//   router.setTime(std::chrono::steady_clock::now(), std::chrono::system_clock::now());
//   std::shared_ptr<RouterSession> session = router.attach(transport);   // a RouterTransport
//   session->receive(message);                                          // … transport.send(…) is called
#pragma once

#include <autobahn/wamp/error_uri.hpp>
#include <autobahn/wamp/router/authenticator.hpp>
#include <autobahn/wamp/router/authorizer.hpp>
#include <autobahn/wamp/router/options.hpp>
#include <autobahn/wamp/router/statistics.hpp>
#include <autobahn/wamp/router/transport.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// The router's end of one transport, over which sessions follow one another. Ownership is shared by the
/// transport and, while the transport is open, the router. In the thread of the router's loop.
class RouterSession {
 public:
  RouterSession(const RouterSession&) = delete;
  RouterSession& operator=(const RouterSession&) = delete;
  virtual ~RouterSession() = default;

  /// A message of the client, valid as a Serializer reads them; it is moved from.
  virtual void receive(Message&& message) = 0;
  /// The client has sent something that is no message (`Serializer::unserialize` says why): it is aborted.
  virtual void violation(std::string why) = 0;
  /// A message given to `RouterTransport::send` cannot be written for this client: the caller that waits for
  /// it, or the one whose call it is, gets the error `uri` (which lives for ever;
  /// `error::kInvalidPayload`, `error::kPayloadSizeExceeded`) with `why`; events are forgotten.
  virtual void undeliverable(const Message& message, std::string_view uri, std::string why) = 0;
  /// The transport is closed, or about to be destroyed: it is not used again.
  virtual void transportClosed() = 0;

  /// Who the session is, from WELCOME until its end; otherwise nullptr.
  virtual const SessionInfo* info() const = 0;

 protected:
  RouterSession() = default;
};

/// Realms and the sessions in them. Not thread-safe: one loop owns it, with all its transports.
class Router {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Router(RouterOptions options = {});
  /// Transports still attached are not used again, and need not say that they are closed.
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Throws InvalidState when there is one of this name, the name is no URI, or a rule of its history is
  /// none; and what `HistoryStore::open` throws.
  void addRealm(RealmOptions options);
  bool hasRealm(std::string_view name) const;
  /// Ends all sessions of a realm with GOODBYE and forgets it; its name is free then (called from within the
  /// router, say by an authorizer: when that has returned). Who is about to join it is let in and sent away.
  /// Nothing happens when there is no such realm.
  void removeRealm(std::string_view name, std::string_view reason = close::kCloseRealm,
                   std::string message = {});
  /// Sessions that have joined it; 0 when there is no such realm.
  std::size_t sessionCount(std::string_view realm) const;

  /// Tells the time: before anything else, and before each input after which deadlines are to be right (see
  /// `watchTurns`).
  /// `wall` is for what people see.
  void setTime(TimePoint now, std::chrono::system_clock::time_point wall);
  /// When `handleTimeout` is to be called, after `setTime`.
  std::optional<TimePoint> nextDeadline() const;
  void handleTimeout();

  /// `begins` is called before the router does anything, also when it is an Authenticator or Authorizer that
  /// has answered later; there is the place for `setTime`. `ends` is called when all is done: `nextDeadline`
  /// may be another. Neither may call the router otherwise.
  void watchTurns(std::function<void()> begins, std::function<void()> ends);

  /// A new connection, whose client is expected to say HELLO. `transport` is not owned.
  std::shared_ptr<RouterSession> attach(RouterTransport& transport);

  /// Lets nobody in any more and ends all sessions with GOODBYE.
  void close(std::string_view reason, std::string message = {});
  /// Transports attached.
  std::size_t transportCount() const;
  /// The figures of the moment. Nothing is counted for them but additions on the way of a message; this walks
  /// through all sessions and registrations.
  RouterStatistics statistics() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace autobahn::inline v0::wamp
