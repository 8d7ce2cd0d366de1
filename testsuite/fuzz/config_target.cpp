// The router's configuration: any text is one, or refused with the line in one line; the same text is the
// same configuration, and JSON that is written from it reads the same. No file is read, whatever the text
// names.
#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "target.hpp"
#include "wamp/tools/router/config.hpp"
#include "wamp/tools/router/file.hpp"

// In place of the router's own.
std::string router_tool::readFile(const std::string&) {
  throw std::system_error(ENOENT, std::generic_category());
}

namespace autobahn::fuzz {
namespace {

using namespace router_tool;

const std::string kFile = "/nowhere/x.json";

// "/nowhere/x.json:12: " and a reason.
void checkPlace(std::string_view error, std::string_view text) {
  require(error.starts_with(kFile + ":"), "an error without the file: " + std::string(error));
  require(error.find_first_of("\r\n") == std::string_view::npos,
          "an error of several lines: " + std::string(error));
  error.remove_prefix(kFile.size() + 1);
  std::size_t line = 0;
  while (!error.empty() && error.front() >= '0' && error.front() <= '9') {
    line = line * 10 + static_cast<std::size_t>(error.front() - '0');
    error.remove_prefix(1);
  }
  const auto lines = 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
  require(line >= 1 && line <= lines,
          "an error in line " + std::to_string(line) + " of " + std::to_string(lines));
  require(error.starts_with(": ") && error.size() > 8, "an error without a reason");
}

template <class Result>
std::optional<Result> read(Result (*parse)(const std::string&), const std::string& text) {
  try {
    return parse(text);
  } catch (const ConfigError& error) {
    checkPlace(error.what(), text);
    return std::nullopt;
  }
}

// RapidJSON's quick conversion may change a last digit, and no setting is a real number.
bool holdsReal(const Node& node) {
  return node.kind == Node::Kind::real || std::ranges::any_of(node.items, holdsReal);
}

void checkJson(const std::string& text) {
  const auto node = read<Node>([](const std::string& each) { return parseNode(kFile, each); }, text);
  if (!node || holdsReal(*node)) return;
  const std::string canonical = node->canonical();
  const auto again = read<Node>([](const std::string& each) { return parseNode(kFile, each); }, canonical);
  require(again && again->canonical() == canonical, "what was written reads differently: " + canonical);
}

// Keys are derived from passwords, which takes seconds: not here.
bool takesTime(std::string_view text) {
  return text.find("password") != std::string_view::npos || text.find("iterations") != std::string_view::npos;
}

void checkConfig(const std::string& text) {
  const auto parse = [](const std::string& each) { return parseConfig(kFile, each); };
  const auto config = read<Config>(parse, text);
  const auto again = read<Config>(parse, text);
  require(config.has_value() == again.has_value(), "the second time it is another one");
  if (!config) return;
  require(!config->realms.empty() && !config->listeners.empty(), "nobody can connect, or nowhere");
  require(config->fixedPart == again->fixedPart && config->realms.size() == again->realms.size(),
          "the second time it is another one");
  for (const RealmConfig& realm : config->realms) {
    require(!realm.options.name.empty() || realm.isPattern, "a realm without a name");
    require(config->realmFor(realm.options.name) != nullptr, "a realm that is not found");
    require(realm.permissions != nullptr, "a realm without permissions");
  }
  for (const ListenerConfig& listener : config->listeners)
    require(!listener.url.empty(), "a listener without a URL");
}

}  // namespace

void tryConfig(std::string_view input) {
  const std::string text(input);
  checkJson(text);
  if (!takesTime(text)) checkConfig(text);
}

}  // namespace autobahn::fuzz
