// Values by string prefixes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace autobahn::inline v0::wamp::router {

/// A radix tree: an edge carries as many characters as are common to all below it. Looking up costs what the
/// looked up text is long, whatever else is in the tree. Values stay where they are while they are in the
/// tree.
template <class T>
class PrefixTree {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// The value of exactly this prefix, or nullptr.
  T* find(std::string_view prefix) {
    Node* node = &root_;
    while (!prefix.empty()) {
      node = node->childFor(prefix);
      if (node == nullptr || !prefix.starts_with(node->edge)) return nullptr;
      prefix.remove_prefix(node->edge.size());
    }
    return node->value.get();
  }

  /// Puts a value where none is.
  T& insert(std::string_view prefix, T value) {
    auto made = std::make_unique<T>(std::move(value));
    Node* node = &root_;
    while (!prefix.empty()) node = node->descend(prefix);
    node->value = std::move(made);
    ++size_;
    return *node->value;
  }

  /// Removes a value; nothing happens when there is none.
  void erase(std::string_view prefix) { size_ -= eraseBelow(root_, prefix) ? 1 : 0; }

  /// Calls `visit(value)` for each prefix that `text` begins with, the longest first, until one returns
  /// false. Returns false when one did.
  template <class Visit>
  bool forEachPrefixOf(std::string_view text, Visit&& visit) {
    std::vector<T*>& found = found_;
    found.clear();
    Node* node = &root_;
    for (;;) {
      ++visited_;
      if (node->value) found.push_back(node->value.get());
      if (text.empty()) break;
      node = node->childFor(text);
      if (node == nullptr || !text.starts_with(node->edge)) break;
      text.remove_prefix(node->edge.size());
    }
    return std::all_of(found.rbegin(), found.rend(), [&](T* each) { return visit(*each); });
  }

  /// Calls `visit(value)` for all values.
  template <class Visit>
  void forEach(Visit&& visit) {
    forEachBelow(root_, visit);
  }

  /// For tests: nodes looked at by `forEachPrefixOf` so far.
  std::size_t visited() const { return visited_; }
  /// For tests: nodes in the tree besides the root.
  std::size_t nodeCount() const { return countBelow(root_); }

 private:
  struct Node {
    std::string edge;
    std::unique_ptr<T> value;
    std::vector<std::unique_ptr<Node>> children;  // sorted by the first character, which differs

    auto placeFor(std::string_view rest) {
      return std::lower_bound(children.begin(), children.end(), rest.front(),
                              [](const auto& child, char first) { return child->edge.front() < first; });
    }
    Node* childFor(std::string_view rest) {
      const auto place = placeFor(rest);
      return place != children.end() && (*place)->edge.front() == rest.front() ? place->get() : nullptr;
    }
    // To the child that has the next part of `rest` (taken off), made or split off if need be.
    Node* descend(std::string_view& rest) {
      const auto place = placeFor(rest);
      if (place == children.end() || (*place)->edge.front() != rest.front()) {
        auto leaf = std::make_unique<Node>();
        leaf->edge = std::exchange(rest, {});
        return children.insert(place, std::move(leaf))->get();
      }
      const std::string& shared = (*place)->edge;
      const auto common = static_cast<std::size_t>(std::ranges::mismatch(shared, rest).in1 - shared.begin());
      if (common < shared.size()) split(*place, common);
      rest.remove_prefix(common);
      return place->get();
    }
    static void split(std::unique_ptr<Node>& child, std::size_t at) {
      auto upper = std::make_unique<Node>();
      upper->edge = child->edge.substr(0, at);
      upper->children.reserve(1);  // from here on no memory is needed
      child->edge.erase(0, at);
      upper->children.push_back(std::move(child));
      child = std::move(upper);
    }
  };

  // Recursion is as deep as URIs are long (limited by the router's `maxUriSize`).
  static bool eraseBelow(Node& node, std::string_view prefix) {
    if (prefix.empty()) return std::exchange(node.value, nullptr) != nullptr;
    const auto place = node.placeFor(prefix);
    if (place == node.children.end() || !prefix.starts_with((*place)->edge)) return false;
    Node& child = **place;
    if (!eraseBelow(child, prefix.substr(child.edge.size()))) return false;
    if (child.value) return true;
    if (child.children.empty()) {
      node.children.erase(place);
    } else if (child.children.size() == 1) {
      joinWithOnlyChild(*place);
    }
    return true;
  }

  // Saves a node; without memory for that it stays.
  static void joinWithOnlyChild(std::unique_ptr<Node>& node) {
    try {
      node->children.front()->edge.insert(0, node->edge);
    } catch (const std::bad_alloc&) {
      return;
    }
    std::unique_ptr<Node> only = std::move(node->children.front());
    node = std::move(only);
  }

  template <class Visit>
  static void forEachBelow(Node& node, Visit& visit) {
    if (node.value) visit(*node.value);
    for (const auto& child : node.children) forEachBelow(*child, visit);
  }

  static std::size_t countBelow(const Node& node) {
    std::size_t count = node.children.size();
    for (const auto& child : node.children) count += countBelow(*child);
    return count;
  }

  Node root_;
  std::size_t size_ = 0;
  std::size_t visited_ = 0;
  std::vector<T*> found_;
};

}  // namespace autobahn::inline v0::wamp::router
