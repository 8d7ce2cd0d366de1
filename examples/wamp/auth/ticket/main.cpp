// Authentication with a ticket: the secret is sent as it is, so use it over TLS only.
#include <autobahn/wamp/client_auth.hpp>

#include "common/wamp_whoami.hpp"

using namespace autobahn::wamp;

int main(int argc, char** argv) {
  examples::WampExample example{
      .name = "wamp_auth_ticket", .about = "Authentication with a ticket.", .realm = "auth"};
  example.authenticate = [](const std::string& authid, const std::string& secret) {
    return std::make_shared<AuthTicket>(authid, secret);
  };
  return examples::wampMain<examples::WhoAmIService, examples::WhoAmI>(argc, argv, std::move(example));
}
