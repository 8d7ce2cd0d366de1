// What is to be sent when the work on one input is done.
#pragma once

#include <autobahn/wamp/message.hpp>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp::router {

struct Session;

/// Messages, each for one session or for many that get the same. Broker and dealer fill it; the realm empties
/// it when they have returned, so that whatever sending leads to finds them in order.
class Outbox {
 public:
  struct Item {
    Message message;
    std::uint32_t begin = 0;  ///< of its receivers
    std::uint32_t end = 0;
  };

  /// One more receiver of the message that comes next.
  void add(Session& receiver) { receivers_.push_back(&receiver); }
  /// True when the next message has a receiver.
  bool hasReceivers() const { return receivers_.size() > taken_; }
  /// Closes the list of receivers with their message.
  void send(Message message) {
    const auto end = static_cast<std::uint32_t>(receivers_.size());
    try {
      items_.push_back({std::move(message), taken_, end});
    } catch (...) {  // out of memory
      dropReceivers();
      throw;
    }
    taken_ = end;
  }
  /// Those of a message that does not come after all.
  void dropReceivers() { receivers_.resize(taken_); }
  void send(Session& receiver, Message message) {
    add(receiver);
    send(std::move(message));
  }

  bool empty() const { return items_.empty(); }
  std::vector<Item>& items() { return items_; }
  std::span<Session* const> receivers(const Item& item) const {
    return std::span(receivers_).subspan(item.begin, item.end - item.begin);
  }
  void clear() {
    items_.clear();
    receivers_.clear();
    taken_ = 0;
  }

 private:
  std::vector<Item> items_;
  std::vector<Session*> receivers_;
  std::uint32_t taken_ = 0;
};

}  // namespace autobahn::inline v0::wamp::router
