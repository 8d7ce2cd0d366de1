// What a TlsContext has made of its options: replaced as a whole by `reload`, kept by the streams that use
// it.
#pragma once

#include <autobahn/util/net/tls.hpp>
#include <autobahn/util/net/unique_fd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "openssl.hpp"

namespace autobahn::inline v0::util {

struct TlsContext::State {
  State(TlsOptions given, bool isServer);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// The context for a name asked for by a client, or null for the first.
  SSL_CTX* forName(std::string_view serverName) const;

  TlsOptions options;
  SslContextPtr context;
  std::vector<std::pair<std::vector<std::string>, SslContextPtr>> byName;
  std::vector<unsigned char> alpn;  ///< in the form of RFC 7301
  UniqueFd keyLog;

 private:
  std::vector<SSL_CTX*> all() const;
  static int chooseIdentity(SSL* ssl, int* alert, void* self);
  static int selectProtocol(SSL* ssl, const unsigned char** out, unsigned char* outSize,
                            const unsigned char* offered, unsigned int offeredSize, void* self);
  static void logKey(const SSL* ssl, const char* line);
};

}  // namespace autobahn::inline v0::util
