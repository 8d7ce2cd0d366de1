#include "compression.hpp"

#include <map>

namespace examples {

using namespace autobahn::websocket;

void addDeflate(CLI::App& app, Deflate& deflate) {
  const std::map<std::string, Deflate> names{
      {"off", Deflate::off}, {"shared", Deflate::shared}, {"takeover", Deflate::takeover}};
  app.add_option("--deflate", deflate, "compression: off, shared (no context takeover) or takeover")
      ->transform(CLI::CheckedTransformer(names).description(""))
      ->option_text("off|shared|takeover");
}

PerMessageCompressionAccept deflateAccept(Deflate deflate) {
  if (deflate == Deflate::off) return {};
  if (deflate == Deflate::takeover) return acceptPerMessageDeflate();
  return [](const std::vector<PerMessageDeflateOffer>& offers) {
    PerMessageDeflateOfferAccept accept;
    accept.offer = offers.front();
    accept.requestNoContextTakeover = true;
    accept.noContextTakeover = true;
    return std::optional(accept);
  };
}

std::vector<PerMessageDeflateOffer> deflateOffers(Deflate deflate) {
  if (deflate == Deflate::off) return {};
  PerMessageDeflateOffer offer;
  offer.requestNoContextTakeover = deflate == Deflate::shared;
  return {offer};
}

PerMessageCompressionResponseAccept deflateResponse(Deflate deflate) {
  if (deflate != Deflate::shared) return {};
  return [](const PerMessageDeflateResponse& response) {
    PerMessageDeflateResponseAccept accept;
    accept.response = response;
    accept.noContextTakeover = true;
    return std::optional(accept);
  };
}

std::string describe(const std::optional<PerMessageDeflateParameters>& parameters) {
  if (!parameters) return "none";
  const auto side = [](const char* name, int bits, bool noTakeover) {
    return std::string(name) + " window " + std::to_string(bits) + " bits, " +
           (noTakeover ? "no context takeover" : "context takeover");
  };
  return "permessage-deflate (" +
         side("server", parameters->serverMaxWindowBits, parameters->serverNoContextTakeover) + "; " +
         side("client", parameters->clientMaxWindowBits, parameters->clientNoContextTakeover) + ")";
}

}  // namespace examples
