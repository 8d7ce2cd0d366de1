#include <autobahn/wamp/uri_pattern.hpp>
#include <charconv>
#include <stdexcept>

namespace autobahn::inline v0::wamp {
namespace {

bool isName(std::string_view text) {
  if (text.empty() || text[0] < 'a' || text[0] > 'z') return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

std::optional<Value> integerOf(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Value(number);
}

// The text up to the next dot, which is taken away with it.
std::string_view takeComponent(std::string_view& rest) {
  const auto dot = rest.find('.');
  const std::string_view component = rest.substr(0, dot);
  rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  return component;
}

}  // namespace

UriPattern::UriPattern(std::string_view pattern) {
  std::string_view rest = pattern;
  bool hasMore = true;
  while (hasMore) {
    hasMore = rest.find('.') != std::string_view::npos;
    Component component = parseComponent(takeComponent(rest), pattern);
    if (component.kind == Kind::suffix && hasMore) {
      throw std::invalid_argument("a suffix stands at the end of a URI pattern only: " +
                                  std::string(pattern));
    }
    if (!components_.empty()) uri_ += '.';
    uri_ += component.text;
    if (component.kind == Kind::suffix) {
      if (match_ == Match::wildcard) {
        throw std::invalid_argument("a suffix cannot follow other parameters: " + std::string(pattern));
      }
      match_ = Match::prefix;
    } else if (component.kind != Kind::literal) {
      match_ = Match::wildcard;
    }
    components_.push_back(std::move(component));
  }
  if (!isValidUri(uri_, UriRule::loose, match_)) {
    throw std::invalid_argument("no URI pattern: " + std::string(pattern));
  }
}

UriPattern::Component UriPattern::parseComponent(std::string_view text, std::string_view pattern) {
  if (!text.starts_with('<') && !text.ends_with('>')) return {Kind::literal, std::string(text)};
  const auto refuse = [&](const char* wanted) -> Component {
    throw std::invalid_argument(std::string(wanted) + " wanted, got " + std::string(text) +
                                " in the URI pattern " + std::string(pattern));
  };
  if (text.size() < 3 || !text.starts_with('<') || !text.ends_with('>'))
    return refuse("<name> or <name:type>");
  const std::string_view inside = text.substr(1, text.size() - 2);
  const auto colon = inside.find(':');
  if (!isName(inside.substr(0, colon))) return refuse("a name of a-z, 0-9 and _");
  const std::string_view type = colon == std::string_view::npos ? "str" : inside.substr(colon + 1);
  if (type == "str" || type == "string") return {Kind::text, {}};
  if (type == "int") return {Kind::integer, {}};
  if (type == "suffix") return {Kind::suffix, {}};
  return refuse("the type str, int or suffix");
}

std::optional<List> UriPattern::valuesIn(std::string_view uri) const {
  List values;
  std::string_view rest = uri;
  bool hasMore = true;
  for (const Component& each : components_) {
    if (!hasMore) return std::nullopt;
    if (each.kind == Kind::suffix) {
      values.emplace_back(rest);
      return values;
    }
    hasMore = rest.find('.') != std::string_view::npos;
    const std::string_view component = takeComponent(rest);
    if (each.kind == Kind::literal) {
      if (component != each.text) return std::nullopt;
    } else if (each.kind == Kind::text) {
      values.emplace_back(component);
    } else {
      auto integer = integerOf(component);
      if (!integer) return std::nullopt;
      values.push_back(std::move(*integer));
    }
  }
  if (hasMore) return std::nullopt;
  return values;
}

}  // namespace autobahn::inline v0::wamp
