// The harness can fail clients: each fault is found by exactly the cases that are there to find it.
#include <gtest/gtest.h>

#include "selftest/trial.hpp"

namespace wstest {
namespace {

class BrokenClient : public testing::TestWithParam<Trial> {};

TEST_P(BrokenClient, IsCaughtByExactlyTheseCases) {
  const Trial& trial = GetParam();
  EXPECT_EQ(text(tryClient(trial.fault, trial.patterns, trial.isSecure)), text(ids(trial.caughtBy)));
}

constexpr auto kName = [](const auto& each) { return each.param.name; };

// 16.3.8 is for clients that do not offer client_max_window_bits; the peer does.
INSTANTIATE_TEST_SUITE_P(
    Faultless, BrokenClient,
    testing::Values(Trial{"Plain", Fault::none, {"*"}, "16.3.8"},
                    Trial{"Secure", Fault::none, {"1.*", "2.*", "18.*", "19.*"}, "", true}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Handshake, BrokenClient,
    testing::Values(
        Trial{"ChecksNoAccept",
              Fault::checksNoAccept,
              {"15.*"},
              "15.4.1 15.4.2 15.4.3 15.4.4 15.4.5 15.4.6 15.4.8 15.4.9 15.4.10 15.6.6"},
        Trial{"ChecksNoStatus",
              Fault::checksNoStatus,
              {"15.*"},
              "15.2.1 15.2.10 15.2.11 15.2.12 15.2.13 15.2.14 15.2.15 15.2.16 15.2.19 15.2.2 15.2.20 15.2.3 "
              "15.2.4 15.2.5 15.2.6 15.2.7 15.2.8 15.2.9 15.3.2 15.3.3 "
              "15.3.4 15.3.6 15.3.7 15.3.8"},
        Trial{"TakesAnyExtension",
              Fault::takesAnyExtension,
              {"15.*"},
              "15.5.1 15.5.2 15.5.3 15.5.4 15.5.5 15.5.6"},
        Trial{"ChecksNoCertificate", Fault::checksNoCertificate, {"19.*"}, "19.3.2 19.3.3 19.3.4", true}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Protocol, BrokenClient,
    testing::Values(Trial{"IgnoresRsv", Fault::ignoresRsv, {"3.*"}, "3.1 3.2 3.3 3.4 3.5 3.6"},
                    Trial{"IgnoresUnknownOpcodes", Fault::ignoresUnknownOpcodes, {"4.*"}, "4.*"},
                    Trial{
                        "TakesLoneContinuation", Fault::takesLoneContinuation, {"5.*"}, "5.9 5.10 5.11 5.17"},
                    Trial{"ChecksUtf8Late", Fault::checksUtf8Late, {"6.*"}, "6.4.*"},
                    Trial{"TakesAnyCloseCode", Fault::takesAnyCloseCode, {"7.*"}, "7.9.*"},
                    Trial{"MasksNothing", Fault::masksWrongly, {"1.1.1", "2.1"}, "1.1.1 2.1"},
                    Trial{"TakesMasked", Fault::takesUnmasked, {"17.6.*"}, "17.6.5 17.6.6 17.6.7"},
                    Trial{"TakesTopBitLength", Fault::takesTopBitLength, {"17.3.*"}, "17.3.5"},
                    Trial{"RefusesLargeMessages", Fault::refusesLargeMessages, {"9.1.*"}, "9.1.2 9.1.3"},
                    Trial{"EchoesFragments", Fault::echoesFragments, {"10.*"}, "10.1.1"},
                    Trial{"IgnoresWindow",
                          Fault::ignoresWindow,
                          {"13.1.*", "13.3.*"},
                          "13.3.10 13.3.11 13.3.12 13.3.13 13.3.14 13.3.15 13.3.16 13.3.17 13.3.18 13.3.3 "
                          "13.3.4 13.3.5 13.3.6 13.3.7 13.3.8 13.3.9"},
                    Trial{"AnswersNoClose",
                          Fault::answersNoClose,
                          {"18.1.*"},
                          "18.1.3 18.1.4 18.1.6 18.1.8 18.1.9 18.1.10"}),
    kName);

}  // namespace
}  // namespace wstest
