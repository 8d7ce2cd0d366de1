// What can be told of an established TLS connection.
#pragma once

#include <autobahn/util/net/stream.hpp>
#include <string>
#include <string_view>

#include "openssl.hpp"

namespace autobahn::inline v0::util {

TlsDetails describeTls(SSL* ssl);
/// The names a certificate is for: "DNS:example.com", "IP:127.0.0.1", …
std::vector<std::string> subjectAltNames(X509* certificate);
/// Channel binding data, see makeTlsStream.
std::string tlsChannelId(SSL* ssl, bool isServer, std::string_view type);

}  // namespace autobahn::inline v0::util
