// Event loops on several threads.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace autobahn::inline v0::util {

/// The loop of an io_context that its owner runs, and more loops on threads of the group. Servers that share
/// a group deal their connections to its loops.
class LoopGroup {
 public:
  /// Who gets connections: all loops, or all but the first, which has other work (it must not be alone then).
  enum class Dealing { all, others };

  /// Starts `size - 1` threads. `first` must outlive the group; std::invalid_argument for a size of 0.
  LoopGroup(asio::io_context& first, std::size_t size, Dealing dealing = Dealing::all);
  LoopGroup(const LoopGroup&) = delete;
  LoopGroup& operator=(const LoopGroup&) = delete;
  /// Ends the threads and waits for them; what waits on their loops is dropped. Not on one of these threads.
  ~LoopGroup();

  std::size_t size() const { return loops_.size(); }
  /// Loop 0 is the first. From any thread.
  AsioLoop& at(std::size_t index) const { return *loops_[index]; }
  /// The number of the loop that gets the next connection, in turn. On the first loop's thread.
  std::size_t next();
  /// The number of the loop that this thread runs; 0 when it runs none of them.
  std::size_t indexOfCurrentThread() const;
  /// Runs `visit(index)` on every loop but the first, each on its thread, and waits until all have returned.
  /// Not on one of these threads.
  void visitOthers(const std::function<void(std::size_t index)>& visit) const;

 private:
  struct Thread;

  std::vector<std::unique_ptr<Thread>> threads_;  ///< of all loops but the first
  std::vector<AsioLoop*> loops_;
  std::size_t firstDealt_ = 0;  ///< the lowest number of a loop that gets connections
  std::size_t dealt_ = 0;       ///< how many connections
};

}  // namespace autobahn::inline v0::util
