#include <sys/epoll.h>

#include <array>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <autobahn/util/buffer.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <autobahn/util/net/task_scheduler.hpp>
#include <autobahn/util/net/unique_fd.hpp>
#include <cerrno>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

namespace autobahn::inline v0::util {

namespace {

constexpr Logger kLog{"autobahn.net"};
/// With 64 KiB pipelined messages of 16 KiB were 2.9 times slower. Holds a message of 1 MiB and what follows
/// it: a message that comes in one read is not copied (docs/benchmarks.md).
constexpr std::size_t kReceiveBufferSize = (std::size_t{1} << 20) + (std::size_t{64} << 10);
constexpr std::size_t kMaxEvents = 256;
/// So many descriptors ready in one turn: the next one will find some, too.
constexpr std::size_t kBusyFrom = 2;
constexpr int kTurnsAtOnce = 8;
/// What the shared output buffers may keep between turns.
constexpr std::size_t kMaxKeptBuffer = std::size_t{1} << 20;

template <class Buffer>
void trim(Buffer& buffer) {
  if (buffer.empty() && buffer.capacity() > kMaxKeptBuffer) buffer = Buffer();
}

}  // namespace

// ---- mailbox

bool LoopMailbox::post(std::function<void()> function) {
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) return false;
  functions_.push_back(std::move(function));
  // Under the lock, so that the context cannot go away meanwhile.
  if (functions_.size() == 1) asio::post(*context_, [self = shared_from_this()] { self->drain(); });
  return true;
}

bool LoopMailbox::hold(std::shared_ptr<void> resident) {
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) return false;
  residents_.insert(std::move(resident));
  return true;
}

void LoopMailbox::release(const std::shared_ptr<void>& resident) {
  const std::lock_guard lock(mutex_);
  residents_.erase(resident);  // not the last reference: the caller has one
}

void LoopMailbox::close() {
  // Destroyed unlocked: a destructor may post.
  std::vector<std::function<void()>> dropped;
  std::unordered_set<std::shared_ptr<void>> residents;
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
  loop_ = nullptr;
  dropped.swap(functions_);
  residents.swap(residents_);
}

// ---- state

struct AsioLoop::State {
  explicit State(asio::io_context& ioContext)
      : context(ioContext),
        mailbox(std::make_shared<LoopMailbox>(ioContext)),
        descriptor(std::in_place, ioContext),
        timer(std::in_place, ioContext) {}

  asio::io_context& context;
  std::shared_ptr<LoopMailbox> mailbox;
  UniqueFd epoll;
  std::optional<asio::posix::stream_descriptor> descriptor;  ///< Asio's view of `epoll`
  std::optional<asio::steady_timer> timer;
  TaskScheduler tasks;
  std::unique_ptr<char[]> receiveBuffer = std::make_unique_for_overwrite<char[]>(kReceiveBufferSize);
  ByteBuffer corkBuffer;
  std::string cipherBuffer;
  BufferPool bufferPool;

  std::size_t watched = 0;
  TimePoint now;               ///< of the turn
  TimePoint timerAt = kNever;  ///< when the Asio timer goes off
  bool inTurn = false;
  bool waiting = false;  ///< a wait on the epoll set is pending
  bool turnPosted = false;
  std::array<epoll_event, kMaxEvents> events;
  std::size_t nextEvent = 0;  ///< of the batch being dispatched
  std::size_t lastEvent = 0;
  DescriptorObserver* current = nullptr;
  std::atomic<std::thread::id> thread{};  ///< of the last turn
};

// ---- the service that holds it

class AsioLoop::Service final : public asio::execution_context::service {
 public:
  using key_type = Service;
  static asio::execution_context::id id;

  explicit Service(asio::execution_context& context)
      : asio::execution_context::service(context), loop(static_cast<asio::io_context&>(context)) {}

  void shutdown() noexcept override { loop.shutdown(); }

  AsioLoop loop;
};

asio::execution_context::id AsioLoop::Service::id;

AsioLoop& AsioLoop::of(asio::io_context& context) { return asio::use_service<Service>(context).loop; }

