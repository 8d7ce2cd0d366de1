// Authentication by the certificate that a TLS client shows.
//
//   auto certificates = std::make_shared<TlsAuthenticator>();
//   certificates->setCommonName("device7.example.com", "device7", "device");
//   router.addRealm({.name = "realm1", .authenticators = {certificates}});
//   RouterListenOptions options;
//   options.tls = util::TlsOptions{.certificateFile = "server.pem", .keyFile = "server.key"};
//   options.tls->caFile = "device-ca.pem";  // whose certificates are believed
//   options.tls->requestClientCertificate = true;
#pragma once

#include <autobahn/wamp/router/authenticator.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace autobahn::inline v0::wamp {

/// "tls": the TLS layer has verified the certificate's chain; here it is looked up who that is, by its
/// SHA-256 fingerprint or, after that, by its common name. A name is as good as the authorities that the
/// listener trusts. A client that says an authid says its own, or is refused. Clients without a certificate
/// are asked for another of their methods. The table may be changed while the router runs, in the thread of
/// its loop.
class TlsAuthenticator : public Authenticator {
 public:
  /// `sha256`: 64 hexadecimal digits, with or without colons. Throws std::invalid_argument for others.
  void setFingerprint(std::string_view sha256, std::string authid, std::string authrole);
  /// Throws std::invalid_argument for an empty name.
  void setCommonName(std::string_view name, std::string authid, std::string authrole);
  /// False when there was none.
  bool removeFingerprint(std::string_view sha256);
  bool removeCommonName(std::string_view name);

  bool handles(std::string_view method) const override { return method == "tls"; }
  bool suits(std::string_view realm, const PeerDetails& peer) override;
  std::unique_ptr<Authentication> begin(AuthenticationRequest request) override;

 private:
  struct User {
    std::string authid;
    std::string authrole;
  };
  using Users = std::map<std::string, User, std::less<>>;

  const User* find(const PeerDetails& peer) const;

  Users byFingerprint_;
  Users byCommonName_;
};

}  // namespace autobahn::inline v0::wamp
