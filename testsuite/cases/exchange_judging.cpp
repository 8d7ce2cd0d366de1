// Verdicts: from what was expected and what happened, or by hand.
#include <algorithm>

#include "cases/exchange.hpp"

namespace wstest {
namespace {

std::string codesText(const std::vector<std::uint16_t>& codes) {
  std::string out;
  for (const std::uint16_t code : codes) out += (out.empty() ? "" : " or ") + std::to_string(code);
  return out;
}

}  // namespace

void Exchange::expect(Behavior behavior, std::vector<Event> events) {
  outcomes_.emplace_back(behavior, std::move(events));
}

void Exchange::expectClose(CloseExpectation expectation) { closeExpectation_ = std::move(expectation); }

bool Exchange::isReached() const {
  return std::ranges::any_of(outcomes_, [&](const auto& outcome) { return outcome.second == events_; });
}

bool Exchange::isReachable() const {
  return std::ranges::any_of(outcomes_, [&](const auto& outcome) {
    return events_.size() <= outcome.second.size() &&
           std::equal(events_.begin(), events_.end(), outcome.second.begin());
  });
}

void Exchange::settle(Duration within) {
  TimePoint until = Clock::now() + within;
  for (Received received = Received::event; received == Received::event && !isCloseReceived_;) {
    if (!isCloseSent_ && isCloseMine() && isReached()) {
      sendClose(closeExpectation_->codes.front());
      until = Clock::now() + patience_.reaction;
    }
    received = receive(until - Clock::now());
    // What has gone wrong comes right no more, however long the case would wait for a large message.
    if (received == Received::event && !isCloseSent_ && isCloseMine() && !isReachable()) {
      until = std::min(until, Clock::now() + patience_.quiet);
    }
    // A peer that never stops sending is given no more time than a silent one.
    if (received == Received::event && Clock::now() >= until) received = Received::timedOut;
    if (received == Received::timedOut && !isCloseSent_ && isCloseMine()) {
      // What was due has not come; whether the peer can close is another question.
      log_.note("what was expected did not come in time");
      sendClose(closeExpectation_->codes.front());
      until = Clock::now() + patience_.reaction;
      received = Received::event;
    } else if (received == Received::timedOut) {
      log_.note("the peer did not end the connection in time");
      closing_.failedByMe = true;
      closing_.closedByMe = true;
      closing_.wasNotCleanReason = "the peer did not end the connection in time";
      drop();
    }
  }
  judge();
}

void Exchange::judge() {
  if (isJudged_) return;
  endTcp();
  const auto match =
      std::ranges::find_if(outcomes_, [&](const auto& each) { return each.second == events_; });
  if (!violation_.empty()) {
    setBehavior(Behavior::failed, violation_);
  } else if (match == outcomes_.end()) {
    setBehavior(Behavior::failed,
                "expected: " + (outcomes_.empty() ? "nothing" : describe(outcomes_.front().second)) +
                    "; received: " + describe(events_));
  } else {
    setBehavior(match->first, "received as expected: " + describe(events_));
  }
  judgeClose();
}

void Exchange::judgeClose() {
  endTcp();
  const CloseExpectation expected = closeExpectation_.value_or(CloseExpectation{});
  const auto is = [&](CloseBehavior behavior, std::string why) {
    verdict_.behaviorClose = behavior;
    verdict_.resultClose = std::move(why);
  };
  const bool isWrongCode =
      closing_.remoteCloseCode && std::ranges::count(expected.codes, *closing_.remoteCloseCode) == 0;
  const bool isDropAllowed = !expected.isClean || (expected.mayDrop && !isCloseReceived_);
  if (!isOpen_) return is(CloseBehavior::failed, "The connection was never open");
  if (expected.byMe != closing_.closedByMe) {
    is(CloseBehavior::failed, expected.byMe ? "The peer ended the connection, which was not for it to end"
                                            : "The peer had to fail the connection and did not");
    // A peer that lives on with what it had to refuse has not passed.
    if (!expected.byMe && violation_.empty()) setBehavior(Behavior::failed, verdict_.resultClose);
  } else if (closing_.failedByMe) {
    is(CloseBehavior::failed, "The harness had to fail the connection: " + closing_.wasNotCleanReason);
  } else if (!isDropAllowed && !closing_.wasClean && !closing_.droppedByMe) {
    is(CloseBehavior::unclean, "A clean closing handshake was demanded here");
  } else if (isWrongCode) {
    is(CloseBehavior::wrongCode, "The peer closed with " + std::to_string(*closing_.remoteCloseCode) +
                                     " instead of " + codesText(expected.codes) + " or no code");
  } else if (testsServer() && closing_.droppedByMe) {
    is(CloseBehavior::failedByClient, "The server left it to the client to end TCP (RFC 6455, 7.1.1)");
  } else {
    is(CloseBehavior::ok, "The connection was closed as it should be");
  }
}

void Exchange::setBehavior(Behavior behavior, std::string why) {
  isJudged_ = true;
  verdict_.behavior = behavior;
  verdict_.result = std::move(why);
}

void Exchange::decide(Behavior behavior, CloseBehavior closeBehavior, std::string why) {
  setBehavior(behavior, std::move(why));
  verdict_.behaviorClose = closeBehavior;
  verdict_.resultClose = "How the connection ends is part of what the case judges, or does not matter to it";
}

void Exchange::pass(std::string why) { decide(Behavior::ok, CloseBehavior::ok, std::move(why)); }
void Exchange::nonStrict(std::string why) { decide(Behavior::nonStrict, CloseBehavior::ok, std::move(why)); }
void Exchange::inform(std::string why) {
  decide(Behavior::informational, CloseBehavior::informational, std::move(why));
}
void Exchange::unimplemented(std::string why) {
  decide(Behavior::unimplemented, CloseBehavior::unimplemented, std::move(why));
}
void Exchange::fail(std::string why) { decide(Behavior::failed, CloseBehavior::failed, std::move(why)); }

}  // namespace wstest
