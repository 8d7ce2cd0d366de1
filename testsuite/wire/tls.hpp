// TLS for the harness, on OpenSSL directly: both roles, with everything a case must be able to bend.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "wire/stream.hpp"

typedef struct ssl_ctx_st SSL_CTX;

namespace wstest {

/// Which TLS the harness speaks; values of OpenSSL's "TLS1_2_VERSION".
enum class TlsLevel : std::uint8_t { tls10, tls11, tls12, tls13 };

/// How the harness behaves as a TLS client.
struct TlsClientSettings {
  std::string caFile{};                     ///< whom to trust besides the system's store
  bool isInsecure = false;                  ///< any certificate will do
  std::optional<std::string> serverName{};  ///< SNI: absent sends none; "" is not sent either
  TlsLevel atLeast = TlsLevel::tls12;
  TlsLevel atMost = TlsLevel::tls13;
};

/// A PEM certificate with its key.
struct Identity {
  std::string certificate;
  std::string key;
};

/// What makeIdentity puts in.
struct IdentityRequest {
  std::string commonName = "wstest";
  std::string subjectAltName{};  ///< "DNS:localhost,IP:127.0.0.1"
  int validFromDays = -1;        ///< relative to now
  int validUntilDays = 30;
  bool isAuthority = false;
};

/// A new P-256 key with a certificate signed by `issuer`, or by itself without one. Throws
/// std::runtime_error.
Identity makeIdentity(const IdentityRequest& request, const Identity* issuer = nullptr);

/// A context to accept TLS with. Throws std::runtime_error naming what is wrong with the certificate or the
/// key.
std::shared_ptr<SSL_CTX> serverContext(const Identity& identity, TlsLevel atMost = TlsLevel::tls13);

/// TLS as a client over `stream`, handshake done. Throws ConnectError: certificate, versions, not TLS at all.
std::unique_ptr<Stream> startTlsClient(std::unique_ptr<Stream> stream, const std::string& host,
                                       const TlsClientSettings& settings, TimePoint until,
                                       const StopSwitch& stop);
/// TLS as a server over `stream`, handshake done. Throws ConnectError.
std::unique_ptr<Stream> startTlsServer(std::unique_ptr<Stream> stream,
                                       const std::shared_ptr<SSL_CTX>& context, TimePoint until,
                                       const StopSwitch& stop);

/// What a TLS stream knows besides its bytes.
struct TlsFacts {
  std::string version;  ///< "TLSv1.3"
  std::string cipher;
  std::optional<std::string> requestedName;  ///< server: the SNI of the client
};
/// Of a stream made by the two functions above; nothing for other streams.
std::optional<TlsFacts> tlsFacts(const Stream& stream);

/// How the peer answers a renegotiation that we ask for (TLS 1.2).
enum class Renegotiation : std::uint8_t { refused, done, notPossible };
Renegotiation renegotiate(Stream& stream, TimePoint until, const StopSwitch& stop);

}  // namespace wstest
