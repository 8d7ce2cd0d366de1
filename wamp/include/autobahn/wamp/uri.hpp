// URIs (WAMP basic profile, "URIs"), IDs and attribute names.
#pragma once

#include <cstdint>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// Session, publication, registration, subscription and request IDs: 1…kMaxId.
using Id = std::uint64_t;
inline constexpr Id kMaxId = Id{1} << 53;

/// How a subscription's or registration's URI is compared. `prefix` is by string (`com.app` matches
/// `com.apple`), `wildcard` by component (`com..update`).
enum class Match : std::uint8_t { exact, prefix, wildcard };

/// How strictly components are looked at: loose allows anything but white space, full stops and hashes,
/// strict lower-case letters, digits and `_` only.
enum class UriRule : std::uint8_t { loose, strict };

/// True for a URI that may stand where `match` says what it is: empty components are for wildcards only, an
/// empty last component for prefixes too (and the empty URI with them). `uri` must be UTF-8.
bool isValidUri(std::string_view uri, UriRule rule = UriRule::loose, Match match = Match::exact);

/// True for URIs that begin with the component `wamp`, which only routers may use.
bool isReservedUri(std::string_view uri);

/// True for attribute names that implementations may add to options and details: `x_…`, or `_` and at least
/// three of a-z, 0-9 and `_`.
bool isCustomAttribute(std::string_view name);

}  // namespace autobahn::inline v0::wamp
