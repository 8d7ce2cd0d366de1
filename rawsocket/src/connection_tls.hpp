// TLS for RawSocket.
#pragma once

#include <autobahn/util/net/tls.hpp>
#include <string>
#include <utility>
#include <vector>

namespace autobahn::inline v0::rawsocket {

/// The options without the application protocol they name by default: it is HTTP's.
inline util::TlsOptions withoutHttp(util::TlsOptions options) {
  if (options.alpn == util::TlsOptions{}.alpn) options.alpn.clear();
  return options;
}

}  // namespace autobahn::inline v0::rawsocket
