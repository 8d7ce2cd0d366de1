// TLS over any stream, both roles, with OpenSSL (which no header shows).
#pragma once

#include <autobahn/util/net/stream.hpp>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

namespace autobahn::inline v0::util {

class EventLoop;

/// Why TLS failed. `Stream::errorDetail()` has the words.
enum class TlsErrc : std::uint8_t {
  handshakeFailed = 1,      ///< no common version or cipher, an alert of the peer's, not TLS at all
  certificateRejected = 2,  ///< the peer's certificate does not verify, or is for somebody else
  protocolError = 3,        ///< a broken record, a bad MAC, an alert after the handshake
};
const std::error_category& tlsCategory();
inline std::error_code make_error_code(TlsErrc code) { return {static_cast<int>(code), tlsCategory()}; }

/// Certificates, keys or options that cannot be used; the message names the file.
class TlsConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// TLS versions that can be chosen; older ones are never spoken.
enum class TlsVersion : std::uint8_t { tls12, tls13 };

/// A certificate for some of a server's names.
struct TlsIdentity {
  std::vector<std::string> hostnames{};  ///< "example.com", "*.example.com" (one label)
  std::string certificateFile{};         ///< PEM, with the intermediate certificates after it
  std::string certificate{};             ///< the same as text; used when the file is not given
  std::string keyFile{};                 ///< PEM
  std::string key{};
  std::string keyPassword{};
};

/// Files are PEM. Where there is a file and a text, the file wins.
struct TlsOptions {
  std::string certificateFile{};  ///< our certificate, with the intermediate ones after it; servers need one
  std::string certificate{};
  std::string keyFile{};
  std::string key{};
  std::string keyPassword{};
  std::vector<TlsIdentity>
      identities{};  ///< server: further certificates, chosen by the name asked for (SNI)

  std::string caFile{};  ///< whom to trust; for clients the system's store when none of the three is given
  std::string ca{};
  std::string caPath{};                   ///< directory with hashed names
  bool verifyPeer = true;                 ///< client: verify the server's certificate
  bool verifyHostname = true;             ///< client: and that it is the server's
  std::string serverName{};               ///< client: the name to ask for and to verify instead of the host's
  bool requestClientCertificate = false;  ///< server: ask; one that is given must verify
  bool requireClientCertificate = false;  ///< server: and refuse clients without

  TlsVersion minVersion = TlsVersion::tls12;
  TlsVersion maxVersion = TlsVersion::tls13;
  std::string ciphers{};                         ///< OpenSSL's list for TLS 1.2; empty: OpenSSL's default
  std::string cipherSuites{};                    ///< OpenSSL's list for TLS 1.3; empty: OpenSSL's default
  std::vector<std::string> alpn = {"http/1.1"};  ///< application protocols, best first; empty: none
  bool sessionTickets = true;
  std::string keyLogFile{};  ///< secrets for debugging, appended; empty: $SSLKEYLOGFILE if set
};

/// Certificates, trust and settings for many connections. Thread-safe.
class TlsContext {
 public:
  /// Throws TlsConfigError.
  static std::shared_ptr<TlsContext> server(TlsOptions options);
  static std::shared_ptr<TlsContext> client(TlsOptions options = {});
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  /// Reads the files again, for connections made from now on. Throws TlsConfigError and keeps what was when
  /// they cannot be used.
  void reload();
  bool isServer() const;

 private:
  friend class TlsStream;
  struct State;
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::shared_ptr<const State> state() const;

  std::unique_ptr<Impl> impl_;
};

/// TLS over `inner`, which must not be attached yet. `handshake` does the TLS handshake. `serverName`, for
/// clients, is the name or address the server must prove to have; TlsOptions::serverName comes first.
///
/// An end of `inner` without TLS' own end (close_notify) reads as `eof` with an `errorDetail`.
/// `channelId` knows "tls-exporter" (RFC 9266), and for TLS 1.2 "tls-unique" (the SHA-256 digest of the
/// handshake's first Finished message, as Autobahn has it) and "tls-unique-raw" (RFC 5929).
std::unique_ptr<Stream> makeTlsStream(std::unique_ptr<Stream> inner, std::shared_ptr<TlsContext> context,
                                      EventLoop& loop, bool isServer, std::string serverName = {});

}  // namespace autobahn::inline v0::util

/// Lets a TlsErrc become a std::error_code.
template <>
struct std::is_error_code_enum<autobahn::util::TlsErrc> : std::true_type {};
