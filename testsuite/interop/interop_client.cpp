// Our client against a foreign echo server: sends messages of all sizes and kinds, compares every echo,
// closes. Prints a line for each case; exit status 0 when everything was right. The foreign servers
// understand two commands besides (exchange.py): "!cuts:TEXT" and "!close".
#include <CLI/CLI.hpp>
#include <array>
#include <autobahn/websocket/client.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace autobahn;
using namespace autobahn::websocket;

// Characters of one to four octets, with the first and last of most lengths (RFC 3629).
constexpr std::string_view kCutText =
    "a\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80z\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f"
    "\xbf\xbf";
constexpr std::array<std::size_t, 8> kSizes{0, 1, 125, 126, 65535, 65536, 1U << 20U, 1U << 24U};
constexpr std::uint16_t kServersCloseCode = 3000;
constexpr std::string_view kServersCloseReason = "fertig \xe2\x80\x93 ende";

struct Arguments {
  std::string url;
  std::string ca;
  bool deflate = false;
  bool serverCloses = false;
  std::size_t maxSize = 16 * 1024 * 1024;
  // permessage-deflate: what is offered, and what our own side keeps to
  bool hintNoTakeover = false;
  bool requestNoTakeover = false;
  int requestWindow = 0;
  bool noTakeover = false;
  int window = 0;
};

/// One case: what is sent, and what must come back how often.
struct Case {
  std::string name;
  std::function<void(WebSocketProtocol&)> send;
  std::string echo;
  bool isBinary = false;
  std::size_t echoes = 1;
  std::size_t pings = 0;  ///< sent with it; answered before the echo, since servers answer in order
};

/// Octets of which a quarter does not compress.
std::string binary(std::size_t size) {
  std::string octets(size, '\0');
  std::uint32_t state = 0x9E3779B9U ^ static_cast<std::uint32_t>(size);
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1664525U + 1013904223U;
    octets[i] = static_cast<char>((i & 0x3000U) == 0 ? state >> 24U : i);
  }
  return octets;
}

/// Text of `size` octets, most of them parts of longer characters.
std::string text(std::size_t size) {
  std::string result;
  result.reserve(size);
  while (result.size() + kCutText.size() <= size) result += kCutText;
  result.append(size - result.size(), '.');
  return result;
}

using Pieces = std::vector<std::string>;

Case fragmented(std::string name, Pieces pieces, bool isBinary) {
  Case result;
  result.name = std::move(name);
  for (const auto& piece : pieces) result.echo += piece;
  result.isBinary = isBinary;
  result.pings = pieces.size() - 1;
  result.send = [pieces = std::move(pieces), isBinary](WebSocketProtocol& connection) {
    connection.beginMessage(isBinary);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (i > 0) connection.sendPing("between");
      connection.sendMessageFrame(pieces[i]);
    }
    connection.endMessage();
  };
  return result;
}

void addSizes(std::vector<Case>& cases, std::size_t maxSize) {
  for (const std::size_t size : kSizes) {
    if (size > maxSize) continue;
    for (const bool isBinary : {true, false}) {
      Case each;
      each.name = std::to_string(size) + (isBinary ? " bytes binary" : " bytes text");
      each.echo = isBinary ? binary(size) : text(size);
      each.isBinary = isBinary;
      each.send = [payload = each.echo, isBinary](WebSocketProtocol& connection) {
        connection.sendMessage(std::string_view(payload), isBinary);
      };
      cases.push_back(std::move(each));
    }
  }
}

