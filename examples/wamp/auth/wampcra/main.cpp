// WAMP-CRA: the secret signs a challenge and is never sent. With a salted password (try --authid peter
// --secret secret-of-peter) the router does not store it either.
#include <autobahn/wamp/client_auth.hpp>

#include "common/wamp_whoami.hpp"

using namespace autobahn::wamp;

int main(int argc, char** argv) {
  examples::WampExample example{
      .name = "wamp_auth_wampcra", .about = "Authentication with WAMP-CRA.", .realm = "auth"};
  example.authenticate = [](const std::string& authid, const std::string& secret) {
    return std::make_shared<AuthWampCra>(authid, secret);
  };
  return examples::wampMain<examples::WhoAmIService, examples::WhoAmI>(argc, argv, std::move(example));
}
