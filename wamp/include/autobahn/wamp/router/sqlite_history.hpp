// Event history and retained events in a file, for realms whose events are to survive the router.
//
//   RouterServer server;
//   RealmOptions realm{.name = "realm1"};
//   realm.history.rules = {{.uri = "com.app.", .match = Match::prefix}};
//   realm.history.store = makeSqliteHistory({.file = "/var/lib/app/realm1.history"},
//                                           util::AsioLoop::of(server.context()).poster());
//   server.router().addRealm(std::move(realm));
//
// In a library of its own (autobahn::wamp_sqlite), so that nobody needs SQLite who does not use it.
#pragma once

#include <autobahn/wamp/router/history.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace autobahn::inline v0::wamp {

/// One file, for one realm of one router at a time.
struct SqliteHistoryOptions {
  /// Made when it is not there, for its owner only (mode 0600). SQLite keeps others beside it (`-wal`). Not
  /// on a network file system.
  std::string file{};
  /// What is acknowledged survives the loss of power, too. Without it only the end of the router, however
  /// sudden, and each commit takes less time.
  bool survivesPowerLoss = true;
  /// What topics retain is kept as well.
  bool keepsRetained = true;
  /// Events that are not committed yet. Beyond these limits publications are refused
  /// (`error::kLimitExceeded`).
  std::size_t maxQueuedEvents = 10'000;
  std::size_t maxQueuedOctets = std::size_t{64} << 20;
  /// Calls of get_events that wait.
  std::size_t maxQueuedReads = 1'000;
  /// Octets of the file, about; beyond them publications fail (`error::kHistoryFailed`). 0: what the disk
  /// has. The file does not shrink, the room of events that have gone is used again.
  std::size_t maxFileSize = 0;
};

/// Runs a function on the realm's loop, later, in the order of the calls; false when the loop is gone. Called
/// from another thread: `util::EventLoop::poster` gives one.
using HistoryPoster = std::function<bool(std::function<void()>)>;

/// Opens the file. All work on it is done by a thread of its own, which commits whatever has come meanwhile
/// as one transaction: a PUBLISH with `acknowledge` is answered when its event is on the disk. Errors are
/// logged (once, until it works again) and answered with `error::kHistoryFailed`. The destructor returns when
/// all that was taken is written. Throws std::runtime_error, saying which file and why: it cannot be opened,
/// another process has it, it is damaged or something else's.
std::shared_ptr<HistoryStore> makeSqliteHistory(SqliteHistoryOptions options, HistoryPoster post);

}  // namespace autobahn::inline v0::wamp