void addCuts(std::vector<Case>& cases) {
  Pieces octets;
  for (std::size_t i = 0; i <= kCutText.size(); ++i) {
    cases.push_back(fragmented("text cut at " + std::to_string(i),
                               {std::string(kCutText.substr(0, i)), std::string(kCutText.substr(i))}, false));
    if (i < kCutText.size()) octets.emplace_back(1, kCutText[i]);
  }
  cases.push_back(fragmented("text byte by byte", std::move(octets), false));
  const std::string blob = binary(65536);
  cases.push_back(fragmented("binary in frames",
                             {blob.substr(0, 1), "", blob.substr(1, 40000), blob.substr(40001)}, true));

  Case received;
  received.name = "text cut at every byte by the server";
  received.echo = kCutText;
  received.echoes = kCutText.size() + 2;
  received.send = [](WebSocketProtocol& connection) {
    connection.sendMessage("!cuts:" + std::string(kCutText));
  };
  cases.push_back(std::move(received));

  Case autoFragmented;
  autoFragmented.name = "65536 bytes in frames of 1000";
  autoFragmented.echo = text(65536);
  autoFragmented.send = [payload = autoFragmented.echo](WebSocketProtocol& connection) {
    SendOptions options;
    options.fragmentSize = 1000;
    connection.sendMessage(std::string_view(payload), false, options);
  };
  cases.push_back(std::move(autoFragmented));

  Case uncompressed;
  uncompressed.name = "1000 bytes not compressed";
  uncompressed.echo = text(1000);
  uncompressed.send = [payload = uncompressed.echo](WebSocketProtocol& connection) {
    SendOptions options;
    options.doNotCompress = true;
    connection.sendMessage(std::string_view(payload), false, options);
  };
  cases.push_back(std::move(uncompressed));
}

/// As the value of Sec-WebSocket-Extensions would say it.
std::string describe(const std::optional<PerMessageDeflateParameters>& agreed) {
  if (!agreed) return "";
  std::string result = "permessage-deflate";
  if (agreed->serverNoContextTakeover) result += "; server_no_context_takeover";
  if (agreed->clientNoContextTakeover) result += "; client_no_context_takeover";
  result += "; server_max_window_bits=" + std::to_string(agreed->serverMaxWindowBits);
  result += "; client_max_window_bits=" + std::to_string(agreed->clientMaxWindowBits);
  return result;
}

/// Goes through the cases, one after the other.
class Walker : public WebSocketClientProtocol {
 public:
  Walker(const Arguments* arguments, const std::vector<Case>* cases, bool* isGood)
      : arguments_(*arguments), cases_(*cases), isGood_(*isGood) {}

  void onOpen() override {
    std::cout << "negotiated: " << describe(compression()) << std::endl;
    if (compression().has_value() != arguments_.deflate) return fail("compression is not as asked for");
    next();
  }

  void onMessage(std::string_view payload, bool isBinary) override {
    if (current_ >= cases_.size()) return fail("a message that nobody asked for");
    const Case& expected = cases_[current_];
    if (isBinary != expected.isBinary)
      return fail(expected.name + ": text instead of binary, or binary of text");
    if (payload != expected.echo) return fail(expected.name + ": came back different");
    if (pongs_ < expected.pings)
      return fail(expected.name + ": pings between frames were not answered in time");
    if (++echoes_ < expected.echoes) return;
    std::cout << "ok " << expected.name << std::endl;
    ++current_;
    next();
  }

  void onPong(std::string_view payload) override {
    if (payload != "between") return fail("a pong with a wrong payload");
    ++pongs_;
  }

  void onClose(bool wasClean, std::uint16_t code, const std::string& reason) override {
    const std::uint16_t expected = arguments_.serverCloses ? kServersCloseCode : std::uint16_t{1000};
    const bool isReason = !arguments_.serverCloses || reason == kServersCloseReason;
    std::cout << "closed: " << code << " '" << reason << "'" << (wasClean ? "" : " not cleanly") << std::endl;
    if (!wasClean || code != expected || !isReason)
      std::cout << "FAIL: closed otherwise than expected" << std::endl;
    isGood_ = wasClean && code == expected && isReason && current_ == cases_.size() && !hasFailed_;
  }

