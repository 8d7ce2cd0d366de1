#include "pattern_config.hpp"

#include <utility>

namespace router_tool {

using namespace autobahn::wamp;

namespace {

constexpr std::pair<const char*, Match> kMatches[] = {
    {"exact", Match::exact}, {"prefix", Match::prefix}, {"wildcard", Match::wildcard}};

}  // namespace

void readPattern(Section& section, std::string& uri, Match& match) {
  const Setting given = section.need("uri");
  uri = given.text();
  if (const auto how = section.find("match")) match = how->oneOf(kMatches);
  const bool isEverything = match == Match::prefix && uri.empty();
  if (!isEverything && !isValidUri(uri, UriRule::loose, match)) given.refuse("is no URI: \"" + uri + "\"");
}

}  // namespace router_tool
