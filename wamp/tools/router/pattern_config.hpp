// Which URIs a rule is for.
#pragma once

#include <autobahn/wamp/uri.hpp>
#include <string>

#include "setting.hpp"

namespace router_tool {

/// The keys `uri` and `match` (exact without it). An empty prefix is everything.
void readPattern(Section& section, std::string& uri, autobahn::wamp::Match& match);

}  // namespace router_tool