 private:
  void next() {
    echoes_ = 0;
    pongs_ = 0;
    if (current_ < cases_.size()) {
      cases_[current_].send(*this);
    } else if (!isCompressed()) {
      fail("compression was agreed on, but what went over the wire is not smaller");
    } else if (arguments_.serverCloses) {
      sendMessage("!close");
    } else {
      sendClose(CloseCode::normal, "done");
    }
  }

  /// Smaller on the wire, both ways, when compression was agreed on.
  bool isCompressed() const {
    const TrafficStats stats = trafficStats();
    std::cout << "compression ratio: out " << stats.outgoingCompressionRatio() << ", in "
              << stats.incomingCompressionRatio() << std::endl;
    if (!arguments_.deflate || arguments_.maxSize < 65536) return true;
    return stats.outgoingCompressionRatio() < 0.9 && stats.incomingCompressionRatio() < 0.9;
  }

  void fail(const std::string& what) {
    std::cout << "FAIL: " << what << std::endl;
    hasFailed_ = true;
    dropConnection(true);
  }

  const Arguments& arguments_;
  const std::vector<Case>& cases_;
  bool& isGood_;
  std::size_t current_ = 0;
  std::size_t echoes_ = 0;
  std::size_t pongs_ = 0;
  bool hasFailed_ = false;
};

ClientOptions optionsFor(const Arguments& arguments) {
  ClientOptions options;
  options.maxMessagePayloadSize = 0;
  options.failByDrop = false;
  options.closeHandshakeTimeout = std::chrono::seconds(10);
  options.serverConnectionDropTimeout = std::chrono::seconds(10);
  if (!arguments.deflate) return options;
  PerMessageDeflateOffer offer;
  offer.acceptNoContextTakeover = arguments.hintNoTakeover;
  offer.requestNoContextTakeover = arguments.requestNoTakeover;
  offer.requestMaxWindowBits = arguments.requestWindow;
  offer.clientMaxWindowBits = arguments.window;
  options.perMessageCompressionOffers = {offer};
  options.perMessageCompressionAccept = [arguments](const PerMessageDeflateResponse& response) {
    PerMessageDeflateResponseAccept accept;
    accept.response = response;
    if (arguments.noTakeover) accept.noContextTakeover = true;
    return std::optional(accept);
  };
  return options;
}

bool walk(const Arguments& arguments) {
  std::vector<Case> cases;
  addSizes(cases, arguments.maxSize);
  addCuts(cases);
  bool isGood = false;
  WebSocketClientFactory factory(arguments.url);
  factory.setProtocol<Walker>(&arguments, &cases, &isGood);
  factory.setProtocolOptions(optionsFor(arguments));
  ConnectOptions connect;
  if (!arguments.ca.empty()) {
    connect.tls.emplace();
    connect.tls->caFile = arguments.ca;
  }
  factory.connect(connect);
  factory.run();
  return isGood;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Our client against a foreign echo server: sends all sizes and kinds, compares the echoes");
  app.add_option("--url", arguments.url, "of the server")->required();
  app.add_option("--ca", arguments.ca, "trust the certificate authorities in this file (PEM)");
  app.add_option("--deflate", arguments.deflate, "permessage-deflate: on or off");
  app.add_flag("--server-closes", arguments.serverCloses, "have the server start the closing handshake");
  app.add_option("--max-size", arguments.maxSize, "leave out longer messages");
  app.add_flag("--hint-no-takeover", arguments.hintNoTakeover, "offer client_no_context_takeover");
  app.add_flag("--request-no-takeover", arguments.requestNoTakeover, "offer server_no_context_takeover");
  app.add_option("--request-window", arguments.requestWindow, "offer server_max_window_bits");
  app.add_flag("--no-takeover", arguments.noTakeover, "our own messages take no context over");
  app.add_option("--window", arguments.window, "offer client_max_window_bits with this value");
  CLI11_PARSE(app, argc, argv);
  try {
    return walk(arguments) ? 0 : 1;
  } catch (const std::exception& error) {
    std::cout << "FAIL: " << error.what() << std::endl;
    return 2;
  }
}
