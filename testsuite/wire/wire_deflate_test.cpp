// permessage-deflate: parameters, round trips, and what an inflater must refuse (RFC 7692).
#include <gtest/gtest.h>

#include <random>

#include "wire/deflate.hpp"
#include "wire/http_head.hpp"

namespace wstest {
namespace {

using namespace std::string_literals;

/// Compresses badly and repeats nothing within any window.
std::string noise(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);  // NOLINT(cert-msc51-cpp): the same for every run
  std::string out;
  while (out.size() < size) out += static_cast<char>(random());
  return out;
}

std::optional<DeflateParameters> parsed(const std::string& parameters, bool isOffer,
                                        std::string* problem = nullptr) {
  return parseDeflate(parseExtensions("permessage-deflate" + parameters).front(), isOffer, problem);
}

TEST(DeflateParameters, AreReadAndWritten) {
  struct Row {
    std::string text;
    DeflateParameters parameters;
  };
  const std::vector<Row> rows = {
      {"", {}},
      {"; server_no_context_takeover", {.serverNoContextTakeover = true}},
      {"; client_no_context_takeover", {.clientNoContextTakeover = true}},
      {"; server_max_window_bits=8", {.serverMaxWindowBits = 8}},
      {"; server_max_window_bits=15", {.serverMaxWindowBits = 15}},
      {"; client_max_window_bits=9", {.clientMaxWindowBits = 9}},
      {"; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; "
       "client_max_window_bits=11",
       {true, true, 10, 11}},
  };
  for (const Row& row : rows) {
    for (const bool isOffer : {true, false}) {
      EXPECT_EQ(parsed(row.text, isOffer), row.parameters) << row.text;
    }
    EXPECT_EQ(row.parameters.text(), "permessage-deflate" + row.text);
  }
  EXPECT_EQ(parsed("; server_max_window_bits=\"10\"", true), (DeflateParameters{.serverMaxWindowBits = 10}));
}

TEST(DeflateParameters, OnlyAnOfferNamesTheClientsWindowWithoutAValue) {
  constexpr const char* kText = "; client_max_window_bits";
  EXPECT_EQ(parsed(kText, true), (DeflateParameters{.clientMaxWindowBits = -1}));
  EXPECT_EQ(parsed(kText, true)->text(), "permessage-deflate"s + kText);
  std::string problem;
  EXPECT_FALSE(parsed(kText, false, &problem));
  EXPECT_EQ(problem, "parameter client_max_window_bits is not valid");
}

TEST(DeflateParameters, BadOnesAreRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"; unknown", "parameter unknown is not valid"},
      {"; unknown=1", "parameter unknown=1 is not valid"},
      {";", "parameter  is not valid"},
      {"; Server_no_context_takeover", "parameter Server_no_context_takeover is not valid"},
      {"; server_no_context_takeover=1", "server_no_context_takeover has a value"},
      {"; client_no_context_takeover=", "client_no_context_takeover has a value"},
      {"; other_no_context_takeover", "parameter other_no_context_takeover is not valid"},
      {"; server_max_window_bits", "parameter server_max_window_bits is not valid"},
      {"; server_max_window_bits=", "parameter server_max_window_bits= is not valid"},
      {"; server_max_window_bits=7", "parameter server_max_window_bits=7 is not valid"},
      {"; server_max_window_bits=16", "parameter server_max_window_bits=16 is not valid"},
      {"; server_max_window_bits=08", "parameter server_max_window_bits=08 is not valid"},
      {"; server_max_window_bits=+9", "parameter server_max_window_bits=+9 is not valid"},
      {"; server_max_window_bits=9x", "parameter server_max_window_bits=9x is not valid"},
      {"; server_max_window_bits=1000000000000",
       "parameter server_max_window_bits=1000000000000 is not valid"},
      {"; client_max_window_bits=7", "parameter client_max_window_bits=7 is not valid"},
      {"; client_max_window_bits=0", "parameter client_max_window_bits=0 is not valid"},
      {"; client_max_window_bits=16", "parameter client_max_window_bits=16 is not valid"},
      {"; server_no_context_takeover; server_no_context_takeover",
       "parameter server_no_context_takeover comes twice"},
      {"; client_max_window_bits=10; client_max_window_bits=11",
       "parameter client_max_window_bits comes twice"},
  };
  for (const auto& [text, why] : rows) {
    for (const bool isOffer : {true, false}) {
      std::string problem;
      EXPECT_FALSE(parsed(text, isOffer, &problem)) << text;
      EXPECT_EQ(problem, why) << text;
      EXPECT_FALSE(parsed(text, isOffer)) << text;
    }
  }
}

TEST(Deflate, MessagesComeBackFromEveryWindow) {
  const std::vector<std::string> messages = {"Hello",
                                             "",
                                             std::string(100000, 'a'),
                                             noise(70000),
                                             noise(700) + noise(700),
                                             "Hello",
                                             noise(300, 2) + std::string(40000, 'b') + noise(300, 2)};
  for (int bits = 8; bits <= 15; ++bits) {
    for (const bool isTakingOver : {true, false}) {
      for (const int level : {0, 1, 3, 9}) {
        Deflater deflater(bits, isTakingOver, level);
        Inflater inflater(bits, isTakingOver);
        for (const std::string& message : messages) {
          const std::string compressed = deflater.compress(message);
          EXPECT_FALSE(compressed.ends_with("\0\0\xFF\xFF"s)) << bits;
          const auto inflated = inflater.inflate(compressed);
          ASSERT_TRUE(inflated) << bits << ": " << inflater.problem();
          EXPECT_EQ(*inflated, message) << bits;
        }
      }
    }
  }
}

