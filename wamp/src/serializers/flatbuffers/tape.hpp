// A value as it is written, before it is known where its parts will stand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../codec.hpp"

namespace autobahn::inline v0::wamp::flatbuffers {

/// Values in the order in which they were written, each list and dict followed by what is in it. Reused for
/// all messages, so that it does not allocate.
class Tape {
 public:
  struct Node {
    TokenType type;  ///< beginList and beginDict for those; never an end, never a key
    std::uint64_t number = 0;
    bool isNegative = false;
    std::uint32_t keyBegin = 0;
    std::uint32_t keySize = 0;
    std::uint32_t textBegin = 0;
    std::uint32_t textSize = 0;
    std::uint32_t end = 0;  ///< index of the first node that is not in this one
  };

  void clear() {
    nodes_.clear();
    texts_.clear();
    open_.clear();
    keySize_ = 0;
  }

  /// False when the texts are too long for what is kept of them.
  bool fits() const { return texts_.size() <= 0x7fffffff; }
  std::size_t depth() const { return open_.size(); }
  void key(std::string_view value) {
    keyBegin_ = keep(value);
    keySize_ = static_cast<std::uint32_t>(value.size());
  }
  void number(TokenType type, std::uint64_t value, bool isNegative = false) {
    Node& node = add(type);
    node.number = value;
    node.isNegative = isNegative;
  }
  void text(std::string_view value) {
    const std::uint32_t begin = keep(value);
    Node& node = add(TokenType::text);
    node.textBegin = begin;
    node.textSize = static_cast<std::uint32_t>(value.size());
  }
  void begin(TokenType type) {
    add(type);
    open_.push_back(nodes_.size() - 1);
  }
  void end() {
    nodes_[open_.back()].end = static_cast<std::uint32_t>(nodes_.size());
    open_.pop_back();
  }

  const Node& operator[](std::size_t index) const { return nodes_[index]; }
  std::string_view key(const Node& node) const {
    return std::string_view(texts_).substr(node.keyBegin, node.keySize);
  }
  std::string_view text(const Node& node) const {
    return std::string_view(texts_).substr(node.textBegin, node.textSize);
  }
  /// Calls visit(child's index) for each value in the list or dict at `index`, until one returns false.
  template <class Visit>
  bool forChildren(std::size_t index, Visit visit) const {
    for (std::size_t i = index + 1; i < nodes_[index].end; i = nodes_[i].end) {
      if (!visit(i)) return false;
    }
    return true;
  }

 private:
  std::uint32_t keep(std::string_view text) {
    const std::size_t begin = texts_.size();
    texts_ += text;
    return static_cast<std::uint32_t>(begin);
  }
  Node& add(TokenType type) {
    Node& node = nodes_.emplace_back(Node{.type = type, .keyBegin = keyBegin_, .keySize = keySize_});
    node.end = static_cast<std::uint32_t>(nodes_.size());
    keySize_ = 0;
    return node;
  }

  std::vector<Node> nodes_;
  std::string texts_;
  std::vector<std::size_t> open_;
  std::uint32_t keyBegin_ = 0;
  std::uint32_t keySize_ = 0;
};

}  // namespace autobahn::inline v0::wamp::flatbuffers
