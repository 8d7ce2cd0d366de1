#include "autobahn/wamp/auth/decoy.hpp"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

#include "autobahn/wamp/auth/ticket.hpp"

namespace autobahn::inline v0::wamp {
namespace {

constexpr std::string_view kSecret = "a secret of the process";

TEST(Decoy, StablePerAuthidAndSecret) {
  const DecoyCredentials decoys(Secret::copyOf(kSecret));
  const DecoyCredentials again(Secret::copyOf(kSecret));
  const DecoyCredentials others;
  EXPECT_EQ(decoys.wampCra("joe").salt, again.wampCra("joe").salt);
  EXPECT_EQ(decoys.scram("joe").salt, again.scram("joe").salt);
  EXPECT_EQ(decoys.ticket("joe").view(), again.ticket("joe").view());
  EXPECT_NE(decoys.wampCra("joe").salt, decoys.wampCra("jim").salt);
  EXPECT_NE(decoys.scram("joe").salt, decoys.scram("jim").salt);
  EXPECT_NE(decoys.wampCra("joe").salt, others.wampCra("joe").salt);
  EXPECT_NE(decoys.scram("joe").salt, others.scram("joe").salt);
  EXPECT_THROW(DecoyCredentials(Secret::copyOf("15 bytes, no go")), std::invalid_argument);
}

TEST(Decoy, LooksLikeARealUser) {
  const DecoyCredentials decoys;
  for (const bool isSalted : {false, true}) {
    const WampCraParameters parameters{isSalted, 10, 24};
    const WampCraCredential real = makeWampCraCredential("password", parameters);
    const WampCraCredential decoy = decoys.wampCra("joe", parameters);
    EXPECT_EQ(decoy.salt.has_value(), isSalted);
    EXPECT_EQ(decoy.salt.value_or("").size(), real.salt.value_or("").size());
    EXPECT_EQ(decoy.iterations, real.iterations);
    EXPECT_EQ(decoy.keylen, real.keylen);
  }
  const ScramParameters parameters{ScramKdf::pbkdf2, 10, 0};
  const ScramCredential real = makeScramCredential("password", parameters);
  const ScramCredential decoy = decoys.scram("joe", parameters);
  EXPECT_EQ(decoy.salt.size(), real.salt.size());
  EXPECT_EQ(decoy.iterations, real.iterations);
  EXPECT_EQ(decoy.memory, real.memory);
  EXPECT_EQ(decoy.storedKey.size(), 32U);
  EXPECT_NE(decoy.storedKey.view(), decoy.serverKey.view());
}

TEST(Decoy, FormsThatSaslPrepUnitesHaveOneSalt) {
  const DecoyCredentials decoys;
  EXPECT_EQ(decoys.scram("e\xCC\x81").salt, decoys.scram("\xC3\xA9").salt);
}

TEST(Decoy, SaltsUseTheirWholeAlphabetEvenly) {
  const DecoyCredentials decoys;
  std::map<char, int> counts;
  for (int user = 0; user < 1000; ++user) {
    const WampCraCredential decoy = decoys.wampCra(std::to_string(user));
    for (const char c : *decoy.salt) ++counts[c];
  }
  EXPECT_EQ(counts.size(), 62U);
  // 22,000 draws: 355 each, and 250…460 is more than five standard deviations.
  for (const auto& [c, count] : counts) {
    EXPECT_GT(count, 250) << c;
    EXPECT_LT(count, 460) << c;
  }
}

TEST(Decoy, NobodyGetsIn) {
  const DecoyCredentials decoys;
  const WampCraCredential cra = decoys.wampCra("joe", {true, 1, 32});
  const WampCraChallenge challenge = createWampCraChallenge({1, "joe", "user"}, cra);
  EXPECT_FALSE(verifyWampCra(challenge, signWampCra(challenge, ""), cra));
  ScramClient client("joe", Secret::copyOf("p"), {}, {.minPbkdf2Iterations = 1});
  ScramServer server("wamp-scram", "joe", client.hello(), decoys.scram("joe", {ScramKdf::pbkdf2, 1, 0}));
  EXPECT_FALSE(server.verify(client.respond("wamp-scram", server.challenge())));
  EXPECT_FALSE(verifyTicket(decoys.ticket("joe").view(), ""));
}

TEST(Ticket, Compares) {
  EXPECT_TRUE(verifyTicket("ticket", "ticket"));
  for (const std::string_view given : {"", "ticke", "tickets", "Ticket", "tickeT"}) {
    EXPECT_FALSE(verifyTicket("ticket", given)) << given;
  }
  EXPECT_FALSE(verifyTicket("", ""));
  EXPECT_FALSE(verifyTicket("", "x"));
}

}  // namespace
}  // namespace autobahn::inline v0::wamp
