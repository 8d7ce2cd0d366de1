// The harness can fail servers: each fault is found by exactly the cases that are there to find it.
#include <gtest/gtest.h>

#include "selftest/trial.hpp"

namespace wstest {
namespace {

const std::vector<std::string> kFrames = {"1.*", "2.*", "3.*", "4.*", "5.*", "10.*"};
const std::vector<std::string> kHandshake = {"14.*"};
const std::vector<std::string> kDeflate = {"12.1.*", "13.1.*", "13.2.*", "13.3.*", "16.*"};

class BrokenServer : public testing::TestWithParam<Trial> {};

TEST_P(BrokenServer, IsCaughtByExactlyTheseCases) {
  const Trial& trial = GetParam();
  EXPECT_EQ(text(tryServer(trial.fault, trial.patterns, trial.isSecure)), text(ids(trial.caughtBy)));
}

constexpr auto kName = [](const auto& each) { return each.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Faultless, BrokenServer,
    testing::Values(Trial{"Plain", Fault::none, {"*"}, ""},
                    Trial{"Secure", Fault::none, {"1.*", "2.*", "18.*", "19.*"}, "", true}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Framing, BrokenServer,
    testing::Values(
        Trial{"CutsAt65535", Fault::cutsAt65535, kFrames, "1.1.7 1.1.8 1.2.7 1.2.8 10.1.1"},
        Trial{"AnswersNoPing", Fault::answersNoPing, kFrames,
              "2.1 2.2 2.3 2.4 2.6 2.9 2.10 2.11 5.6 5.7 5.8 5.19 5.20"},
        Trial{"AnswersPingsEmpty", Fault::answersPingsEmpty, kFrames,
              "2.2 2.3 2.4 2.6 2.9 2.10 2.11 5.6 5.7 5.8 5.19 5.20"},
        Trial{"AnswersPongs", Fault::answersPongs, kFrames, "2.7 2.8 2.9"},
        Trial{"TakesLongControl", Fault::takesLongControl, {"2.*", "7.*"}, "2.5 7.3.6"},
        Trial{"IgnoresRsv", Fault::ignoresRsv, kFrames, "3.1 3.2 3.3 3.4 3.5 3.6"},
        Trial{"IgnoresUnknownOpcodes", Fault::ignoresUnknownOpcodes, kFrames, "4.*"},
        Trial{"TakesFragmentedControl", Fault::takesFragmentedControl, kFrames, "5.1"},
        Trial{"TakesLoneContinuation", Fault::takesLoneContinuation, kFrames, "5.9 5.10 5.11 5.17"},
        Trial{"TakesInterleaved", Fault::takesInterleaved, kFrames, "5.18"},
        Trial{"EchoesFragments", Fault::echoesFragments, kFrames,
              "5.3 5.4 5.5 5.6 5.7 5.8 5.15 5.18 5.19 5.20 10.1.1"},
        Trial{"TakesUnmasked", Fault::takesUnmasked, {"17.6.*"}, "17.6.1 17.6.2 17.6.3 17.6.4"},
        Trial{"MasksItsFrames", Fault::masksWrongly, {"1.1.1", "2.1", "7.1.1"}, "1.1.1 2.1 7.1.1"},
        Trial{"RefusesLargeMessages",
              Fault::refusesLargeMessages,
              {"9.*"},
              "9.1.2 9.1.3 9.2.2 9.2.3 9.3.* 9.4.*"},
        Trial{"TakesTopBitLength", Fault::takesTopBitLength, {"17.3.*"}, "17.3.5"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Text, BrokenServer,
    testing::Values(
        Trial{"ChecksNoUtf8",
              Fault::checksNoUtf8,
              {"6.*"},
              "6.3.* 6.4.* 6.6.1 6.6.3 6.6.4 6.6.6 6.6.8 6.6.10 6.8.* 6.10.* 6.11.5 6.12.* 6.13.* "
              "6.14.* 6.15.* 6.16.* 6.17.* 6.18.* 6.19.* 6.20.* 6.21.*"},
        Trial{"ChecksUtf8Late", Fault::checksUtf8Late, {"6.*"}, "6.4.*"},
        Trial{"ChecksNoCloseReason", Fault::checksNoCloseReason, {"7.*"}, "7.5.1"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Closing, BrokenServer,
    testing::Values(Trial{"TakesAnyCloseCode", Fault::takesAnyCloseCode, {"7.*"}, "7.9.*"},
                    Trial{"AnswersNoClose",
                          Fault::answersNoClose,
                          {"7.*", "18.*"},
                          "7.1.1 7.1.2 7.1.3 7.1.4 7.1.5 7.3.1 7.3.3 7.3.4 7.3.5 7.7.* 18.1.1 18.1.4 18.1.6 "
                          "18.1.8 18.1.9 18.1.10 18.2.4"},
                    Trial{"EchoesAfterClose",
                          Fault::echoesAfterClose,
                          {"18.*"},
                          "18.1.1 18.1.4 18.1.6 18.1.8 18.1.9 18.1.10"},
                    Trial{"NeverEndsTcp",
                          Fault::neverEndsTcp,
                          {"1.1.1", "18.*"},
                          "1.1.1 18.1.1 18.1.4 18.1.6 18.1.8 18.1.9 18.1.10 18.1.11"},
                    Trial{"FailsWithWrongCode", Fault::failsWithWrongCode, {"3.*", "7.9.*"}, "3.* 7.9.*"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Compression, BrokenServer,
    testing::Values(
        Trial{"ForgetsContext", Fault::forgetsContext, kDeflate,
              "12.1.* 13.1.* 13.2.* 13.3.* 16.1.1 16.1.10 16.1.11 16.1.12 16.1.13 16.1.14 16.1.2 16.1.3 "
              "16.1.4 16.1.5 16.1.7 16.1.8 16.1.9 16.4.13 16.4.14 16.4.15 16.6.3"},
        Trial{"IgnoresWindow", Fault::ignoresWindow, kDeflate,
              "13.3.10 13.3.11 13.3.12 13.3.13 13.3.14 13.3.15 13.3.16 13.3.17 13.3.18 13.3.3 13.3.4 13.3.5 "
              "13.3.6 13.3.7 13.3.8 13.3.9 16.1.4 16.1.5 16.1.9 16.1.10 16.1.11 16.6.4"},
        Trial{"TakesOverAnyway", Fault::takesOverAnyway, kDeflate, "13.2.* 16.1.7 16.1.9 16.6.3"},
        Trial{"EchoesRsv1", Fault::echoesRsv1, {"1.1.2", "12.1.1"}, "1.1.2 12.1.1"},
        Trial{"IgnoresRsv",
              Fault::ignoresRsv,
              {"16.*"},
              "16.5.12 16.5.13 16.5.14 16.5.15 16.5.16 16.5.17 16.5.18"},
        Trial{"AcceptsAnyOffer", Fault::acceptsAnyOffer, {"16.*"}, "16.2.*"}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Handshake, BrokenServer,
    testing::Values(
        Trial{"WrongAccept", Fault::wrongAccept, {"14.7.*"}, "14.7.1 14.7.2 14.7.3 14.7.7 14.7.16"},
        Trial{"TakesAnyVersion", Fault::takesAnyVersion, kHandshake,
              "14.5.1 14.5.4 14.5.5 14.5.6 14.5.7 14.5.8 14.5.9 14.5.1*"},
        Trial{"NeedsNoKey", Fault::needsNoKey, kHandshake,
              "14.4.1 14.4.2 14.4.3 14.4.4 14.4.5 14.4.6 14.4.7 14.4.8 14.4.9"},
        Trial{"ChoosesProtocol", Fault::choosesProtocol, {"14.7.*"}, "14.7.1 14.7.2 14.7.3"},
        Trial{"DeliversTruncated", Fault::deliversTruncated, {"19.*"}, "19.2.3 19.2.4", true}),
    kName);

}  // namespace
}  // namespace wstest
