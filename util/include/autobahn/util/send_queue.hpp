// Bytes on their way out, in order: gathered into one write, copied only when they must wait.
#pragma once

#include <autobahn/util/buffer.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace autobahn::inline v0::util {

/// A chain of byte runs. Small appends go into one contiguous run — a buffer lent by the event loop while a
/// batch of input is processed — so that a batch leaves as one write. Large payloads may be borrowed: they
/// are only looked at, until `settle` copies what has not been sent.
class SendQueue {
 public:
  SendQueue() = default;
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  /// Appends go into `cork` (empty, owned by the caller) until `settle`. The queue must be empty: lending
  /// behind waiting bytes would gain nothing, and is ignored.
  void lend(ByteBuffer& cork);
  bool hasLoan() const { return cork_ != nullptr; }

  /// Appends a copy.
  void append(std::string_view bytes);
  /// Appends `size` bytes for the caller to fill; the pointer is valid until the next call.
  char* extend(std::size_t size) {
    size_ += size;
    if (!corkIsTail_) return extendRun(size);
    char* const end = cork_->space(size).data();
    cork_->commit(size);
    return end;
  }
  /// Appends bytes that the queue now owns.
  void append(std::string&& bytes);
  /// Appends bytes shared with other queues.
  void append(std::shared_ptr<const std::string> bytes);
  /// Appends bytes that stay the caller's, who must call `settle` before they go away.
  void appendBorrowed(std::string_view bytes);

  /// True while bytes wait that are not the queue's, besides the loan.
  bool hasBorrowed() const { return borrowed_; }

  bool empty() const { return size_ == 0; }
  /// Bytes not yet consumed.
  std::size_t size() const { return size_; }
  /// All that waits lies in one place, which is `front`.
  bool isOneRun() const { return (corkIsEmpty() ? 0 : 1) + (runs_.size() - first_) == 1; }
  /// The first of the places where bytes wait; there is one.
  std::string_view front() const {
    return (corkIsEmpty() ? view(runs_[first_]) : cork_->view()).substr(offset_);
  }
  /// Fills `parts` with the front of the queue, in order; returns how many were filled.
  std::size_t gather(std::span<std::string_view> parts) const;
  /// Drops `size` bytes from the front: they are sent.
  void consume(std::size_t size);
  /// Ends the loan and copies what is borrowed and unsent, so that the queue owns all that waits.
  void settle();
  /// Drops everything.
  void clear();

 private:
  using Run = std::variant<std::string, std::shared_ptr<const std::string>, std::string_view>;
  static std::string_view view(const Run& run);
  bool corkIsEmpty() const { return cork_ == nullptr || cork_->empty(); }
  std::string& lastRun();
  char* extendRun(std::size_t size);
  void ownBorrowed();
  void shrink();

  ByteBuffer* cork_ = nullptr;  ///< the loan; always the first run, since it starts with an empty queue
  bool corkIsTail_ = false;     ///< appends still go to the cork
  bool borrowed_ = false;       ///< some run may be a view
  std::size_t offset_ = 0;      ///< consumed bytes of the first run
  std::size_t size_ = 0;
  std::size_t first_ = 0;  ///< the first run of `runs_` that is not consumed
  std::vector<Run> runs_;
};

}  // namespace autobahn::inline v0::util