AsioLoop::AsioLoop(asio::io_context& context) : state_(std::make_unique<State>(context)) {
  state_->epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!state_->epoll) throw std::system_error(errno, std::system_category(), "cannot create an epoll set");
  state_->descriptor->assign(state_->epoll.get());
  state_->mailbox->loop_ = this;
}

AsioLoop::~AsioLoop() { shutdown(); }

/// Asio's objects must go before Asio does. What still holds connections is destroyed after this, and may
/// forget its tasks and unwatch its descriptors.
void AsioLoop::shutdown() {
  state_->mailbox->close();
  if (state_->descriptor) state_->descriptor->release();
  state_->descriptor.reset();
  state_->timer.reset();
}

// ---- small things

TimePoint AsioLoop::now() const { return state_->inTurn ? state_->now : Clock::now(); }
bool AsioLoop::post(std::function<void()> function) { return state_->mailbox->post(std::move(function)); }
Poster AsioLoop::poster() {
  return [mailbox = state_->mailbox](std::function<void()> function) {
    return mailbox->post(std::move(function));
  };
}
bool AsioLoop::isForeignThread() const {
  const std::thread::id last = state_->thread.load(std::memory_order_relaxed);
  return last != std::thread::id() && last != std::this_thread::get_id();
}
bool AsioLoop::isCurrentThread() const { return state_->context.get_executor().running_in_this_thread(); }
asio::any_io_executor AsioLoop::executor() { return state_->context.get_executor(); }
std::span<char> AsioLoop::receiveBuffer() { return {state_->receiveBuffer.get(), kReceiveBufferSize}; }
ByteBuffer& AsioLoop::corkBuffer() { return state_->corkBuffer; }
std::string& AsioLoop::cipherBuffer() { return state_->cipherBuffer; }
BufferPool& AsioLoop::bufferPool() { return state_->bufferPool; }
asio::io_context& AsioLoop::context() { return state_->context; }
std::shared_ptr<LoopMailbox> AsioLoop::mailbox() const { return state_->mailbox; }
std::size_t AsioLoop::watched() const { return state_->watched; }
bool AsioLoop::isDispatching(const DescriptorObserver& observer) const {
  return state_->current == &observer;
}

// ---- turns

/// Runs `body`, then what it asked for at the end of the turn, then the timers that are due.
template <class Body>
void AsioLoop::turn(Body&& body) {
  State& state = *state_;
  if (state.inTurn) return body();  // a callback that runs the io_context by hand
  struct Turn {                     // also when a callback throws
    AsioLoop& loop;
    explicit Turn(AsioLoop& self) : loop(self) {
      loop.state_->inTurn = true;
      loop.state_->thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
      loop.state_->now = Clock::now();
    }
    ~Turn() {
      loop.state_->inTurn = false;
      loop.concludeTurn();
    }
  } const running(*this);
  body();
  state.tasks.runTurnEnd();
  if (state.tasks.runExpired(state.now) != 0) state.tasks.runTurnEnd();
}

void AsioLoop::concludeTurn() {
  State& state = *state_;
  state.current = nullptr;
  trim(state.corkBuffer);
  trim(state.cipherBuffer);
  if (state.tasks.turnEndDue() && !state.turnPosted) {
    state.turnPosted = true;
    asio::post(state.context, [this] {
      state_->turnPosted = false;
      turn([] {});
    });
  }
  armDescriptor();
  armTimer();
}

void LoopMailbox::drain() {
  std::vector<std::function<void()>> functions;
  {
    const std::lock_guard lock(mutex_);
    functions.swap(functions_);
  }
  if (loop_ == nullptr) return;
  loop_->turn([&functions] {
    for (std::function<void()>& function : functions) {
      try {
        function();
      } catch (const std::exception& error) {
        kLog.error("exception in a posted function", {{"error", error.what()}});
      } catch (...) {
        kLog.error("exception in a posted function");
      }
      function = nullptr;
    }
  });
}

// ---- tasks

void AsioLoop::schedule(LoopTask& task, TimePoint deadline) {
  state_->tasks.schedule(task, deadline);
  if (!state_->inTurn) armTimer();
}

