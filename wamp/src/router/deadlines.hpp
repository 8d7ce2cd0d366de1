// Things that have to happen at some time.
#pragma once

#include <chrono>
#include <map>
#include <optional>

namespace autobahn::inline v0::wamp::router {

/// The clock of deadlines. It is told, never asked.
using TimePoint = std::chrono::steady_clock::time_point;

/// What time it is, as the router was told.
struct Clock {
  TimePoint now{};
  std::chrono::system_clock::time_point wall{};  ///< for what people see
};

/// Objects ordered by the time when they are due.
template <class T>
class Deadlines {
  using Queue = std::multimap<TimePoint, T*>;

 public:
  /// An object's place in the order; empty when it has none.
  using Handle = std::optional<typename Queue::iterator>;

  /// Gives `object` a deadline in place of the one that `handle` stands for.
  void set(Handle& handle, TimePoint time, T& object) {
    clear(handle);
    handle = queue_.emplace(time, &object);
  }
  void clear(Handle& handle) {
    if (handle) queue_.erase(*handle);
    handle.reset();
  }

  std::optional<TimePoint> next() const {
    return queue_.empty() ? std::nullopt : std::optional(queue_.begin()->first);
  }
  /// An object that is due, or nullptr. It stays until its handle is cleared or set.
  T* due(TimePoint now) const {
    return queue_.empty() || queue_.begin()->first > now ? nullptr : queue_.begin()->second;
  }
  bool empty() const { return queue_.empty(); }

 private:
  Queue queue_;
};

/// The earlier one of two times that may not be there.
inline std::optional<TimePoint> earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
  if (!a || !b) return a ? a : b;
  return *a < *b ? a : b;
}

}  // namespace autobahn::inline v0::wamp::router
