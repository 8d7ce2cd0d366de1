// The event loop over an asio::io_context.
//
// Descriptors are watched by an epoll set of our own, level-triggered, which Asio watches as one descriptor.
// So a connection needs no pending read with a buffer of its own, and one wake-up serves many connections
// (docs/design.md, "Connection and event loop").
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/util/net/event_loop.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <system_error>
#include <unordered_set>
#include <vector>

namespace autobahn::inline v0::util {

class AsioLoop;

/// Told what epoll reports of a descriptor. May remove or destroy itself and others from inside the call.
class DescriptorObserver {
 public:
  /// `events`: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP as in epoll_wait(2).
  virtual void onDescriptor(std::uint32_t events) = 0;

 protected:
  ~DescriptorObserver() = default;
};

/// The door to a loop from other threads. Outlives the loop and refuses once that is gone. Thread-safe.
class LoopMailbox : public std::enable_shared_from_this<LoopMailbox> {
 public:
  explicit LoopMailbox(asio::io_context& context) : context_(&context) {}
  LoopMailbox(const LoopMailbox&) = delete;
  LoopMailbox& operator=(const LoopMailbox&) = delete;

  /// Runs `function` on the loop, later, in the order of the calls; one wake-up serves many. What it throws
  /// is logged. False, and the function is dropped, when the loop is gone.
  bool post(std::function<void()> function);
  /// Holds `resident` until `release`, or until the loop goes: its destructor then runs on the thread that
  /// destroys the io_context. False, and nothing is held, when the loop is gone.
  bool hold(std::shared_ptr<void> resident);
  void release(const std::shared_ptr<void>& resident);

 private:
  friend class AsioLoop;
  void close();
  void drain();

  std::mutex mutex_;
  asio::io_context* context_;  ///< null once the loop is gone
  AsioLoop* loop_ = nullptr;   ///< for the loop's thread
  std::vector<std::function<void()>> functions_;
  std::unordered_set<std::shared_ptr<void>> residents_;
};

/// The one loop of an io_context. Lives in the io_context, which must be run by one thread at a time. It
/// keeps `io_context::run()` going while a descriptor is watched, a timer is armed or a posted function
/// waits.
class AsioLoop final : public EventLoop {
 public:
  /// The loop of `context`, made at the first call. Call it first before other threads use it.
  static AsioLoop& of(asio::io_context& context);

  TimePoint now() const override;
  void schedule(LoopTask& task, TimePoint deadline) override;
  void callAtTurnEnd(LoopTask& task) override;
  void forget(LoopTask& task) override;
  bool post(std::function<void()> function) override;
  Poster poster() override;
  bool isCurrentThread() const override;
  bool isForeignThread() const override;
  asio::any_io_executor executor() override;
  std::span<char> receiveBuffer() override;
  ByteBuffer& corkBuffer() override;
  std::string& cipherBuffer() override;
  BufferPool& bufferPool() override;

  asio::io_context& context();
  /// `post` for other threads, safe when the loop may be gone.
  std::shared_ptr<LoopMailbox> mailbox() const;

  /// Watches a descriptor for `events` (EPOLLIN, EPOLLOUT, both, or 0; errors are always reported),
  /// level-triggered, until `unwatch`.
  std::error_code watch(int fd, std::uint32_t events, DescriptorObserver& observer);
  /// Changes what a watched descriptor is watched for.
  std::error_code rewatch(int fd, std::uint32_t events, DescriptorObserver& observer);
  /// Ends watching; `observer` is not called again, not even for an event already reported. To be called
  /// before the descriptor is closed.
  void unwatch(int fd, DescriptorObserver& observer);
  /// True while `observer` is being called and has not been unwatched since the call began: what it asks to
  /// find out whether it survived its own callback.
  bool isDispatching(const DescriptorObserver& observer) const;
  /// The number of watched descriptors.
  std::size_t watched() const;

 private:
  friend class LoopMailbox;
  class Service;
  struct State;

  explicit AsioLoop(asio::io_context& context);
  ~AsioLoop() override;

  template <class Body>
  void turn(Body&& body);
  void concludeTurn();
  void armDescriptor();
  void armTimer();
  void runTurns();
  std::size_t dispatchDescriptors();
  void shutdown();

  std::unique_ptr<State> state_;
};

}  // namespace autobahn::inline v0::util