void AsioLoop::callAtTurnEnd(LoopTask& task) {
  state_->tasks.callAtTurnEnd(task);
  if (!state_->inTurn) concludeTurn();
}

void AsioLoop::forget(LoopTask& task) {
  state_->tasks.forget(task);
  if (!state_->inTurn) armTimer();
}

/// The Asio timer is moved only to an earlier time: one that goes off too early finds out, and waits again.
void AsioLoop::armTimer() {
  State& state = *state_;
  if (!state.timer) return;
  const TimePoint deadline = state.tasks.nextDeadline();
  if (deadline == kNever) {
    // An idle timer would keep io_context::run() from returning.
    if (state.timerAt != kNever && state.watched == 0) {
      state.timerAt = kNever;
      state.timer->cancel();
    }
    return;
  }
  if (deadline >= state.timerAt) return;
  state.timerAt = deadline;
  state.timer->expires_at(deadline);
  state.timer->async_wait([this](std::error_code error) {
    if (error) return;
    state_->timerAt = kNever;
    turn([] {});
  });
}

// ---- descriptors

std::error_code AsioLoop::watch(int fd, std::uint32_t events, DescriptorObserver& observer) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &observer;
  if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return {errno, std::system_category()};
  ++state_->watched;
  if (!state_->inTurn) armDescriptor();
  return {};
}

std::error_code AsioLoop::rewatch(int fd, std::uint32_t events, DescriptorObserver& observer) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &observer;
  if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_MOD, fd, &event) != 0)
    return {errno, std::system_category()};
  return {};
}

void AsioLoop::unwatch(int fd, DescriptorObserver& observer) {
  State& state = *state_;
  ::epoll_ctl(state.epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
  for (std::size_t i = state.nextEvent; i < state.lastEvent; ++i) {
    if (state.events[i].data.ptr == &observer) state.events[i].data.ptr = nullptr;
  }
  if (state.current == &observer) state.current = nullptr;
  --state.watched;
  if (state.watched == 0 && !state.inTurn) {
    armDescriptor();
    armTimer();
  }
}

/// Waits for the epoll set while it has members, and only then, so that io_context::run() can end.
void AsioLoop::armDescriptor() {
  State& state = *state_;
  if (!state.descriptor || state.waiting == (state.watched != 0)) return;
  if (state.waiting) {
    std::error_code ignored;
    state.descriptor->cancel(ignored);  // its handler clears `waiting`
    return;
  }
  state.waiting = true;
  state.descriptor->async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code error) {
    struct Wait {  // over, also when a callback throws
      AsioLoop& loop;
      ~Wait() {
        loop.state_->waiting = false;
        loop.armDescriptor();
      }
    } const wait{*this};
    if (!error) runTurns();
  });
}

/// While there is much to do, the next turn follows at once: waiting by way of Asio costs two system calls
/// more. Not for long, since Asio has others to serve.
void AsioLoop::runTurns() {
  std::size_t events = kBusyFrom;
  for (int turns = 0; turns != kTurnsAtOnce && events >= kBusyFrom && !state_->context.stopped(); ++turns) {
    turn([&] { events = dispatchDescriptors(); });
  }
}

/// Returns how many descriptors were ready.
std::size_t AsioLoop::dispatchDescriptors() {
  State& state = *state_;
  if (state.nextEvent != state.lastEvent) return 0;  // a callback that runs the io_context by hand
  const int count = ::epoll_wait(state.epoll.get(), state.events.data(), static_cast<int>(kMaxEvents), 0);
  struct Batch {  // also when an observer throws: epoll reports the rest again
    State& state;
    ~Batch() { state.nextEvent = state.lastEvent = 0; }
  } const batch{state};
  const std::size_t ready = count > 0 ? static_cast<std::size_t>(count) : 0;
  state.lastEvent = ready;
  while (state.nextEvent != state.lastEvent) {
    const epoll_event event = state.events[state.nextEvent++];
    auto* const observer = static_cast<DescriptorObserver*>(event.data.ptr);
    if (observer == nullptr) continue;
    state.current = observer;
    observer->onDescriptor(event.events);
  }
  state.current = nullptr;
  return ready;
}

}  // namespace autobahn::inline v0::util
