#include <gtest/gtest.h>

#include <autobahn/websocket/http.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace autobahn::websocket::http {
namespace {

// How `text` is cut: 0 = whole, 1 = byte by byte, otherwise the seed of random cuts.
template <typename Parser>
ParseStatus feedCut(Parser& parser, std::string_view text, unsigned cut, std::string* rest = nullptr) {
  std::mt19937 random(cut);
  ParseStatus status = ParseStatus::partial;
  while (!text.empty() && status == ParseStatus::partial) {
    const std::size_t size = cut == 0 ? text.size() : cut == 1 ? 1 : 1 + random() % 40;
    std::string_view piece = text.substr(0, size);
    const std::size_t given = piece.size();
    status = parser.feed(piece);
    text.remove_prefix(given - piece.size());
    if (status == ParseStatus::partial) {
      EXPECT_TRUE(piece.empty());
    }
  }
  if (rest != nullptr) *rest = text;
  return status;
}

constexpr unsigned kCuts = 8;

Request parseRequest(const std::string& text, const std::string& behind = "") {
  Request request;
  for (unsigned cut = 0; cut < kCuts; ++cut) {
    RequestParser parser;
    EXPECT_FALSE(parser.started());
    std::string rest;
    EXPECT_EQ(feedCut(parser, text + behind, cut, &rest), ParseStatus::complete)
        << text << parser.error().reason << " cut " << cut;
    EXPECT_TRUE(parser.started());
    EXPECT_TRUE(parser.headComplete());
    EXPECT_EQ(rest, behind);
    request = parser.request();
  }
  return request;
}

void expectBad(const std::string& text, int status, const std::string& reason, Limits limits = {}) {
  for (unsigned cut = 0; cut < kCuts; ++cut) {
    RequestParser parser(limits);
    EXPECT_EQ(feedCut(parser, text, cut), ParseStatus::bad) << text << " cut " << cut;
    EXPECT_EQ(parser.error().status, status) << text << " cut " << cut;
    EXPECT_NE(parser.error().reason.find(reason), std::string::npos)
        << parser.error().reason << " for " << text;
    std::string_view more = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    EXPECT_EQ(parser.feed(more), ParseStatus::bad) << "bad stays bad";
  }
}

TEST(RequestParser, ParsesAHead) {
  const Request request = parseRequest(
      "GET /a%20b?c=d+e%26&f HTTP/1.1\r\nHost: example.com:81\r\nX-A: \t one  \r\nx-a: "
      "caf\xe9\r\nEmpty:\r\n\r\n",
      "behind");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/a%20b?c=d+e%26&f");
  EXPECT_EQ(request.path(), "/a b");
  EXPECT_EQ(request.query(), "c=d+e%26&f");
  EXPECT_EQ(request.minorVersion, 1);
  EXPECT_TRUE(request.keepAlive);
  EXPECT_EQ(request.headers.get("HOST"), "example.com:81");
  EXPECT_EQ(request.headers.joined("X-A"), "one, caf\xe9");
  EXPECT_TRUE(request.headers.contains("empty"));
  EXPECT_EQ(request.headers.size(), 4U);
}

TEST(RequestParser, HigherMinorVersionsAreReadAs11) {
  EXPECT_EQ(parseRequest("GET / HTTP/1.2\r\nHost: a\r\n\r\n", "").minorVersion, 1);
  EXPECT_EQ(parseRequest("GET / HTTP/1.9\r\nHost: a\r\n\r\n", "").minorVersion, 1);
}

TEST(RequestParser, KeepAlive) {
  const struct {
    std::string version, connection;
    bool keepAlive;
  } cases[] = {
      {"1.1", "", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: foo, Close\r\n", false},
      {"1.1", "Connection: foo\r\nConnection: close\r\n", false},
      {"1.0", "", false},
      {"1.0", "Connection: Keep-Alive\r\n", true},
      {"1.0", "Connection: keep-alive, close\r\n", false},
  };
  for (const auto& c : cases) {
    const Request request =
        parseRequest("GET / HTTP/" + c.version + "\r\nHost: a\r\n" + c.connection + "\r\n");
    EXPECT_EQ(request.keepAlive, c.keepAlive) << c.version << c.connection;
  }
}

TEST(RequestParser, Targets) {
  const struct {
    std::string line, target;
  } good[] = {
      {"GET / HTTP/1.1", "/"},         {"GET http://h/x?y HTTP/1.1", "/x?y"},
      {"GET WS://H HTTP/1.1", "/"},    {"GET https://h?q HTTP/1.1", "/?q"},
      {"OPTIONS * HTTP/1.1", "*"},     {"CONNECT h:80 HTTP/1.1", "h:80"},
      {"GET //x|y HTTP/1.1", "//x|y"},
  };
  for (const auto& c : good)
    EXPECT_EQ(parseRequest(c.line + "\r\nHost: h\r\n\r\n").target, c.target) << c.line;
  for (const std::string line :
       {"GET /#f HTTP/1.1", "GET * HTTP/1.1", "GET h:80 HTTP/1.1", "GET x HTTP/1.1", "GET ftp://h/ HTTP/1.1",
        "GET http:///x HTTP/1.1", "GET http://u@h/ HTTP/1.1", "GET http://other/ HTTP/1.1",
        "CONNECT h HTTP/1.1", "CONNECT / HTTP/1.1", "CONNECT h:0 HTTP/1.1", "GET /a b HTTP/1.1",
        "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET /\xc3\xa9 HTTP/1.1", "GET /\x01 HTTP/1.1",
        "GET /\t HTTP/1.1", "GET http://h:99999/ HTTP/1.1"}) {
    expectBad(line + "\r\nHost: h\r\n\r\n", 400, "");
  }
}

TEST(RequestParser, RefusesBadHeads) {
  const struct {
    std::string text;
    int status;
    std::string reason;
  } cases[] = {
      {"GET\r\n\r\n", 400, "request line"},
      {"GET /\r\n\r\n", 400, "request line"},
      {"G(T / HTTP/1.1\r\n\r\n", 400, "method"},
      {"GET / HTTP/1.1 \r\n\r\n", 400, "version"},
      {"GET / http/1.1\r\n\r\n", 400, "version"},
      {"GET / HTTP/1.10\r\n\r\n", 400, "version"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version"},
      {"GET / HTTP/0.9\r\n\r\n", 505, "version"},
      {"\x16\x03\x01", 400, "not HTTP"},
      {" GET / HTTP/1.1\r\n", 400, "not HTTP"},
      {"\r\n\r\nGET / HTTP/1.1\r\n", 400, "request line"},
      {"GET / HTTP/1.1\nHost: a\n\n", 400, "LF without CR"},
      {"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400, "LF without CR"},
      {"GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400, "control character"},
      {"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400, "control character"},
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\r\n", 400, "colon"},
      {std::string("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29), 400, "control character"},
      {"GET / HTTP/1.1\r\nHost: a\x7f\r\n\r\n", 400, "control character"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400, "folded"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", 400, "folded"},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "folded"},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "token"},
      {"GET / HTTP/1.1\r\nH\xe9: a\r\n\r\n", 400, "token"},
      {"GET / HTTP/1.1\r\n: a\r\n\r\n", 400, "token"},
      {"GET / HTTP/1.1\r\nHost a\r\n\r\n", 400, "colon"},
      {"GET / HTTP/1.1\r\n\r\n", 400, "no Host"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHOST: a\r\n\r\n", 400, "more than one Host"},
  };
  for (const auto& c : cases) expectBad(c.text, c.status, c.reason);
}

TEST(RequestParser, PassesOverOneEmptyLineBeforeARequest) {
  EXPECT_EQ(parseRequest("\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n").target, "/x");
}

TEST(RequestParser, LimitsTheHead) {
  Limits limits;
  limits.maxHeadSize = 64;
  limits.maxHeaders = 3;
  expectBad("GET /" + std::string(60, 'x'), 414, "start line", limits);
  expectBad("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(60, 'x'), 431, "head", limits);
  expectBad("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\nC:\r\n\r\n", 431, "more than 3 header fields", limits);
  const std::string fits = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(32, 'x') + "\r\n\r\n";
  ASSERT_EQ(fits.size(), 64U);
  for (unsigned cut = 0; cut < kCuts; ++cut) {
    RequestParser parser(limits);
    EXPECT_EQ(feedCut(parser, fits, cut), ParseStatus::complete);
  }
  limits.maxHeadSize = 63;
  expectBad(fits, 431, "head is larger than 63 bytes", limits);
}

TEST(RequestParser, BodyByLength) {
  const Request request =
      parseRequest("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "GET /");
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(parseRequest("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "x").body, "");
}

TEST(RequestParser, BodyInChunks) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n";
  const Request request = parseRequest(
      head + "5\r\nhello\r\n09 ;ext=\"x\"\r\n\r\n world!\r\n0\r\nTrailer: dropped\r\n\r\n", "next");
  EXPECT_EQ(request.body, "hello\r\n world!");
  EXPECT_FALSE(request.headers.contains("Trailer"));
  const struct {
    std::string chunks;
    int status;
  } bad[] = {
      {"\r\n", 400},
      {"-1\r\n", 400},
      {"+1\r\n", 400},
      {"0x1\r\n", 400},
      {"1 2\r\n", 400},
      {"5\nhello\r\n", 400},
      {"5\r\nhelloX\r\n", 400},
      {"5\r\nhello\n", 400},
      {"100001\r\n", 413},
      {"ffffffffffffffff\r\n", 413},
      {"10000000000000000\r\n", 400},
      {"1;a\x01\r\n", 400},
      {"1;" + std::string(300, 'x'), 400},
      {"0\r\nX : y\r\n", 400},
      {"0\r\nX: y\r\n z\r\n", 400},
      {"0\r\nX: " + std::string(20000, 'x'), 431},
  };
  for (const auto& c : bad) expectBad(head + c.chunks, c.status, "");
  std::string endless = head;
  for (int i = 0; i < 200; ++i) endless += "1;" + std::string(200, 'e') + "\r\nx\r\n";
  expectBad(endless, 431, "chunk extensions");
}

TEST(RequestParser, RefusesAmbiguousAndLargeBodies) {
  const struct {
    std::string fields;
    int status;
    std::string reason;
  } cases[] = {
      {"Content-Length: 1\r\nContent-Length: 1\r\n", 400, "more than one"},
      {"Content-Length: 1, 1\r\n", 400, "not a number"},
      {"Content-Length: +1\r\n", 400, "not a number"},
      {"Content-Length: -1\r\n", 400, "not a number"},
      {"Content-Length: 0x1\r\n", 400, "not a number"},
      {"Content-Length:\r\n", 400, "not a number"},
      {"Content-Length: 99999999999999999999\r\n", 400, "not a number"},
      {"Content-Length: 1048577\r\n", 413, "larger"},
      {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400, "together"},
      {"Transfer-Encoding: gzip\r\n", 501, "chunked"},
      {"Transfer-Encoding: gzip, chunked\r\n", 501, "chunked"},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 501, "chunked"},
      {"Upgrade: websocket\r\nContent-Length: 1\r\n", 400, "declares a body"},
      {"Upgrade: WebSocket\r\nContent-Length: 99999999\r\n", 400, "declares a body"},
      {"Upgrade: websocket\r\nTransfer-Encoding: chunked\r\n", 400, "declares a body"},
  };
  for (const auto& c : cases)
    expectBad("GET / HTTP/1.1\r\nHost: a\r\n" + c.fields + "\r\nx", c.status, c.reason);
  expectBad("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0");
  parseRequest("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n", "\x81");
}

TEST(RequestParser, ManyRequestsOnOneConnection) {
  const std::string text =
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n";
  RequestParser parser;
  std::string_view input = text;
  std::string log;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(parser.feed(input), ParseStatus::complete) << parser.error().reason;
    log += parser.request().target + '=' + parser.request().body + ' ';
    parser.reset();
    EXPECT_FALSE(parser.started());
  }
  EXPECT_TRUE(input.empty());
  EXPECT_EQ(log, "/1= /2=ab /3=c ");
}

struct Answer {
  std::string method;
  std::string text;
  int status;
  std::string body;
  bool keepAlive;
  bool needsFinish;
};

TEST(ResponseParser, Parses) {
  const Answer answers[] = {
      {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 200, "ab", true, false},
      {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab", 200, "ab", false, false},
      {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 200, "ab", true,
       false},
      {"GET", "HTTP/1.0 200 \r\n\r\nuntil the end", 200, "until the end", false, true},
      {"GET", "HTTP/1.1 403\r\n\r\n", 403, "", false, true},
      {"GET", "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n", 101, "", true, false},
      {"GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 N\r\n\r\n", 204,
       "", true, false},
      {"GET", "HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n", 304, "", true, false},
      {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 200, "", true, false},
      {"CONNECT", "HTTP/1.0 200 established\r\n\r\n", 200, "", false, false},
      {"CONNECT", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", 200, "", true, false},
      {"CONNECT", "HTTP/1.1 407 Auth\r\nContent-Length: 3\r\n\r\nno!", 407, "no!", true, false},
  };
  for (const Answer& answer : answers) {
    for (unsigned cut = 0; cut < kCuts; ++cut) {
      ResponseParser parser({}, answer.method);
      std::string rest;
      const std::string behind = answer.needsFinish ? "" : "behind";
      ParseStatus status = feedCut(parser, answer.text + behind, cut, &rest);
      EXPECT_EQ(status, answer.needsFinish ? ParseStatus::partial : ParseStatus::complete) << answer.text;
      if (answer.needsFinish) status = parser.finish();
      EXPECT_EQ(status, ParseStatus::complete);
      EXPECT_EQ(rest, behind);
      EXPECT_EQ(parser.response().status, answer.status);
      EXPECT_EQ(parser.response().body, answer.body);
      EXPECT_EQ(parser.response().keepAlive, answer.keepAlive) << answer.text;
    }
  }
}

TEST(ResponseParser, RefusesBadResponses) {
  const std::string cases[] = {
      "HTTP/2 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 +20 OK\r\n\r\n",
      "HTTP/1.1 099 X\r\n\r\n",
      "HTTP/1.1 600 X\r\n\r\n",
      "HTTP/1.1  200 OK\r\n\r\n",
      "RTSP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 200 O\x01\r\n\r\n",
      "HTTP/1.1 200 OK\n\n",
      "SSH-2.0-OpenSSH\r\n",
      "\x15\x03\x01",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n",
  };
  for (const std::string& text : cases) {
    for (unsigned cut = 0; cut < kCuts; ++cut) {
      ResponseParser parser;
      EXPECT_EQ(feedCut(parser, text, cut), ParseStatus::bad) << text;
      EXPECT_FALSE(parser.error().reason.empty());
      EXPECT_EQ(parser.finish(), ParseStatus::bad);
    }
  }
}

TEST(ResponseParser, TheEndOfTheConnectionMayCutAResponseShort) {
  for (const std::string text :
       {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"}) {
    ResponseParser parser;
    EXPECT_EQ(feedCut(parser, text, 0), ParseStatus::partial);
    EXPECT_EQ(parser.finish(), ParseStatus::bad) << text;
    EXPECT_NE(parser.error().reason.find(text.empty() ? "without a response" : "inside"), std::string::npos);
  }
}

TEST(ResponseParser, BoundsBodyAndInterimAnswers) {
  Limits limits;
  limits.maxBodySize = 10;
  limits.maxHeadSize = 200;
  for (const std::string& text : {"HTTP/1.1 500 X\r\n\r\n" + std::string(11, 'x'),
                                  std::string("HTTP/1.1 500 X\r\nContent-Length: 11\r\n\r\n")}) {
    for (unsigned cut = 0; cut < kCuts; ++cut) {
      ResponseParser parser(limits);
      EXPECT_EQ(feedCut(parser, text, cut), ParseStatus::bad);
      EXPECT_EQ(parser.error().status, 413);
      EXPECT_TRUE(parser.headComplete()) << "the status can be reported all the same";
      EXPECT_EQ(parser.response().status, 500);
    }
  }
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  ResponseParser parser(limits);
  EXPECT_EQ(feedCut(parser, interim, 0), ParseStatus::bad);
}

TEST(RequestParser, ALongHeadByteByByteTakesLinearTime) {
  // Parsing from the start of the head, or of the line, at every byte would not end within the test's time.
  Limits limits;
  limits.maxHeadSize = 4 << 20;
  RequestParser parser(limits);
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(2 << 20, 'x') + "\r\n\r\n";
  EXPECT_EQ(feedCut(parser, text, 1), ParseStatus::complete);
  EXPECT_EQ(parser.request().headers.get("X").size(), std::size_t{2} << 20U);
}

template <typename Parser>
std::string outcome(const std::string& text, unsigned cut) {
  Limits limits;
  limits.maxHeadSize = 300;
  limits.maxHeaders = 5;
  limits.maxBodySize = 40;
  Parser parser(limits);
  std::string rest;
  const ParseStatus status = feedCut(parser, text, cut, &rest);
  std::string result = std::to_string(static_cast<int>(status));
  if (status == ParseStatus::bad)
    return result + ' ' + std::to_string(parser.error().status) + parser.error().reason;
  if (status == ParseStatus::partial) return result;
  if constexpr (std::is_same_v<Parser, RequestParser>) {
    return result + serialize(parser.request()) + '|' + rest;
  } else {
    return result + parser.response().body + '|' + rest;
  }
}

// Valid messages, damaged at random: however they are cut, the outcome is the same.
template <typename Parser>
void compareCuts(const std::vector<std::string>& seeds) {
  constexpr std::string_view kBytes("\r\n\t :;,#/*0189afAF\0\x7f\xff", 21);
  std::mt19937 random(42);
  for (int round = 0; round < 4000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    for (std::size_t change = random() % 4; change > 0; --change) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = kBytes[random() % kBytes.size()];
          break;
        case 1:
          text.insert(at, random() % 50, kBytes[random() % kBytes.size()]);
          break;
        default:
          text.erase(at, 1 + random() % 3);
      }
      if (text.empty()) text = "x";
    }
    std::string whole;
    try {
      whole = outcome<Parser>(text, 0);
      EXPECT_EQ(outcome<Parser>(text, 1), whole) << text;
      EXPECT_EQ(outcome<Parser>(text, static_cast<unsigned>(2 + random() % 1000)), whole) << text;
    } catch (const std::invalid_argument& problem) {
      // "Transfer-Encoding cannot be given" is all that a parsed request may offend against when written.
      EXPECT_NE(std::string(problem.what()).find("Transfer-Encoding"), std::string::npos) << problem.what();
    }
  }
}

TEST(RequestParser, DamagedMessagesHaveOneOutcome) {
  compareCuts<RequestParser>({"GET /a?b HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
                              "POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET",
                              "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                              "chunked\r\n\r\n5;x\r\nhello\r\n1\r\n!\r\n0\r\nT: u\r\n\r\nG",
                              "\r\nGET / HTTP/1.0\r\n\r\n"});
}

TEST(ResponseParser, DamagedMessagesHaveOneOutcome) {
  compareCuts<ResponseParser>({"HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n\x81",
                               "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                               "HTTP/1.0 403 No\r\n\r\nuntil the end"});
}

}  // namespace
}  // namespace autobahn::websocket::http
