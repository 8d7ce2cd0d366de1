// Cryptosign: an Ed25519 key signs a challenge; the router has the public key only. Keys usually come from a
// file: CryptosignKey::fromFile reads OpenSSH's and others.
#include <autobahn/wamp/client_auth.hpp>

#include "common/wamp_whoami.hpp"

using namespace autobahn::wamp;

int main(int argc, char** argv) {
  examples::WampExample example{
      .name = "wamp_auth_cryptosign", .about = "Authentication with Ed25519 keys.", .realm = "auth"};
  // For trying things out: the keys of RFC 8032 section 7.1.
  example.backendSecret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  example.secret = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
  example.authenticate = [](const std::string& authid, const std::string& secret) {
    return std::make_shared<AuthCryptosign>(CryptosignKey::fromHex(secret), authid);
  };
  return examples::wampMain<examples::WhoAmIService, examples::WhoAmI>(argc, argv, std::move(example));
}
