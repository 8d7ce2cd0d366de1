// Connections on other loops than the router's: what is said between them and the router.
#pragma once

#include <autobahn/util/net/loop_group.hpp>
#include <autobahn/wamp/message.hpp>
#include <autobahn/wamp/router/session_info.hpp>
#include <autobahn/wamp/router/transport.hpp>
#include <autobahn/wamp/transport.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "loop_queue.hpp"

namespace autobahn::inline v0::wamp {

class RelayedConnection;
class LoopCrossings;

/// From a connection to the router.
struct ToRouter {
  using Opened = std::unique_ptr<PeerDetails>;
  struct Bad {
    std::string problem;
  };
  struct Undeliverable {
    Message message;
    std::string_view uri;  ///< lives for ever
    std::string why;
  };
  struct Closed {};

  using What = std::variant<Message, Opened, Bad, Undeliverable, Closed>;

  std::shared_ptr<RelayedConnection> who;
  What what;
};

/// From the router to a connection.
struct ToConnection {
  using Shared = std::shared_ptr<RoutedMessage>;  ///< goes to several connections of that loop
  struct Close {};

  using What = std::variant<Message, Shared, Close>;

  std::shared_ptr<RelayedConnection> who;
  What what;
};

/// Between the router's loop and one other. Neither end waits for the other: one that has too much before it
/// makes the other stop reading.
class LoopCrossing {
 public:
  LoopCrossing(util::AsioLoop& router, util::AsioLoop& other, LoopCrossings& all);

  // ---- The connections' thread
  void push(ToRouter item, std::size_t octets) { toRouter_->push(std::move(item), octets); }
  /// After a message was pushed: lets the transport rest when too much waits for the router.
  void restWhenFull(const std::shared_ptr<Transport>& transport);
  void shutDownHere();

  // ---- The router's thread
  void push(ToConnection item, std::size_t octets);
  /// Connections that the router knows are kept.
  void attach(std::shared_ptr<RelayedConnection> connection) { attached_.insert(std::move(connection)); }
  void detach(const std::shared_ptr<RelayedConnection>& connection) { attached_.erase(connection); }
  bool isFull() { return toConnections_->isFull(); }
  void hold(bool on) { toRouter_->hold(on); }
  void shutDownAtRouter();

 private:
  LoopCrossings& all_;  ///< the router's thread
  std::vector<std::weak_ptr<Transport>> resting_;
  std::unordered_set<std::shared_ptr<RelayedConnection>> attached_;
  std::shared_ptr<LoopQueue<ToRouter>> toRouter_;
  std::shared_ptr<LoopQueue<ToConnection>> toConnections_;
};

/// All crossings of a router. While one of them is full towards its connections, nothing new is let in.
class LoopCrossings {
 public:
  explicit LoopCrossings(std::shared_ptr<util::LoopGroup> loops);
  LoopCrossings(const LoopCrossings&) = delete;
  LoopCrossings& operator=(const LoopCrossings&) = delete;
  /// On the router's thread. Ends what the router knows of the connections.
  ~LoopCrossings();

  const std::shared_ptr<util::LoopGroup>& loops() const { return loops_; }
  /// That of the loop that runs on this thread; null on the router's.
  std::shared_ptr<LoopCrossing> ofCurrentThread() const;

  // ---- The router's thread
  bool isCongested() const { return isCongested_; }
  /// Lets a transport of the router's own loop rest as long.
  void restWhileCongested(const std::shared_ptr<Transport>& transport);
  void becameFull();
  void relieved();

 private:
  std::shared_ptr<util::LoopGroup> loops_;
  std::vector<std::shared_ptr<LoopCrossing>> crossings_;
  std::vector<std::weak_ptr<Transport>> resting_;
  bool isCongested_ = false;
};

}  // namespace autobahn::inline v0::wamp
