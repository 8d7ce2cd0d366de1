// How many connections a server has, and how many of one address: its limits (maxConnections,
// maxConnectionsPerIp).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace autobahn::inline v0::util {

/// Shared by the loops of a server; thread-safe.
class Admission {
 public:
  enum class Verdict : std::uint8_t { welcome, busy, overrun };

  /// Counts a connection; every call is answered by one `leave`. `busy`: over the limit, to be told so;
  /// `overrun`: so far over it that telling costs too much. A limit of 0 is none.
  Verdict enter(std::size_t limit);
  void leave();
  /// The same for the connections of one address, which is counted besides.
  Verdict enterAddress(const std::string& address, std::size_t limit);
  void leaveAddress(const std::string& address);
  std::size_t total() const { return total_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> total_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> perAddress_;  ///< guarded by mutex_
};

}  // namespace autobahn::inline v0::util