TEST(Deflate, TakingOverMakesTheSecondMessageSmaller) {
  const std::string message = noise(200);
  Deflater takingOver(15, true);
  Deflater forgetting(15, false);
  EXPECT_EQ(takingOver.compress(message), forgetting.compress(message));
  EXPECT_LT(takingOver.compress(message).size(), 20U);
  EXPECT_GT(forgetting.compress(message).size(), 200U);
}

TEST(Deflate, AContextThatWasForgottenIsMissed) {
  const std::string message = noise(200);
  Deflater deflater(15, true);
  Inflater inflater(15, false);
  EXPECT_EQ(inflater.inflate(deflater.compress(message)), message);
  EXPECT_FALSE(inflater.inflate(deflater.compress(message)));
  EXPECT_EQ(inflater.problem(), "invalid distance too far back");
}

TEST(Deflate, AnEmptyMessageIsOneZeroOctet) {
  // RFC 7692, 7.2.3.6.
  for (const bool isTakingOver : {true, false}) {
    Deflater deflater(15, isTakingOver);
    EXPECT_EQ(deflater.compress(""), "\0"s);
    EXPECT_EQ(deflater.compress(""), "\0"s);
    deflater.compress("something");
    EXPECT_EQ(deflater.compress(""), "\0"s);
    Inflater inflater(15, isTakingOver);
    EXPECT_EQ(inflater.inflate("\0"s), "");
    EXPECT_EQ(inflater.inflate(""), "");
  }
}

TEST(Inflate, UnderstandsTheExamplesOfTheRfc) {
  // RFC 7692, 7.2.3.1 to 7.2.3.5: one block, taken over, stored, final, two blocks.
  const std::vector<std::vector<std::string>> rows = {
      {"\xf2\x48\xcd\xc9\xc9\x07\x00"s, "\xf2\x00\x11\x00\x00"s},
      {"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s},
      {"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s},
      {"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s},
  };
  for (const auto& payloads : rows) {
    Inflater inflater(15, true);
    for (const std::string& payload : payloads)
      EXPECT_EQ(inflater.inflate(payload), "Hello") << inflater.problem();
  }
}

TEST(Inflate, RefusesDistancesBeyondTheAgreedWindow) {
  for (int agreed = 8; agreed < 15; ++agreed) {
    const std::size_t window = std::size_t{1} << agreed;
    for (int used = agreed + 1; used <= 15; ++used) {
      // The same again and again, further apart than the agreed window (and than a piece of the inflater).
      const std::size_t apart = std::min(window + 500, (std::size_t{1} << used) - 300);
      if (apart <= window) continue;
      std::string message;
      while (message.size() < 20 * apart) message += noise(apart);
      Deflater deflater(used, true, 9);
      const std::string compressed = deflater.compress(message);
      ASSERT_LT(compressed.size(), message.size() / 2) << "no such distance was used";
      Inflater inflater(agreed, true);
      EXPECT_FALSE(inflater.inflate(compressed)) << agreed << ", used " << used;
      EXPECT_EQ(inflater.problem(), "invalid distance too far back");
      EXPECT_EQ(Inflater(used, true).inflate(compressed), message) << used;
    }
  }
}

TEST(Inflate, RefusesDistancesIntoEarlierMessagesBeyondTheWindow) {
  Deflater deflater(15, true, 9);
  Inflater inflater(9, true);
  const std::string message = noise(600);
  EXPECT_EQ(inflater.inflate(deflater.compress(message)), message);
  EXPECT_FALSE(inflater.inflate(deflater.compress(message)));
}

TEST(Inflate, RefusesWhatIsNoDeflate) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"\x06", "invalid block type"},
      {"\x00\x05\x00\x00\x00Hello"s, "invalid stored block lengths"},
      {"\xFF\xFF\xFF\xFF", "invalid block type"},
  };
  for (const auto& [payload, why] : rows) {
    Inflater inflater(15, true);
    EXPECT_FALSE(inflater.inflate(payload)) << why;
    EXPECT_EQ(inflater.problem(), why);
  }
}

TEST(Inflate, StopsAtItsLimit) {
  for (const int bits : {9, 15}) {
    const std::string message(1'000'000, 'x');
    const std::string compressed = Deflater(bits, true).compress(message);
    Inflater strict(bits, true);
    EXPECT_FALSE(strict.inflate(compressed, message.size() - 1));
    EXPECT_EQ(strict.problem(), "more than 999999 bytes come out");
    EXPECT_EQ(Inflater(bits, true).inflate(compressed, message.size()), message);
  }
}

TEST(Inflate, TakesMessagesOfManyPieces) {
  // Whole multiples of the inflater's pieces end where a call ends.
  for (const std::size_t size : {447U, 448U, 449U, 896U, 1024U, 4480U, 65536U}) {
    const std::string message = noise(size);
    for (const int bits : {8, 12, 15}) {
      Deflater deflater(bits, true);
      Inflater inflater(bits, true);
      for (int i = 0; i < 3; ++i) EXPECT_EQ(inflater.inflate(deflater.compress(message)), message) << size;
    }
  }
}

}  // namespace
}  // namespace wstest
