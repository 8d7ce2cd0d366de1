// Authentication by certificate: TLS has proved who the client is; the router takes its word for it.
#include "common/wamp_whoami.hpp"

using namespace autobahn::wamp;

namespace {

/// Joins with the authmethod "tls": nothing is left to be proved.
template <class Session>
class Certified : public Session {
 public:
  using Session::Session;
  void onConnect() override { this->join(this->config().realm, {.authmethods = {"tls"}}); }
};

}  // namespace

int main(int argc, char** argv) {
  using Backend = Certified<examples::WhoAmIService>;
  using Frontend = Certified<examples::WhoAmI>;
  return examples::wampMain<Backend, Frontend>(argc, argv,
                                               {.name = "wamp_auth_tls",
                                                .about = "Authentication by TLS certificates.",
                                                .url = "wss://127.0.0.1:8443/ws",
                                                .realm = "certified",
                                                .hasCertificate = true});
}
