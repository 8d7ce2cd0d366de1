// From one loop to another, in order.
#pragma once

#include <algorithm>
#include <atomic>
#include <autobahn/util/exception.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp {

/// What one loop's turn pushes goes over together, with one wake-up. Bounded by its users: they stop pushing
/// while it is full, and are told when that is over.
template <class Item>
class LoopQueue final : public util::LoopTask, public std::enable_shared_from_this<LoopQueue<Item>> {
 public:
  /// `handle` is called on the loop `to`; `relieved` on `from`, after `isFull` was true. Both loops outlive
  /// this, or it is closed first.
  LoopQueue(util::AsioLoop& from, util::AsioLoop& to, std::function<void(Item&)> handle,
            std::function<void()> relieved)
      : from_(from),
        sender_(from.mailbox()),
        receiver_(to.mailbox()),
        handle_(std::move(handle)),
        relieved_(std::move(relieved)) {}

  // ---- The sender's thread

  /// `octets`: what the item keeps alive.
  void push(Item item, std::size_t octets) {
    if (isClosed_) return;
    gathered_.push_back({std::move(item), octets});
    waitingItems_.fetch_add(1, std::memory_order_relaxed);
    waitingOctets_.fetch_add(octets, std::memory_order_relaxed);
    if (gathered_.size() >= kMostGathered) return handOver();
    if (gathered_.size() == 1) from_.callAtTurnEnd(*this);
  }
  /// True when more waits than should; `relieved` follows.
  bool isFull() {
    if (!isBeyond(kMostItems, kMostOctets)) return false;
    wantsRelief_.store(true);
    // Perhaps it has just been emptied, by a receiver that did not see the wish.
    if (isBeyond(kMostItems / 2, kMostOctets / 2) || !wantsRelief_.exchange(false)) return true;
    return false;
  }
  /// Nothing goes in any more, and nobody is told anything.
  void close() {
    isClosed_ = true;
    from_.forget(*this);
    gathered_.clear();
  }
  void onTurnEnd() override { handOver(); }

  // ---- The receiver's thread

  /// Leaves what comes where it is, or takes it again.
  void hold(bool on) {
    isHeld_ = on;
    if (!on) takeLater();
  }
  /// Forgets what waits.
  void stop() {
    isHeld_ = true;
    taken_.clear();
    next_ = 0;
    const std::lock_guard lock(mutex_);
    waiting_.clear();
  }

 private:
  struct Entry {
    Item item;
    std::size_t octets;
  };
  static constexpr std::size_t kMostItems = 8192;
  static constexpr std::size_t kMostOctets = std::size_t{16} << 20;
  /// The receiver need not wait for the end of a long turn.
  static constexpr std::size_t kMostGathered = 64;
  /// So that the receiver's own connections get their turn.
  static constexpr std::size_t kMostAtOnce = 512;
  /// Entries whose memory is kept.
  static constexpr std::size_t kMostKept = 1024;

  bool isBeyond(std::size_t items, std::size_t octets) const {
    return waitingItems_.load() > items || waitingOctets_.load() > octets;
  }

  void handOver() {
    bool isFirst = false;
    {
      const std::lock_guard lock(mutex_);
      append(waiting_, gathered_);
      isFirst = !std::exchange(isWoken_, true);
    }
    if (isFirst) takeLater();
  }

  void takeLater() {
    receiver_->post([self = this->shared_from_this()] { self->take(); });
  }

  void take() {
    if (isHeld_) return;
    fetch();
    const std::size_t end = std::min(taken_.size(), next_ + kMostAtOnce);
    while (next_ < end && !isHeld_) {
      Entry entry = std::move(taken_[next_++]);
      handleOne(entry.item);
      waitingItems_.fetch_sub(1);
      waitingOctets_.fetch_sub(entry.octets);
    }
    if (next_ < taken_.size()) {
      if (!isHeld_) takeLater();
    } else if (std::exchange(next_, 0) != 0) {
      taken_.clear();
      if (taken_.capacity() > kMostKept) taken_ = std::vector<Entry>();
    }
    relieve();
  }

  /// What has come is appended to what is left.
  void fetch() {
    const std::lock_guard lock(mutex_);
    isWoken_ = false;
    append(taken_, waiting_);
  }

  static void append(std::vector<Entry>& to, std::vector<Entry>& from) {
    if (to.empty()) {
      to.swap(from);
      return;
    }
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    from.clear();
  }

  /// What it throws costs the others nothing.
  void handleOne(Item& item) {
    try {
      handle_(item);
    } catch (...) {
      util::Logger{"autobahn.wamp"}.error("exception while a message was routed",
                                          {{"error", util::describeException(std::current_exception())}});
    }
  }

  void relieve() {
    if (isBeyond(kMostItems / 2, kMostOctets / 2) || !wantsRelief_.exchange(false)) return;
    sender_->post([self = this->shared_from_this()] {
      if (!self->isClosed_) self->relieved_();
    });
  }

  util::AsioLoop& from_;
  std::shared_ptr<util::LoopMailbox> sender_;
  std::shared_ptr<util::LoopMailbox> receiver_;
  std::function<void(Item&)> handle_;
  std::function<void()> relieved_;

  std::vector<Entry> gathered_;  ///< sender
  bool isClosed_ = false;        ///< sender

  std::mutex mutex_;
  std::vector<Entry> waiting_;  ///< guarded by mutex_
  bool isWoken_ = false;        ///< guarded by mutex_
  std::atomic<std::size_t> waitingItems_{0};
  std::atomic<std::size_t> waitingOctets_{0};
  std::atomic<bool> wantsRelief_{false};

  std::vector<Entry> taken_;  ///< receiver
  std::size_t next_ = 0;      ///< receiver
  bool isHeld_ = false;       ///< receiver
};

}  // namespace autobahn::inline v0::wamp
