// 16: permessage-deflate (RFC 7692). Here: how it is agreed on; what goes over the wire then is in
// deflate_streams.cpp.
#include <algorithm>

#include "cases/beyond.hpp"

namespace wstest {
namespace {

constexpr auto kRequired = Strictness::required;
constexpr auto kRecommended = Strictness::recommended;
constexpr auto kInformational = Strictness::informational;
const std::string kHeader = "Sec-WebSocket-Extensions: ";

/// Three echoes, each with repeats that only a window beyond 2^9 bytes can use.
std::string echoesProblem(Exchange& x) {
  constexpr int kTimes = 3;
  for (int i = 0; i < kTimes; ++i) {
    std::string problem = echoProblem(x, letters(1500, 6000));
    if (!problem.empty()) return problem;
  }
  return "";
}

// --- 16.1 ---

/// RFC 7692, 7.1: what an answer may say to an offer.
bool answers(const DeflateParameters& answer, const DeflateParameters& offer) {
  const bool keepsTakeover = answer.serverNoContextTakeover || !offer.serverNoContextTakeover;
  const bool keepsServerBits =
      offer.serverMaxWindowBits == 0 ||
      (answer.serverMaxWindowBits != 0 && answer.serverMaxWindowBits <= offer.serverMaxWindowBits);
  const bool keepsClientBits =
      answer.clientMaxWindowBits == 0 ||
      (offer.clientMaxWindowBits != 0 &&
       (offer.clientMaxWindowBits < 0 || answer.clientMaxWindowBits <= offer.clientMaxWindowBits));
  return keepsTakeover && keepsServerBits && keepsClientBits;
}

/// The one permessage-deflate that the server has agreed on; `problem` says what is wrong with its answer.
std::optional<DeflateParameters> agreement(const std::string& header,
                                           const std::vector<DeflateParameters>& valid,
                                           std::string& problem) {
  const auto extensions = parseExtensions(header);
  problem = "the server answered " + quote(header, 200);
  if (extensions.size() != 1 || extensions.front().name != "permessage-deflate") return std::nullopt;
  std::string why;
  auto agreed = parseDeflate(extensions.front(), false, &why);
  if (!agreed) problem += ": " + why;
  if (!agreed) return agreed;
  const bool isOffered =
      std::ranges::any_of(valid, [&](const auto& offer) { return answers(*agreed, offer); });
  problem = isOffered
                ? ""
                : problem + (valid.empty() ? ", though the offer is invalid" : ", which answers no offer");
  return agreed;
}

/// Offers; the server has to choose one of `valid`, or none.
void offer(Exchange& x, const std::string& lines, const std::vector<DeflateParameters>& valid) {
  const std::string key = randomKey();
  x.sendBytes(withLine(withoutHeader(x.request(key), "Sec-WebSocket-Extensions"), lines));
  const auto head = x.receiveHead(x.patience().reaction);
  if (!head)
    return x.fail(x.hasEnded() ? "the server ended the connection without an answer"
                               : "the server did not answer");
  const std::string refusal =
      "the server answered " + quote(head->startLine, 100) + " instead of accepting without the extension";
  if (statusOf(*head) >= 400 && valid.empty()) return x.nonStrict(refusal);
  if (head->status() != 101) return x.fail(refusal);
  const auto answer = head->value("Sec-WebSocket-Extensions");
  std::string problem;
  const auto agreed = answer ? agreement(*answer, valid, problem) : std::nullopt;
  if (!problem.empty()) return x.fail(problem);
  x.setOpen(agreed);
  problem = echoesProblem(x);
  if (!problem.empty())
    return x.fail((agreed ? "after agreeing on '" + agreed->text() + "', " : "") + problem);
  x.finish();
  if (!agreed && !valid.empty()) return x.unimplemented("the server did not agree on permessage-deflate");
  x.pass(agreed ? "agreed on '" + agreed->text() + "', and echoes fit it"
                : "declined, and the connection works");
}

void addValidOffers(Catalog& catalog) {
  catalog.group("16.1", "Offers that a server may accept");
  const auto add = [&](std::string id, std::string description, std::string lines,
                       std::vector<DeflateParameters> valid, Strictness strictness = kRequired) {
    catalog
        .add(id, std::move(description),
             "Agreed on with parameters that answer the offer, or declined; echoes work, within the agreed "
             "windows.",
             "RFC 7692, 5 and 7.1",
             [lines = std::move(lines), valid = std::move(valid)](Exchange& x) { offer(x, lines, valid); })
        .strictness = strictness;
  };
  const std::string name = kHeader + "permessage-deflate";
  add("16.1.1", "permessage-deflate without parameters. (The answer may not have client_max_window_bits.)",
      name, {{}});
  add("16.1.2", "client_max_window_bits without a value.", name + "; client_max_window_bits",
      {{.clientMaxWindowBits = -1}});
  add("16.1.3", "client_max_window_bits=10.", name + "; client_max_window_bits=10",
      {{.clientMaxWindowBits = 10}});
  add("16.1.4", "server_max_window_bits=10.", name + "; server_max_window_bits=10",
      {{.serverMaxWindowBits = 10}});
  add("16.1.5", "server_max_window_bits=8, the smallest; zlib cannot, so that declining is common.",
      name + "; server_max_window_bits=8", {{.serverMaxWindowBits = 8}});
  add("16.1.6", "client_max_window_bits=8, the smallest.", name + "; client_max_window_bits=8",
      {{.clientMaxWindowBits = 8}});
  add("16.1.7", "server_no_context_takeover.", name + "; server_no_context_takeover",
      {{.serverNoContextTakeover = true}});
  add("16.1.8", "client_no_context_takeover.", name + "; client_no_context_takeover",
      {{.clientNoContextTakeover = true}});
  add("16.1.9", "All four parameters.",
      name +
          "; client_max_window_bits=11; server_no_context_takeover; server_max_window_bits=12; "
          "client_no_context_takeover",
      {{.serverNoContextTakeover = true, .serverMaxWindowBits = 12, .clientMaxWindowBits = 11}});
  add("16.1.10", "server_max_window_bits=\"10\": a quoted value is the same value (RFC 6455, 9.1).",
      name + "; server_max_window_bits=\"10\"", {{.serverMaxWindowBits = 10}});
  add("16.1.11", "Two offers, the second without parameters.",
      name + "; server_max_window_bits=9; server_no_context_takeover, permessage-deflate",
      {{.serverNoContextTakeover = true, .serverMaxWindowBits = 9}, {}});
  add("16.1.12", "Two offers, of which the first has an unknown parameter: the second is left.",
      name + "; x_wstest=1, permessage-deflate", {{}}, kRecommended);
  add("16.1.13", "An unknown extension is preferred to permessage-deflate.",
      kHeader + "x-wstest; a, permessage-deflate", {{}}, kRecommended);
  add("16.1.14", "Two lines, the first with an unknown extension.", kHeader + "x-wstest\r\n" + name, {{}},
      kRecommended);
  add("16.1.15", "permessage-deflate is written in capitals.", kHeader + "PERMESSAGE-DEFLATE", {{}},
      kInformational);
}

void addInvalidOffers(Catalog& catalog) {
  catalog.group("16.2", "Offers that a server must decline");
  int number = 0;
  for (const auto& [parameters, why] : std::vector<std::pair<std::string, std::string>>{
           {"x_wstest", "nobody knows this parameter"},
           {"x_wstest=10", "nobody knows this parameter"},
           {"server_no_context_takeover; server_no_context_takeover", "the parameter comes twice"},
           {"server_max_window_bits=10; server_max_window_bits=10", "the parameter comes twice"},
           {"client_max_window_bits; client_max_window_bits=10", "the parameter comes twice"},
           {"server_no_context_takeover=true", "the parameter has no value"},
           {"client_no_context_takeover=1", "the parameter has no value"},
           {"server_max_window_bits", "the parameter needs a value"},
           {"server_max_window_bits=7", "8 is the least"},
           {"server_max_window_bits=16", "15 is the most"},
           {"server_max_window_bits=0", "8 is the least"},
           {"server_max_window_bits=08", "there may be no leading zero"},
           {"server_max_window_bits=abc", "this is no number"},
           {"server_max_window_bits=-10", "this is no number without a sign"},
           {"server_max_window_bits=1000000000000000000000", "15 is the most"},
           {"client_max_window_bits=7", "8 is the least"},
           {"client_max_window_bits=16", "15 is the most"},
           {"client_max_window_bits=010", "there may be no leading zero"},
           {"client_max_window_bits=abc", "this is no number"},
       }) {
    catalog.add("16.2." + std::to_string(++number), parameters + ": " + why + ".",
                "The server accepts the connection, without permessage-deflate.", "RFC 7692, 7 and 7.1",
                [line = kHeader + "permessage-deflate; " + parameters](Exchange& x) { offer(x, line, {}); });
  }
}

// --- 16.3 ---

/// The client's offer of permessage-deflate, when it made a valid one.
std::optional<DeflateParameters> offerOf(const Exchange& x) {
  for (const ExtensionText& each :
       parseExtensions(x.clientRequest().value("Sec-WebSocket-Extensions").value_or(""))) {
    auto parsed = each.name == "permessage-deflate" ? parseDeflate(each, true, nullptr) : std::nullopt;
    if (parsed) return parsed;
  }
  return std::nullopt;
}

/// What the client must have offered for the answer to mean what the case says.
enum class Needs : std::uint8_t { nothing, clientBits, noClientBits };

bool isGiven(const Exchange& x, Needs needs) {
  const auto offer = offerOf(x);
  if (!offer) return false;
  if (needs == Needs::nothing) return true;
  return (offer->clientMaxWindowBits != 0) == (needs == Needs::clientBits);
}

/// An answer has to keep to the offer: what the client demanded of us is added to what the case says.
/// Nothing when both do not go together.
std::optional<DeflateParameters> fitted(DeflateParameters answer, const DeflateParameters& offer) {
  answer.serverNoContextTakeover = answer.serverNoContextTakeover || offer.serverNoContextTakeover;
  if (answer.serverMaxWindowBits == 0) answer.serverMaxWindowBits = offer.serverMaxWindowBits;
  return answers(answer, offer) ? std::optional(answer) : std::nullopt;
}

/// `header` with the parameters that fitted() has added to `said`.
std::string completed(std::string header, const DeflateParameters& said, const DeflateParameters& fit) {
  if (fit.serverNoContextTakeover != said.serverNoContextTakeover) header += "; server_no_context_takeover";
  if (fit.serverMaxWindowBits != said.serverMaxWindowBits) {
    header += "; server_max_window_bits=" + std::to_string(fit.serverMaxWindowBits);
  }
  return header;
}

void acceptWith(Exchange& x, const std::string& header, const DeflateParameters& said) {
  const auto fit = fitted(said, offerOf(x).value_or(DeflateParameters{}));
  if (!fit) {
    if (x.open()) x.finish();
    return x.unimplemented("the client's offers do not allow for this case");
  }
  const std::string answer = completed(header, said, *fit);
  x.sendBytes(x.response({kHeader + answer}));
  x.setOpen(fit);
  const std::string problem = echoesProblem(x);
  if (!problem.empty()) return x.fail("after '" + answer + "', " + problem);
  x.finish();
  x.pass("the client accepts '" + answer + "', and its echoes fit it");
}

void addAnswer(Catalog& catalog, const std::string& id, const std::string& description,
               const std::string& header, Needs needs, std::optional<DeflateParameters> agreed,
               Strictness strictness = kRequired) {
  const auto run = [header, needs, agreed](Exchange& x) {
    if (!isGiven(x, needs)) {
      if (x.open()) x.finish();
      return x.unimplemented("the client's offers do not allow for this case");
    }
    agreed ? acceptWith(x, header, *agreed) : expectNotOpened(x, x.response({kHeader + header}));
  };
  const std::string expectation =
      agreed ? "The client is connected; its echoes fit what was agreed on."
             : "The client fails the connection: it ends TCP without having sent a frame.";
  catalog.add(id, description, expectation, "RFC 7692, 7 and 7.1", run).strictness = strictness;
}

void inspectOffers(Exchange& x) {
  std::string problem;
  int count = 0;
  for (const ExtensionText& each :
       parseExtensions(x.clientRequest().value("Sec-WebSocket-Extensions").value_or(""))) {
    if (each.name != "permessage-deflate" || !problem.empty()) continue;
    ++count;
    parseDeflate(each, true, &problem);
  }
  if (x.open()) x.finish();
  if (!problem.empty()) return x.fail("the client's offer: " + problem);
  count == 0 ? x.unimplemented("the client does not offer permessage-deflate")
             : x.pass("the client's offers are valid");
}

void addAnswers(Catalog& catalog) {
  catalog.group("16.3", "Answers to a client");
  const std::string name = "permessage-deflate";
  catalog.add("16.3.1", "The client's offers of permessage-deflate.",
              "Known parameters, each once, with valid values.", "RFC 7692, 7 and 7.1", inspectOffers);
  addAnswer(catalog, "16.3.2", "permessage-deflate without parameters.", name, Needs::nothing,
            DeflateParameters{});
  addAnswer(catalog, "16.3.3", "server_no_context_takeover, which servers may say unasked.",
            name + "; server_no_context_takeover", Needs::nothing,
            DeflateParameters{.serverNoContextTakeover = true});
  addAnswer(catalog, "16.3.4", "client_no_context_takeover, which servers may say unasked.",
            name + "; client_no_context_takeover", Needs::nothing,
            DeflateParameters{.clientNoContextTakeover = true});
  addAnswer(catalog, "16.3.5", "server_max_window_bits=9, which servers may say unasked.",
            name + "; server_max_window_bits=9", Needs::nothing, DeflateParameters{.serverMaxWindowBits = 9});
  addAnswer(catalog, "16.3.6",
            "client_max_window_bits=9, to a client that offered it: its windows must be that small.",
            name + "; client_max_window_bits=9", Needs::clientBits,
            DeflateParameters{.clientMaxWindowBits = 9});
  addAnswer(catalog, "16.3.7",
            "server_max_window_bits=\"10\": a quoted value is the same value (RFC 6455, 9.1).",
            name + "; server_max_window_bits=\"10\"", Needs::nothing,
            DeflateParameters{.serverMaxWindowBits = 10}, kRecommended);
  addAnswer(catalog, "16.3.8", "client_max_window_bits=10, to a client that did not offer it.",
            name + "; client_max_window_bits=10", Needs::noClientBits, {});
  int number = 8;
  for (const char* parameters :
       {"x_wstest", "x_wstest=10", "server_no_context_takeover; server_no_context_takeover",
        "server_max_window_bits=10; server_max_window_bits=10", "server_no_context_takeover=true",
        "client_no_context_takeover=1", "server_max_window_bits", "server_max_window_bits=7",
        "server_max_window_bits=16", "server_max_window_bits=08", "server_max_window_bits=abc",
        "client_max_window_bits", "client_max_window_bits=7", "client_max_window_bits=16",
        "client_max_window_bits=09"}) {
    addAnswer(catalog, "16.3." + std::to_string(++number),
              std::string("An invalid answer: ") + parameters + ".", name + "; " + parameters, Needs::nothing,
              {});
  }
  addAnswer(catalog, "16.3.24", "permessage-deflate, and an extension that nobody offered.",
            name + ", x-wstest", Needs::nothing, {});
  addAnswer(catalog, "16.3.25", "permessage-deflate twice: both would use the same bit.", name + ", " + name,
            Needs::nothing, {}, kRecommended);
}

}  // namespace

std::string letters(std::size_t period, std::size_t size) {
  std::string out;
  std::uint32_t state = 2463534242U;
  for (std::size_t i = 0; i < size; ++i) {
    if (i >= period) {
      out += out[i - period];
      continue;
    }
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    out += static_cast<char>('!' + state % 94);
  }
  return out;
}

void addDeflateNegotiation(Catalog& catalog) {
  const std::size_t before = catalog.cases.size();
  catalog.group("16", "permessage-deflate: negotiation and hostile streams");
  addValidOffers(catalog);
  addInvalidOffers(catalog);
  for (std::size_t i = before; i < catalog.cases.size(); ++i) catalog.cases[i].tests = Tests::servers;
  const std::size_t between = catalog.cases.size();
  addAnswers(catalog);
  for (std::size_t i = between; i < catalog.cases.size(); ++i) catalog.cases[i].tests = Tests::clients;
  for (std::size_t i = before; i < catalog.cases.size(); ++i) catalog.cases[i].opening = Opening::byCase;
  addDeflateStreams(catalog);
}

}  // namespace wstest
