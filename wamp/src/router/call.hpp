// Registrations and the calls that are on their way.
#pragma once

#include <autobahn/wamp/message_parts.hpp>
#include <autobahn/wamp/message_rpc.hpp>
#include <autobahn/wamp/router/authorizer.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deadlines.hpp"

namespace autobahn::inline v0::wamp::router {

struct Session;
struct Call;

/// A session that serves a registration.
struct Callee {
  Session* session = nullptr;
  std::uint64_t serial = 0;  ///< never used twice: tells it from an earlier stay of the same session
  std::optional<std::uint64_t> concurrency{};
  std::uint64_t running = 0;  ///< calls, counted when `concurrency` is given
  bool discloseCaller = false;
  bool forwardTimeout = false;

  bool isBusy() const { return concurrency && running >= *concurrency; }
};

/// A procedure, or a pattern of them.
struct Registration {
  Id id = 0;
  std::string procedure;
  Match match = Match::exact;
  Invoke invoke = Invoke::single;
  std::chrono::system_clock::time_point created;
  std::vector<Callee> callees;  ///< in the order of their coming
  std::size_t next = 0;         ///< whose turn it is (roundrobin)
  /// For a callee that is not busy. Each callee that a waiting call may go to is busy.
  std::list<Call*> waiting;
};

/// Which callees of a registration a call may go to.
struct Routing {
  /// Of the routing key (sharded registration): the call goes to one callee and waits for that one.
  std::optional<std::uint64_t> shard{};
  /// `Callee::serial` of the one that the shard is at; kept right while the call waits.
  std::uint64_t shardCallee = 0;
  /// `Callee::serial` of those that have said that they are unavailable (call re-routing).
  std::vector<std::uint64_t> unavailable{};

  bool excludes(const Callee& callee) const;
};

/// A call that has no final answer yet. Belongs to its caller.
struct Call {
  Session* caller = nullptr;
  Id request = 0;
  std::string procedure;

  Session* callee = nullptr;  ///< nullptr while it waits
  Id invocation = 0;
  Id registration = 0;

  bool wantsProgress = false;  ///< results
  bool hasMoreParts = false;   ///< the caller has not sent the last part of its arguments
  bool isContinued = false;    ///< a second part has gone to the callee
  bool isKilled = false;       ///< canceled, and the callee's answer is waited for

  std::chrono::milliseconds timeout{};  ///< 0: none (here)
  Deadlines<Call>::Handle deadline;

  /// What it called with, while it waits, and while it may be routed to another callee.
  std::unique_ptr<message::Call> kept;
  Registration* queue = nullptr;  ///< where it waits
  std::list<Call*>::iterator place{};
  Permission permission;
  Routing routing;

  /// The details of its invocations, which the first part has fixed; kept while there are more parts.
  std::unique_ptr<message::Invocation::Details> details;
  std::size_t octets = 0;  ///< of `kept` and `details`, counted in the caller's `waitingOctets`
};

}  // namespace autobahn::inline v0::wamp::router
