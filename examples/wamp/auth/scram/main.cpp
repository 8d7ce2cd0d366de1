// SCRAM: the router stores nothing that would let somebody in, and has to prove that it knows the user.
#include <autobahn/wamp/client_auth.hpp>

#include "common/wamp_whoami.hpp"

using namespace autobahn::wamp;

int main(int argc, char** argv) {
  examples::WampExample example{
      .name = "wamp_auth_scram", .about = "Authentication with SCRAM.", .realm = "auth"};
  example.authenticate = [](const std::string& authid, const std::string& secret) {
    return std::make_shared<AuthScram>(authid, secret);
  };
  return examples::wampMain<examples::WhoAmIService, examples::WhoAmI>(argc, argv, std::move(example));
}
