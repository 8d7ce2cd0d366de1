// Sessions without a transport, whose clients may come back (session resumption, a draft beside the
// specification: session-state-machine.md).
#pragma once

#include <autobahn/wamp/router/options.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "deadlines.hpp"
#include "realm_port.hpp"

namespace autobahn::inline v0::wamp::router {

struct Session;
class Suspensions;

/// The stay of one session without a transport: its messages wait here, in order.
class Suspension final : public SessionPort {
 public:
  Suspension(Session& session, Suspensions& all) : session_(session), all_(all) {}

  // SessionPort: nobody is there to be told of the end.
  void deliver(RoutedMessage& message) override;
  void abort(std::string_view, std::string) override {}
  void sayGoodbye(std::string_view, std::string) override {}

  /// More has come than it may keep: messages are lost, so the session must end.
  bool isOverfull() const { return isOverfull_; }

 private:
  friend class Suspensions;

  bool fits(std::size_t octets) const;
  void clear();

  Session& session_;
  Suspensions& all_;
  std::vector<Message> messages_;
  std::size_t octets_ = 0;
  bool isOverfull_ = false;
  Deadlines<Session>::Handle deadline_;
};

/// All of a realm, with what they may take.
class Suspensions {
 public:
  /// `onOverfull` is told of sessions that must end; not to do that before it returns. All references outlive
  /// the last suspension.
  Suspensions(const ResumptionOptions& options, const Clock& clock, Deadlines<Session>& deadlines,
              std::function<void(const Session&)> onOverfull);
  Suspensions(const Suspensions&) = delete;
  Suspensions& operator=(const Suspensions&) = delete;

  /// Gives the session a suspension for a port. False: there are too many already, and nothing has happened.
  bool begin(Session& session);
  /// Ends the stay, if there is one: what waited, in order. `Session::suspension` is still there, as a port
  /// that does nothing.
  std::vector<Message> end(Session& session);

  std::size_t count() const { return count_; }
  /// Of the messages that wait.
  std::size_t octets() const { return octets_; }

 private:
  friend class Suspension;

  const ResumptionOptions& options_;
  const Clock& clock_;
  Deadlines<Session>& deadlines_;
  std::function<void(const Session&)> onOverfull_;
  std::size_t count_ = 0;
  std::map<std::string, std::size_t> byAuthid_;
  std::size_t octets_ = 0;
};

}  // namespace autobahn::inline v0::wamp::router
