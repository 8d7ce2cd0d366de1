// Sec-WebSocket-Extensions and the negotiation of permessage-deflate: what is read is written and read back,
// offers are judged as RFC 7692 section 7.1 says, and both ends agree on the same.
#include <algorithm>
#include <autobahn/websocket/compression.hpp>
#include <autobahn/websocket/http.hpp>

#include "choices.hpp"
#include "target.hpp"
#include "websocket/src/handshake.hpp"

namespace autobahn::fuzz {
namespace {

using namespace websocket;

std::string written(const std::vector<ExtensionOffer>& extensions) {
  std::string text;
  for (const auto& [name, parameters] : extensions) {
    text += (text.empty() ? "" : ",") + name;
    for (const auto& parameter : parameters) {
      text += " ; " + parameter.first;
      if (parameter.second) text += "=\"" + *parameter.second + '"';
    }
  }
  return text;
}

void checkGrammar(const std::vector<ExtensionOffer>& extensions) {
  for (const auto& [name, parameters] : extensions) {
    require(http::isToken(name), "a name that is no token");
    for (const auto& parameter : parameters) {
      require(http::isToken(parameter.first), "a parameter that is no token");
      require(!parameter.second || http::isToken(*parameter.second), "a value that is no token");
    }
  }
  const auto again = parseExtensions(written(extensions));
  require(again && written(*again) == written(extensions), "what was written reads differently");
}

// How often a parameter is there, and whether each value is one of those it may have ("" for none).
bool isFine(const ExtensionOffer& extension, std::string_view name, bool mayBeBare, bool mayBeBits) {
  int count = 0;
  for (const auto& parameter : extension.parameters) {
    if (parameter.first != name) continue;
    ++count;
    constexpr std::string_view kBits[] = {"8", "9", "10", "11", "12", "13", "14", "15"};
    const bool isBits = parameter.second && std::ranges::find(kBits, *parameter.second) != std::end(kBits);
    if (parameter.second ? !(mayBeBits && isBits) : !mayBeBare) return false;
  }
  return count <= 1;
}

bool isFine(const ExtensionOffer& extension, bool isOffer) {
  constexpr std::string_view kNames[] = {"server_no_context_takeover", "client_no_context_takeover",
                                         "server_max_window_bits", "client_max_window_bits"};
  return extension.name == "permessage-deflate" && isFine(extension, kNames[0], true, false) &&
         isFine(extension, kNames[1], true, false) && isFine(extension, kNames[2], false, true) &&
         isFine(extension, kNames[3], isOffer, true) &&
         std::ranges::all_of(extension.parameters, [&](const auto& parameter) {
           return std::ranges::find(kNames, parameter.first) != std::end(kNames);
         });
}

std::vector<PerMessageDeflateOffer> offersOf(const std::vector<ExtensionOffer>& extensions) {
  std::vector<PerMessageDeflateOffer> offers;
  for (const ExtensionOffer& extension : extensions) {
    std::string error;
    const auto offer = PerMessageDeflateOffer::parse(extension, error);
    require(offer.has_value() == isFine(extension, true), "an offer is judged wrongly: " + error);
    require(offer.has_value() == error.empty(), "an error without words, or words without an error");
    if (!offer) continue;
    const auto again = parseExtensions(offer->toExtensionString());
    require(again && again->size() == 1, "an offer that was written cannot be read");
    const auto back = PerMessageDeflateOffer::parse(again->front(), error);
    require(back && back->toExtensionString() == offer->toExtensionString(),
            "an offer comes back as another one");
    offers.push_back(*offer);
  }
  return offers;
}

// Any answer is held against the offers: nothing is accepted that was not offered.
void checkAnswer(const ExtensionOffer& answer, const std::vector<PerMessageDeflateOffer>& offers) {
  std::string error;
  const auto response = PerMessageDeflateResponse::parse(answer, offers, error);
  require(response.has_value() == error.empty(), "an error without words, or words without an error");
  if (!response) return;
  require(isFine(answer, false) && !offers.empty(), "a malformed answer is accepted");
  require(std::ranges::any_of(offers,
                              [&](const PerMessageDeflateOffer& offer) {
                                const int bits = response->serverMaxWindowBits;
                                const bool keepsBits = offer.requestMaxWindowBits == 0 ||
                                                       (bits != 0 && bits <= offer.requestMaxWindowBits);
                                return keepsBits &&
                                       offer.requestNoContextTakeover <= response->serverNoContextTakeover &&
                                       (response->clientMaxWindowBits == 0 || offer.acceptMaxWindowBits);
                              }),
          "an answer is accepted that fits no offer");
  const PerMessageDeflateParameters agreed =
      PerMessageDeflateResponseAccept{.response = *response}.parameters();
  for (const int bits : {agreed.clientMaxWindowBits, agreed.serverMaxWindowBits}) {
    require(bits >= 8 && bits <= 15, "window bits outside 8 to 15");
  }
}

PerMessageDeflateOfferAccept readAccept(Choices& choices, const PerMessageDeflateOffer& offer) {
  PerMessageDeflateOfferAccept accept;
  accept.offer = offer;
  const unsigned flags = choices.byte();
  accept.requestNoContextTakeover = (flags & 1) != 0;
  if ((flags & 2) != 0) accept.noContextTakeover = (flags & 4) != 0;
  accept.requestMaxWindowBits = static_cast<int>(choices.below(17));
  accept.windowBits = static_cast<int>(choices.below(17));
  accept.memLevel = static_cast<int>(choices.below(11));
  accept.compressionLevel = static_cast<int>(choices.below(12)) - 1;
  return accept;
}

// What a server answers, a client takes, and both mean the same.
void checkAgreement(const PerMessageDeflateOfferAccept& accept,
                    const std::vector<PerMessageDeflateOffer>& offers) {
  std::string answer;
  PerMessageDeflateParameters server;
  try {
    answer = accept.toExtensionString();
    server = accept.parameters();
  } catch (const std::invalid_argument&) {
    return;
  }
  const auto extensions = parseExtensions(answer);
  require(extensions && extensions->size() == 1, "an answer that cannot be read: " + answer);
  std::string error;
  const auto response = PerMessageDeflateResponse::parse(extensions->front(), offers, error);
  require(response.has_value(), "our client refuses our answer: " + error);
  const PerMessageDeflateParameters client =
      PerMessageDeflateResponseAccept{.response = *response}.parameters();
  require(client.serverNoContextTakeover == server.serverNoContextTakeover &&
              client.clientNoContextTakeover == server.clientNoContextTakeover,
          "no agreement on context takeover");
  require(client.serverMaxWindowBits == server.serverMaxWindowBits, "no agreement on the server's window");
  // A client may keep to less than the server reckons with.
  require(client.clientMaxWindowBits <= server.clientMaxWindowBits,
          "the client's window is larger than agreed");
}

}  // namespace

void tryExtensions(std::string_view input) {
  Choices choices(input);
  const std::string_view offered = choices.line();
  const std::string_view answered = choices.line();
  const auto extensions = parseExtensions(offered);
  const auto answers = parseExtensions(answered);
  if (answers) checkGrammar(*answers);
  if (!extensions) return;
  checkGrammar(*extensions);
  const auto offers = offersOf(*extensions);
  for (const ExtensionOffer& answer : answers.value_or(std::vector<ExtensionOffer>()))
    checkAnswer(answer, offers);
  if (!offers.empty()) checkAgreement(readAccept(choices, offers[choices.below(offers.size())]), offers);
}

}  // namespace autobahn::fuzz
