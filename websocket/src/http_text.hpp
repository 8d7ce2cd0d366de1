// Small helpers of the HTTP sources that are of no use outside.
#pragma once

#include <autobahn/util/uri.hpp>
#include <string_view>

namespace autobahn::inline v0::websocket::http {

/// Without the spaces and tabs at both ends (RFC 9110 section 5.6.3).
std::string_view trim(std::string_view text);

/// True when `target` may stand on a request line: visible ASCII, not empty, no '#'.
bool isTarget(std::string_view target);

using util::Authority;
using util::parseAuthority;
using util::parseNumber;
using util::PortZero;

}  // namespace autobahn::inline v0::websocket::http
