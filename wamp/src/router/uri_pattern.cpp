#include "uri_pattern.hpp"

#include <algorithm>

namespace autobahn::inline v0::wamp::router {
namespace {

// Compares component by component; both must have as many.
template <class Fits>
bool allFit(std::string_view one, std::string_view other, Fits&& fits) {
  UriComponents ones(one);
  UriComponents others(other);
  while (!ones.atEnd() && !others.atEnd()) {
    if (!fits(ones.take(), others.take())) return false;
  }
  return ones.atEnd() && others.atEnd();
}

bool isAny(std::string_view component) { return component.empty(); }

bool wildcardsOverlap(std::string_view one, std::string_view other) {
  return allFit(one, other,
                [](std::string_view a, std::string_view b) { return isAny(a) || isAny(b) || a == b; });
}

bool prefixOverlapsWildcard(std::string_view prefix, std::string_view wildcard) {
  UriComponents begun(prefix);
  UriComponents wanted(wildcard);
  while (!begun.atEnd()) {
    if (wanted.atEnd()) return false;
    const std::string_view is = begun.take();
    const std::string_view component = wanted.take();
    if (isAny(component)) continue;
    if (begun.atEnd() ? !component.starts_with(is) : component != is) return false;
  }
  return true;
}

}  // namespace

bool isTooDeep(std::string_view pattern, Match match) {
  return match == Match::wildcard &&
         static_cast<std::size_t>(std::ranges::count(pattern, '.')) >= kMaxWildcardComponents;
}

bool matchesPattern(std::string_view pattern, Match match, std::string_view uri) {
  if (match == Match::prefix) return uri.starts_with(pattern);
  if (match == Match::exact) return uri == pattern;
  return allFit(pattern, uri,
                [](std::string_view wanted, std::string_view is) { return isAny(wanted) || wanted == is; });
}

std::string_view literalHead(std::string_view pattern, Match match) {
  if (match != Match::wildcard) return pattern;
  if (pattern.starts_with('.')) return {};
  const std::size_t wildcard = pattern.find("..");
  // An empty last component, if any, leaves the dot before it.
  return wildcard == std::string_view::npos ? pattern : pattern.substr(0, wildcard + 1);
}

bool covers(const UriPattern& whole, const UriPattern& part) {
  if (part.match == Match::exact) return matchesPattern(whole.uri, whole.match, part.uri);
  if (whole.match == Match::prefix) return literalHead(part.uri, part.match).starts_with(whole.uri);
  if (whole.match != Match::wildcard || part.match != Match::wildcard) return false;
  return allFit(whole.uri, part.uri,
                [](std::string_view wanted, std::string_view is) { return isAny(wanted) || wanted == is; });
}

bool overlap(const UriPattern& one, const UriPattern& other) {
  if (one.match == Match::exact) return matchesPattern(other.uri, other.match, one.uri);
  if (other.match == Match::exact) return matchesPattern(one.uri, one.match, other.uri);
  if (one.match == Match::wildcard && other.match == Match::wildcard) {
    return wildcardsOverlap(one.uri, other.uri);
  }
  if (one.match == Match::wildcard) return prefixOverlapsWildcard(other.uri, one.uri);
  if (other.match == Match::wildcard) return prefixOverlapsWildcard(one.uri, other.uri);
  return one.uri.starts_with(other.uri) || other.uri.starts_with(one.uri);
}

}  // namespace autobahn::inline v0::wamp::router
