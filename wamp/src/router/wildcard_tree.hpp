// Values by URI patterns in which empty components stand for any component.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "keyed_hash.hpp"
#include "uri_pattern.hpp"

namespace autobahn::inline v0::wamp::router {

/// A tree with a level per component. Looking up goes down the two ways that fit at each level: the
/// component itself, and any component. Values stay where they are while they are in the tree.
template <class T>
class WildcardTree {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// The value of exactly this pattern, or nullptr.
  T* find(std::string_view pattern) {
    Node* node = &root_;
    for (UriComponents rest(pattern); !rest.atEnd();) {
      node = node->childFor(rest.take());
      if (node == nullptr) return nullptr;
    }
    return node->value.get();
  }

  /// Puts a value where none is.
  T& insert(std::string_view pattern, T value) {
    auto made = std::make_unique<T>(std::move(value));
    Node* node = &root_;
    for (UriComponents rest(pattern); !rest.atEnd();) node = &node->descend(rest.take());
    node->value = std::move(made);
    ++size_;
    return *node->value;
  }

  /// Removes a value; nothing happens when there is none.
  void erase(std::string_view pattern) { size_ -= eraseBelow(root_, UriComponents(pattern)) ? 1 : 0; }

  /// Calls `visit(value)` for each pattern that `uri` fits, until one returns false: first those with the
  /// longest part before their first wildcard, among these those with the longest part before the second one,
  /// and so on (advanced profile, pattern-based registration). Returns false when one did.
  template <class Visit>
  bool forEachMatch(std::string_view uri, Visit&& visit) {
    return size_ == 0 || matchBelow(root_, UriComponents(uri), visit);
  }

  /// Calls `visit(value)` for all values.
  template <class Visit>
  void forEach(Visit&& visit) {
    forEachBelow(root_, visit);
  }

  /// For tests: nodes looked at by `forEachMatch` so far.
  std::size_t visited() const { return visited_; }
  /// For tests: nodes in the tree besides the root.
  std::size_t nodeCount() const { return countBelow(root_); }

 private:
  struct Node {
    std::unique_ptr<T> value;
    std::unique_ptr<Node> any;
    std::unordered_map<std::string, std::unique_ptr<Node>, KeyedHash, std::equal_to<>> named;

    // To the child for the component, made if need be.
    Node& descend(std::string_view component) {
      if (Node* const there = childFor(component)) return *there;
      auto made = std::make_unique<Node>();
      if (!component.empty()) return *named.emplace(component, std::move(made)).first->second;
      any = std::move(made);
      return *any;
    }
    Node* childFor(std::string_view component) {
      return component.empty() ? any.get() : namedChild(component);
    }
    Node* namedChild(std::string_view component) {
      const auto found = named.find(component);
      return found == named.end() ? nullptr : found->second.get();
    }
    bool isUseless() const { return !value && !any && named.empty(); }
  };

  // Recursion is as deep as URIs have components (limited by the router's `maxUriSize`).
  template <class Visit>
  bool matchBelow(Node& node, UriComponents rest, Visit& visit) {
    ++visited_;
    if (rest.atEnd()) return !node.value || visit(*node.value);
    const std::string_view component = rest.take();
    if (Node* child = node.namedChild(component); child != nullptr && !matchBelow(*child, rest, visit)) {
      return false;
    }
    return !node.any || matchBelow(*node.any, rest, visit);
  }

  static bool eraseBelow(Node& node, UriComponents rest) {
    if (rest.atEnd()) return std::exchange(node.value, nullptr) != nullptr;
    const std::string_view component = rest.take();
    Node* child = node.childFor(component);
    if (child == nullptr || !eraseBelow(*child, rest)) return false;
    if (child->isUseless()) {
      if (component.empty()) {
        node.any.reset();
      } else {
        node.named.erase(node.named.find(component));
      }
    }
    return true;
  }

  template <class Visit>
  static void forEachBelow(Node& node, Visit& visit) {
    if (node.value) visit(*node.value);
    if (node.any) forEachBelow(*node.any, visit);
    for (const auto& entry : node.named) forEachBelow(*entry.second, visit);
  }

  static std::size_t countBelow(const Node& node) {
    std::size_t count = node.named.size();
    if (node.any) count += 1 + countBelow(*node.any);
    for (const auto& entry : node.named) count += countBelow(*entry.second);
    return count;
  }

  Node root_;
  std::size_t size_ = 0;
  std::size_t visited_ = 0;
};

}  // namespace autobahn::inline v0::wamp::router
