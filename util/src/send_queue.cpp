#include <autobahn/util/send_queue.hpp>
#include <new>
#include <utility>

namespace autobahn::inline v0::util {

namespace {
/// Runs of copied bytes are kept to this size, so that sent bytes are given back while others wait.
constexpr std::size_t kRunSize = 64 * 1024;
/// Below this, joining bytes to a run costs less than one more part of a write.
constexpr std::size_t kSmall = 4096;
/// What an empty queue keeps room for: a handful of runs is what the next batch needs again.
constexpr std::size_t kKeptRuns = 4;
constexpr std::size_t kBatchRuns = 64;
}  // namespace

std::string_view SendQueue::view(const Run& run) {
  if (const auto* owned = std::get_if<std::string>(&run)) return *owned;
  if (const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&run)) return **shared;
  return std::get<std::string_view>(run);
}

void SendQueue::lend(ByteBuffer& cork) {
  if (size_ != 0 || cork_ != nullptr) return;
  cork_ = &cork;
  corkIsTail_ = true;
  offset_ = 0;
}

std::string& SendQueue::lastRun() {
  if (runs_.size() > first_) {
    auto* last = std::get_if<std::string>(&runs_.back());
    if (last != nullptr && last->size() < kRunSize) return *last;
  }
  runs_.emplace_back(std::in_place_type<std::string>);
  return std::get<std::string>(runs_.back());
}

void SendQueue::append(std::string_view bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  if (corkIsTail_) {
    cork_->append(bytes);
  } else {
    lastRun().append(bytes);
  }
}

char* SendQueue::extendRun(std::size_t size) {
  std::string& run = lastRun();
  const std::size_t before = run.size();
  run.resize(before + size);
  return run.data() + before;
}

void SendQueue::append(std::string&& bytes) {
  if (bytes.size() <= kSmall) return append(std::string_view(bytes));
  size_ += bytes.size();
  corkIsTail_ = false;
  runs_.emplace_back(std::move(bytes));
}

void SendQueue::append(std::shared_ptr<const std::string> bytes) {
  if (corkIsTail_ && bytes->size() <= kSmall) return append(std::string_view(*bytes));
  if (bytes->empty()) return;
  size_ += bytes->size();
  corkIsTail_ = false;
  runs_.emplace_back(std::move(bytes));
}

void SendQueue::appendBorrowed(std::string_view bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  corkIsTail_ = false;
  if (borrowed_ && runs_.size() > first_) {
    // Bytes behind those that were borrowed last are more of the same run.
    auto* last = std::get_if<std::string_view>(&runs_.back());
    if (last != nullptr && last->data() + last->size() == bytes.data()) {
      *last = {last->data(), last->size() + bytes.size()};
      return;
    }
  }
  borrowed_ = true;
  // One growth for a batch: large payloads and the headers between them.
  if (runs_.size() == kKeptRuns) runs_.reserve(kBatchRuns);
  runs_.emplace_back(bytes);
}

std::size_t SendQueue::gather(std::span<std::string_view> parts) const {
  std::size_t count = 0;
  std::size_t skip = offset_;
  const auto add = [&](std::string_view bytes) {
    bytes.remove_prefix(skip);
    skip = 0;
    if (!bytes.empty()) parts[count++] = bytes;
  };
  if (cork_ != nullptr && count < parts.size()) add(cork_->view());
  for (std::size_t i = first_; i < runs_.size() && count < parts.size(); ++i) add(view(runs_[i]));
  return count;
}

void SendQueue::consume(std::size_t size) {
  size_ -= size;
  if (size_ == 0) return clear();
  offset_ += size;
  if (cork_ != nullptr) {
    if (offset_ < cork_->size()) return;
    offset_ -= cork_->size();
    cork_->clear();
    cork_ = nullptr;
    corkIsTail_ = false;
  }
  while (first_ < runs_.size() && offset_ >= view(runs_[first_]).size()) {
    offset_ -= view(runs_[first_]).size();
    runs_[first_++] = std::string_view();
  }
  // The vector is a queue: forget its dead front once that outweighs the rest.
  if (first_ > 32 && first_ * 2 > runs_.size()) {
    runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

/// Without memory for a copy all that waits is lost: what is lent goes back in any case.
void SendQueue::settle() {
  try {
    if (borrowed_) ownBorrowed();
    if (cork_ != nullptr && cork_->size() > offset_) {
      runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(first_),
                   Run(std::string(cork_->view().substr(offset_))));
      offset_ = 0;
    }
  } catch (const std::bad_alloc&) {
    clear();
    cork_ = nullptr;
    corkIsTail_ = false;
    throw;
  }
  if (cork_ == nullptr) return;
  cork_->clear();
  cork_ = nullptr;
  corkIsTail_ = false;
  if (size_ == 0) shrink();
}

void SendQueue::ownBorrowed() {
  borrowed_ = false;
  for (std::size_t i = first_; i < runs_.size(); ++i) {
    const auto* borrowed = std::get_if<std::string_view>(&runs_[i]);
    if (borrowed == nullptr) continue;
    const std::size_t skip = i == first_ && cork_ == nullptr ? offset_ : 0;
    runs_[i] = std::string(borrowed->substr(skip));
    if (skip != 0) offset_ = 0;
  }
}

void SendQueue::clear() {
  if (cork_ != nullptr) cork_->clear();
  corkIsTail_ = cork_ != nullptr;
  offset_ = 0;
  size_ = 0;
  first_ = 0;
  borrowed_ = false;
  runs_.clear();
  // A queue with a loan is busy: the end of the loan decides.
  if (cork_ == nullptr) shrink();
}

void SendQueue::shrink() {
  if (runs_.capacity() > kKeptRuns) runs_ = {};
}

}  // namespace autobahn::inline v0::util
