#include <algorithm>
#include <array>
#include <autobahn/websocket/compression.hpp>
#include <stdexcept>

namespace autobahn::inline v0::websocket {

namespace {

constexpr int kMinWindowBits = 8;
constexpr int kMaxWindowBits = 15;
constexpr int kDefaultMemLevel = 8;

/// The extension's parameters (RFC 7692 section 7.1).
enum Parameter : std::size_t {
  kServerNoContextTakeover,
  kClientNoContextTakeover,
  kServerMaxWindowBits,
  kClientMaxWindowBits,
  kParameters,
};

enum class Value : std::uint8_t { none, optional, required };

struct ParameterRule {
  std::string_view name;
  Value inOffer;
  Value inResponse;
};

constexpr std::array<ParameterRule, kParameters> kRules = {{
    {"server_no_context_takeover", Value::none, Value::none},
    {"client_no_context_takeover", Value::none, Value::none},
    {"server_max_window_bits", Value::required, Value::required},
    {"client_max_window_bits", Value::optional, Value::required},
}};

/// Which parameters were there, and the window bits they came with (0 without).
struct Parsed {
  std::array<bool, kParameters> present{};
  std::array<int, kParameters> bits{};
};

/// 8 to 15 as a decimal number without leading zeros (RFC 7692 section 7.1.2); 0 for anything else.
int parseWindowBits(std::string_view text) {
  for (int bits = kMinWindowBits; bits <= kMaxWindowBits; ++bits) {
    if (text == std::to_string(bits)) return bits;
  }
  return 0;
}

/// What is wrong with one parameter, or an empty text after noting it in `parsed`.
std::string parseParameter(std::string_view name, const std::optional<std::string>& value, bool isOffer,
                           Parsed& parsed) {
  const auto* const rule = std::find_if(
      kRules.begin(), kRules.end(), [&](const ParameterRule& candidate) { return candidate.name == name; });
  if (rule == kRules.end()) return "unknown parameter";
  const auto index = static_cast<std::size_t>(rule - kRules.begin());
  if (parsed.present[index]) return "repeated " + std::string(name);
  parsed.present[index] = true;
  const Value wanted = isOffer ? rule->inOffer : rule->inResponse;
  if (!value.has_value()) {
    return wanted == Value::required ? std::string(name) + " without a value" : std::string();
  }
  if (wanted == Value::none) return std::string(name) + " with a value";
  parsed.bits[index] = parseWindowBits(*value);
  return parsed.bits[index] == 0 ? std::string(name) + " is not 8 to 15" : std::string();
}

std::optional<Parsed> parseAll(const ExtensionOffer& extension, bool isOffer, std::string& error) {
  Parsed parsed;
  error.clear();
  if (extension.name != PerMessageDeflateOffer::kExtensionName) error = "another extension";
  for (const auto& [name, value] : extension.parameters) {
    if (error.empty()) error = parseParameter(name, value, isOffer, parsed);
  }
  if (!error.empty()) {
    error = "permessage-deflate: " + error;
    return std::nullopt;
  }
  return parsed;
}

void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

/// Window bits where 0 stands for "not given".
bool isWindowBits(int bits) { return bits == 0 || (bits >= kMinWindowBits && bits <= kMaxWindowBits); }

/// The smaller of two where 0 stands for "no limit".
int smallerBits(int a, int b) {
  if (a == 0 || b == 0) return a + b;
  return std::min(a, b);
}

void requireZlibSettings(int memLevel, int compressionLevel) {
  require(memLevel >= 0 && memLevel <= 9, "memLevel must be 1 to 9, or 0 for the default");
  require(compressionLevel >= -1 && compressionLevel <= 9, "compressionLevel must be -1 to 9");
}

void appendParameter(std::string& text, Parameter parameter, int bits = 0) {
  text.append("; ").append(kRules[parameter].name);
  if (bits != 0) text.append("=").append(std::to_string(bits));
}

/// Why an answer cannot be one to this offer, or an empty text.
std::string mismatch(const PerMessageDeflateResponse& response, const PerMessageDeflateOffer& offer) {
  // RFC 7692 section 7.1.1.1: a server that accepts the offer must repeat what was asked of it.
  if (offer.requestNoContextTakeover && !response.serverNoContextTakeover) {
    return "server_no_context_takeover was asked for and not answered";
  }
  // Section 7.1.2.1: the same or a smaller value.
  if (offer.requestMaxWindowBits != 0 &&
      (response.serverMaxWindowBits == 0 || response.serverMaxWindowBits > offer.requestMaxWindowBits)) {
    return "server_max_window_bits was asked for and not kept to";
  }
  // Section 7.1.2.2: only in answer to an offer that has it, and not above its value.
  if (response.clientMaxWindowBits != 0 && !offer.acceptMaxWindowBits) {
    return "client_max_window_bits was not offered";
  }
  if (offer.clientMaxWindowBits != 0 && response.clientMaxWindowBits > offer.clientMaxWindowBits) {
    return "client_max_window_bits is above the offer";
  }
  return {};
}

}  // namespace

void PerMessageDeflateOffer::validate() const {
  require(isWindowBits(requestMaxWindowBits), "requestMaxWindowBits must be 8 to 15, or 0 for none");
  require(isWindowBits(clientMaxWindowBits), "clientMaxWindowBits must be 8 to 15, or 0 for none");
  require(clientMaxWindowBits == 0 || acceptMaxWindowBits, "clientMaxWindowBits needs acceptMaxWindowBits");
}

std::string PerMessageDeflateOffer::toExtensionString() const {
  validate();
  std::string text(kExtensionName);
  if (acceptNoContextTakeover) appendParameter(text, kClientNoContextTakeover);
  if (acceptMaxWindowBits) appendParameter(text, kClientMaxWindowBits, clientMaxWindowBits);
  if (requestNoContextTakeover) appendParameter(text, kServerNoContextTakeover);
  if (requestMaxWindowBits != 0) appendParameter(text, kServerMaxWindowBits, requestMaxWindowBits);
  return text;
}

std::optional<PerMessageDeflateOffer> PerMessageDeflateOffer::parse(const ExtensionOffer& offer,
                                                                    std::string& error) {
  const std::optional<Parsed> parsed = parseAll(offer, true, error);
  if (!parsed) return std::nullopt;
  PerMessageDeflateOffer result;
  result.acceptNoContextTakeover = parsed->present[kClientNoContextTakeover];
  result.acceptMaxWindowBits = parsed->present[kClientMaxWindowBits];
  result.requestNoContextTakeover = parsed->present[kServerNoContextTakeover];
  result.requestMaxWindowBits = parsed->bits[kServerMaxWindowBits];
  result.clientMaxWindowBits = parsed->bits[kClientMaxWindowBits];
  return result;
}

void PerMessageDeflateOfferAccept::validate() const {
  offer.validate();
  // A server may ask for no context takeover whatever the offer says (RFC 7692 section 7.1.1.2), so
  // requestNoContextTakeover is always allowed.
  require(isWindowBits(requestMaxWindowBits), "requestMaxWindowBits must be 8 to 15, or 0 for no limit");
  require(requestMaxWindowBits == 0 || offer.acceptMaxWindowBits,
          "requestMaxWindowBits: the client did not offer client_max_window_bits");
  require(!offer.requestNoContextTakeover || noContextTakeover.value_or(true),
          "noContextTakeover: the client asked for server_no_context_takeover");
  require(isWindowBits(windowBits), "windowBits must be 8 to 15, or 0 for what was asked");
  require(offer.requestMaxWindowBits == 0 || windowBits <= offer.requestMaxWindowBits,
          "windowBits is above the client's server_max_window_bits");
  requireZlibSettings(memLevel, compressionLevel);
}

std::string PerMessageDeflateOfferAccept::toExtensionString() const {
  const PerMessageDeflateParameters agreed = parameters();
  std::string text(PerMessageDeflateOffer::kExtensionName);
  // What is stricter than asked is told as well: it lets the client keep less.
  if (agreed.serverNoContextTakeover) appendParameter(text, kServerNoContextTakeover);
  const int serverBits = smallerBits(offer.requestMaxWindowBits, windowBits);
  if (serverBits != 0) appendParameter(text, kServerMaxWindowBits, serverBits);
  if (agreed.clientNoContextTakeover) appendParameter(text, kClientNoContextTakeover);
  if (requestMaxWindowBits != 0) appendParameter(text, kClientMaxWindowBits, agreed.clientMaxWindowBits);
  return text;
}

PerMessageDeflateParameters PerMessageDeflateOfferAccept::parameters() const {
  validate();
  PerMessageDeflateParameters agreed;
  agreed.serverNoContextTakeover = noContextTakeover.value_or(offer.requestNoContextTakeover);
  agreed.clientNoContextTakeover = requestNoContextTakeover;
  const int serverBits = smallerBits(offer.requestMaxWindowBits, windowBits);
  agreed.serverMaxWindowBits = serverBits != 0 ? serverBits : kMaxWindowBits;
  // The client's own hint binds only once we answer with it (RFC 7692 section 7.1.2.2).
  agreed.clientMaxWindowBits = requestMaxWindowBits != 0
                                   ? smallerBits(requestMaxWindowBits, offer.clientMaxWindowBits)
                                   : kMaxWindowBits;
  agreed.memLevel = memLevel != 0 ? memLevel : kDefaultMemLevel;
  agreed.compressionLevel = compressionLevel;
  agreed.maxMessageSize = maxMessageSize;
  return agreed;
}

std::optional<PerMessageDeflateResponse> PerMessageDeflateResponse::parse(
    const ExtensionOffer& answer, const std::vector<PerMessageDeflateOffer>& offers, std::string& error) {
  const std::optional<Parsed> parsed = parseAll(answer, false, error);
  if (!parsed) return std::nullopt;
  PerMessageDeflateResponse response;
  response.clientMaxWindowBits = parsed->bits[kClientMaxWindowBits];
  response.clientNoContextTakeover = parsed->present[kClientNoContextTakeover];
  response.serverMaxWindowBits = parsed->bits[kServerMaxWindowBits];
  response.serverNoContextTakeover = parsed->present[kServerNoContextTakeover];
  // The answer does not say which offer it accepts; one that it fits is enough.
  error = offers.empty() ? "it was not offered" : "";
  for (const PerMessageDeflateOffer& offer : offers) {
    error = mismatch(response, offer);
    if (!error.empty()) continue;
    response.offeredClientWindowBits = offer.clientMaxWindowBits;
    return response;
  }
  error = "permessage-deflate: " + error;
  return std::nullopt;
}

void PerMessageDeflateResponseAccept::validate() const {
  require(isWindowBits(response.clientMaxWindowBits) && isWindowBits(response.serverMaxWindowBits) &&
              isWindowBits(response.offeredClientWindowBits),
          "the response's window bits must be 8 to 15, or 0 when not mentioned");
  require(!response.clientNoContextTakeover || noContextTakeover.value_or(true),
          "noContextTakeover: the server asked for client_no_context_takeover");
  require(isWindowBits(windowBits), "windowBits must be 8 to 15, or 0 for what was asked");
  require(response.clientMaxWindowBits == 0 || windowBits <= response.clientMaxWindowBits,
          "windowBits is above the server's client_max_window_bits");
  requireZlibSettings(memLevel, compressionLevel);
}

PerMessageDeflateParameters PerMessageDeflateResponseAccept::parameters() const {
  validate();
  PerMessageDeflateParameters agreed;
  agreed.serverNoContextTakeover = response.serverNoContextTakeover;
  agreed.clientNoContextTakeover = noContextTakeover.value_or(response.clientNoContextTakeover);
  agreed.serverMaxWindowBits =
      response.serverMaxWindowBits != 0 ? response.serverMaxWindowBits : kMaxWindowBits;
  const int clientBits =
      smallerBits(smallerBits(response.clientMaxWindowBits, windowBits), response.offeredClientWindowBits);
  agreed.clientMaxWindowBits = clientBits != 0 ? clientBits : kMaxWindowBits;
  agreed.memLevel = memLevel != 0 ? memLevel : kDefaultMemLevel;
  agreed.compressionLevel = compressionLevel;
  agreed.maxMessageSize = maxMessageSize;
  return agreed;
}

PerMessageCompressionAccept acceptPerMessageDeflate() {
  return
      [](const std::vector<PerMessageDeflateOffer>& offers) -> std::optional<PerMessageDeflateOfferAccept> {
        if (offers.empty()) return std::nullopt;
        PerMessageDeflateOfferAccept accept;
        accept.offer = offers.front();
        return accept;
      };
}

}  // namespace autobahn::inline v0::websocket
