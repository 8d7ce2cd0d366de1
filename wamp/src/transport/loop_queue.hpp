// From one loop to another, in order.
#pragma once

#include <atomic>
#include <autobahn/util/exception.hpp>
#include <autobahn/util/log.hpp>
#include <autobahn/util/net/asio_loop.hpp>
#include <cstddef>
#include <deque>
#include <functional>
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
    gathered_.items.push_back(std::move(item));
    gathered_.octets += octets;
    if (gathered_.items.size() >= kMostGathered) return handOver();
    if (gathered_.items.size() == 1) from_.callAtTurnEnd(*this);
  }
  /// True when more waits than should; `relieved` follows.
  bool isFull() {
    const std::size_t items = waitingItems_.load() + gathered_.items.size();
    if (items <= kMostItems && waitingOctets_.load() + gathered_.octets <= kMostOctets) return false;
    wantsRelief_.store(true);
    // Perhaps it has just been emptied, by a receiver that did not see the wish.
    if (!gathered_.items.empty() || isHalfFull()) return true;
    return !wantsRelief_.exchange(false);
  }
  /// Nothing goes in any more, and nobody is told anything.
  void close() {
    isClosed_ = true;
    from_.forget(*this);
    gathered_ = Batch();
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
  /// Handed over and counted as a whole: items are moved once, into it, and touch nothing that the threads
  /// share.
  struct Batch {
    std::vector<Item> items;
    std::size_t octets = 0;
  };
  static constexpr std::size_t kMostItems = 8192;
  static constexpr std::size_t kMostOctets = std::size_t{16} << 20;
  /// The receiver need not wait for the end of a long turn.
  static constexpr std::size_t kMostGathered = 256;
  /// Batches, so that the receiver's own connections get their turn.
  static constexpr std::size_t kMostAtOnce = 4;
  /// Batches whose memory is kept.
  static constexpr std::size_t kMostSpare = 8;

  /// More waits at the receiver than half of what may.
  bool isHalfFull() const {
    return waitingItems_.load() > kMostItems / 2 || waitingOctets_.load() > kMostOctets / 2;
  }

  void handOver() {
    if (gathered_.items.empty()) return;
    waitingItems_.fetch_add(gathered_.items.size());
    waitingOctets_.fetch_add(gathered_.octets);
    bool isFirst = false;
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(gathered_));
      gathered_ = spareBatch();
      isFirst = !std::exchange(isWoken_, true);
    }
    if (isFirst) takeLater();
  }

  /// Locked.
  Batch spareBatch() {
    if (spare_.empty()) return {};
    Batch batch = std::move(spare_.back());
    spare_.pop_back();
    return batch;
  }

  void takeLater() {
    receiver_->post([self = this->shared_from_this()] { self->take(); });
  }

  void take() {
    if (isHeld_) return;
    fetch();
    for (std::size_t i = 0; i < kMostAtOnce && !taken_.empty() && !isHeld_; ++i) {
      std::vector<Item>& items = taken_.front().items;
      while (next_ < items.size() && !isHeld_) handleOne(items[next_++]);
      if (next_ == items.size()) endBatch();
    }
    if (!taken_.empty() && !isHeld_) takeLater();
    relieve();
  }

  void endBatch() {
    next_ = 0;
    Batch done = std::move(taken_.front());
    taken_.pop_front();
    waitingItems_.fetch_sub(done.items.size());
    waitingOctets_.fetch_sub(std::exchange(done.octets, 0));
    done.items.clear();
    const std::lock_guard lock(mutex_);
    if (spare_.size() < kMostSpare) spare_.push_back(std::move(done));
  }

  void fetch() {
    const std::lock_guard lock(mutex_);
    isWoken_ = false;
    for (Batch& each : waiting_) taken_.push_back(std::move(each));
    waiting_.clear();
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
    if (isHalfFull() || !wantsRelief_.exchange(false)) return;
    sender_->post([self = this->shared_from_this()] {
      if (!self->isClosed_) self->relieved_();
    });
  }

  util::AsioLoop& from_;
  std::shared_ptr<util::LoopMailbox> sender_;
  std::shared_ptr<util::LoopMailbox> receiver_;
  std::function<void(Item&)> handle_;
  std::function<void()> relieved_;

  Batch gathered_;         ///< sender
  bool isClosed_ = false;  ///< sender

  std::mutex mutex_;
  std::vector<Batch> waiting_;  ///< guarded by mutex_
  std::vector<Batch> spare_;    ///< guarded by mutex_; empty ones
  bool isWoken_ = false;        ///< guarded by mutex_
  std::atomic<std::size_t> waitingItems_{0};
  std::atomic<std::size_t> waitingOctets_{0};
  std::atomic<bool> wantsRelief_{false};

  std::deque<Batch> taken_;  ///< receiver
  std::size_t next_ = 0;     ///< receiver: in the first batch
  bool isHeld_ = false;      ///< receiver
};

}  // namespace autobahn::inline v0::wamp
