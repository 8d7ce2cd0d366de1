// The opening handshake as an application does it: what is accepted from a peer, and in which words it is
// not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "cases/beyond.hpp"
#include "cases/testing.hpp"

namespace wstest {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

using Offers = std::vector<DeflateParameters>;

/// A right response but for `bend`, to a request with `offers`.
struct Answered {
  std::function<std::string(const std::string&)> bend;
  Offers offers;
  std::string problem;  ///< empty: accepted
};

Answered extension(const std::string& value, Offers offers, std::string problem) {
  return {[value](const std::string& right) { return withLine(right, "Sec-WebSocket-Extensions: " + value); },
          std::move(offers), std::move(problem)};
}

const std::vector<Answered>& answered() {
  const auto without = [](std::string name) {
    return [name](const std::string& right) { return withoutHeader(right, name); };
  };
  const auto plus = [](std::string line) {
    return [line](const std::string& right) { return withLine(right, line); };
  };
  const Offers kPlain = {{}}, kBits = {{.serverMaxWindowBits = 10}},
               kNoTakeover = {{.serverNoContextTakeover = true}};
  const std::string kNone = "answers none of the offers";
  static const std::vector<Answered> kAll = {
      {[](const std::string& right) { return right; }, {}, ""},
      {[](const std::string& right) { return withStartLine(right, "HTTP/1.1 200 OK"); }, {}, "not 101"},
      {[](const std::string& right) { return withStartLine(right, "HTTP/1.0 101 Yes"); }, {}, "not 101"},
      {without("Upgrade"), {}, "lacks Upgrade"},
      {without("Connection"), {}, "lacks Connection"},
      {without("Sec-WebSocket-Accept"), {}, "Sec-WebSocket-Accept is wrong"},
      {plus("Sec-WebSocket-Accept: x"), {}, "Sec-WebSocket-Accept is wrong"},
      {plus("Sec-WebSocket-Protocol: x"), {}, "which was not offered"},
      extension("permessage-deflate", {}, "an extension that was not offered"),
      extension("x-other", kPlain, "an extension that was not offered"),
      extension("permessage-deflate, permessage-deflate", kPlain, "an extension that was not offered"),
      extension("permessage-deflate; x", kPlain, "parameter x is not valid"),
      extension("permessage-deflate", kPlain, ""),
      extension("permessage-deflate; server_max_window_bits=9", kPlain, ""),
      extension("permessage-deflate; client_max_window_bits=9", kPlain, kNone),
      extension("permessage-deflate; client_max_window_bits=9", {{.clientMaxWindowBits = -1}}, ""),
      extension("permessage-deflate; client_max_window_bits=11", {{.clientMaxWindowBits = 10}}, kNone),
      extension("permessage-deflate", kBits, kNone),
      extension("permessage-deflate; server_max_window_bits=11", kBits, kNone),
      extension("permessage-deflate; server_max_window_bits=9", kBits, ""),
      extension("permessage-deflate", kNoTakeover, kNone),
      extension("permessage-deflate; server_no_context_takeover", kNoTakeover, ""),
      // Without the parameter the window is the same.
      extension("permessage-deflate", {{.serverMaxWindowBits = 15}}, ""),
      extension("permessage-deflate", {{.serverMaxWindowBits = 9}, {}}, ""),
  };
  return kAll;
}

TEST(OpeningAsClient, TakesWhatAnswersTheRequest) {
  int row = 0;
  for (const Answered& each : answered()) {
    SCOPED_TRACE(row++);
    Scene scene(Peer::server);
    const std::string right =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        acceptFor(scene.x().key()) + "\r\n\r\n";
    scene.says(each.bend(right));
    EXPECT_EQ(scene.x().open(each.offers), each.problem.empty()) << scene.x().violation();
    EXPECT_THAT(scene.x().violation(), HasSubstr(each.problem));
    if (!each.problem.empty()) {
      EXPECT_EQ(scene.x().takeResult().verdict.resultClose, "The connection was never open");
    }
  }
}

TEST(OpeningAsClient, TellsSilenceFromAnEnd) {
  Scene silent(Peer::server, impatient());
  EXPECT_FALSE(silent.x().open());
  EXPECT_EQ(silent.x().violation(), "the server did not answer the opening handshake");
  Scene gone(Peer::server);
  gone.ends();
  EXPECT_FALSE(gone.x().open());
  EXPECT_EQ(gone.x().violation(),
            "the server ended the connection instead of answering the opening handshake");
}

const std::string kRequest =
    "GET /runCase HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

TEST(OpeningAsServer, RefusesRequestsThatAreNone) {
  for (const auto& [request, problem] : std::vector<std::pair<std::string, std::string>>{
           {kRequest, ""},
           {replaced(kRequest, "GET", "PUT"), "no GET of HTTP/1.1"},
           {replaced(kRequest, "HTTP/1.1", "HTTP/1.0"), "no GET of HTTP/1.1"},
           {withoutHeader(kRequest, "Upgrade"), "lacks Upgrade"},
           {withoutHeader(kRequest, "Connection"), "lacks Connection"},
           {withHeader(kRequest, "Sec-WebSocket-Version", "8"), "not 13"},
           {withLine(kRequest, "Sec-WebSocket-Version: 13"), "not 13"},
           {withoutHeader(kRequest, "Sec-WebSocket-Key"), "not one Sec-WebSocket-Key"},
       }) {
    Scene scene(Peer::client, patient(), request);
    EXPECT_EQ(scene.x().open(), problem.empty()) << request;
    EXPECT_THAT(scene.x().violation(), HasSubstr(problem));
    if (problem.empty()) {
      EXPECT_THAT(scene.heard(), HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    }
  }
}

/// What a server answers that would like to have `wanted`; written from the client's side, as in groups
/// 12, 13.
TEST(OpeningAsServer, AgreesOnWhatTheOffersAllow) {
  struct Row {
    std::string offers;
    Offers wanted;
    std::string answer;  ///< empty: no extension
  };
  const std::string name = "permessage-deflate", kClientBits = "; client_max_window_bits";
  for (const auto& [offers, wanted, answer] : std::vector<Row>{
           {name, {}, ""},
           {"", {{}}, ""},
           {"x-other", {{}}, ""},
           {name + "; x", {{}}, ""},
           {name, {{}}, name},
           {name + "; x, " + name, {{}}, name},
           {name, {{.serverNoContextTakeover = true}}, name + "; client_no_context_takeover"},
           {name, {{.serverMaxWindowBits = 9}}, ""},
           {name, {{.serverMaxWindowBits = 9}, {}}, name},
           {name + kClientBits, {{.serverMaxWindowBits = 9}}, name + kClientBits + "=9"},
           {name + kClientBits + "=9", {{.serverMaxWindowBits = 15}}, name + kClientBits + "=9"},
           {name + "; server_no_context_takeover; server_max_window_bits=10",
            {{}},
            name + "; server_no_context_takeover; server_max_window_bits=10"},
       }) {
    SCOPED_TRACE(offers);
    const std::string request =
        offers.empty() ? kRequest : withLine(kRequest, "Sec-WebSocket-Extensions: " + offers);
    Scene scene(Peer::client, patient(), request);
    ASSERT_TRUE(scene.x().open(wanted));
    EXPECT_EQ(scene.x().deflate() ? scene.x().deflate()->text() : "", answer);
    const std::string line = "Sec-WebSocket-Extensions: " + answer + "\r\n";
    const std::string heard = scene.heard();
    if (answer.empty()) {
      EXPECT_THAT(heard, Not(HasSubstr("Extensions")));
    } else {
      EXPECT_THAT(heard, HasSubstr(line));
    }
  }
}

TEST(OpeningAsServer, ChoosesTheClientsFirstSubprotocolThatItSpeaks) {
  Scene scene(Peer::client, patient(), withLine(kRequest, "Sec-WebSocket-Protocol: a, b, c"));
  scene.x().speak({"c", "b"});
  EXPECT_TRUE(scene.x().open());
  EXPECT_THAT(scene.heard(), HasSubstr("Sec-WebSocket-Protocol: b\r\n"));
}

}  // namespace
}  // namespace wstest
