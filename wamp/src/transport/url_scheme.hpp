// Which transport a URL means, and what of it may be logged.
#pragma once

#include <string_view>

namespace autobahn::inline v0::wamp {

/// True for RawSocket's URLs, false for all others.
inline bool isRawSocketUrl(std::string_view url) {
  return url.starts_with("rs:") || url.starts_with("rss:") || url.starts_with("rs+unix:");
}

/// True for long-poll's URLs.
inline bool isLongPollUrl(std::string_view url) {
  return url.starts_with("http:") || url.starts_with("https:") || url.starts_with("http+unix:");
}

/// What may stand in a log: a query may hold secrets.
inline std::string_view withoutQuery(std::string_view url) { return url.substr(0, url.find('?')); }

}  // namespace autobahn::inline v0::wamp
