// Which transport a URL means.
#pragma once

#include <string_view>

namespace autobahn::inline v0::wamp {

/// True for RawSocket's URLs, false for all others, which WebSocket's parser judges.
inline bool isRawSocketUrl(std::string_view url) {
  return url.starts_with("rs:") || url.starts_with("rss:") || url.starts_with("rs+unix:");
}

}  // namespace autobahn::inline v0::wamp
