#include <autobahn/wamp/auth/ticket.hpp>
#include <autobahn/wamp/router/static_authenticators.hpp>

#include "static_exchange.hpp"

namespace autobahn::inline v0::wamp {
namespace {

class TicketExchange : public router::StaticExchange {
 public:
  TicketExchange(router::Principal principal, Secret ticket)
      : StaticExchange(std::move(principal)), ticket_(std::move(ticket)) {}

 protected:
  Dict challenge() override { return {}; }
  std::optional<Dict> verify(const message::Authenticate& proof) override {
    return verifyTicket(ticket_.view(), proof.signature) ? std::optional(Dict()) : std::nullopt;
  }

 private:
  Secret ticket_;
};

}  // namespace

void TicketAuthenticator::setUser(std::string_view authid, Secret ticket, std::string authrole) {
  users_.insert_or_assign(std::string(authid), User{std::move(ticket), std::move(authrole)});
}

bool TicketAuthenticator::removeUser(std::string_view authid) {
  return users_.erase(std::string(authid)) > 0;
}

std::unique_ptr<Authentication> TicketAuthenticator::begin(AuthenticationRequest request) {
  if (!request.authid) return std::make_unique<router::Refusal>("HELLO.Details.authid is needed");
  Secret decoy = decoys_.ticket(*request.authid);  // whether it is needed or not: it takes time
  const auto found = users_.find(*request.authid);
  const bool isKnown = found != users_.end();
  router::Principal principal{.authid = *std::move(request.authid)};
  if (isKnown) principal.authrole = found->second.authrole;
  return std::make_unique<TicketExchange>(std::move(principal),
                                          isKnown ? found->second.ticket.clone() : std::move(decoy));
}

}  // namespace autobahn::inline v0::wamp
