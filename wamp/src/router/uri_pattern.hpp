// What can be said of URI patterns without looking at URIs.
#pragma once

#include <autobahn/wamp/uri.hpp>
#include <cstddef>
#include <string_view>

namespace autobahn::inline v0::wamp::router {

/// Walks through the components of a URI or pattern; there is at least one, which may be empty.
class UriComponents {
 public:
  explicit UriComponents(std::string_view uri) : rest_(uri) {}
  bool atEnd() const { return isAtEnd_; }
  std::string_view take() {
    const std::size_t dot = rest_.find('.');
    const std::string_view component = rest_.substr(0, dot);
    isAtEnd_ = dot == std::string_view::npos;
    rest_ = isAtEnd_ ? std::string_view() : rest_.substr(dot + 1);
    return component;
  }

 private:
  std::string_view rest_;
  bool isAtEnd_ = false;
};

/// Components of a wildcard pattern of a client's. Each has a node of a tree, of some 256 octets, and every
/// event and call that looks alike goes through it: deep patterns would take a hundred times what they are
/// long.
inline constexpr std::size_t kMaxWildcardComponents = 32;
bool isTooDeep(std::string_view pattern, Match match);

/// A set of URIs.
struct UriPattern {
  std::string_view uri;
  Match match = Match::exact;
};

/// True when `uri` fits a pattern.
bool matchesPattern(std::string_view pattern, Match match, std::string_view uri);
/// What all URIs that fit begin with.
std::string_view literalHead(std::string_view pattern, Match match);
/// True when every URI that fits `part` fits `whole`. (False for some odd cases in which it is so all the
/// same, such as a prefix that has no continuation.)
bool covers(const UriPattern& whole, const UriPattern& part);
/// True when some URI fits both.
bool overlap(const UriPattern& one, const UriPattern& other);

}  // namespace autobahn::inline v0::wamp::router
