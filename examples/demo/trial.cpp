#include "trial.hpp"

#include <autobahn/util/random.hpp>
#include <cstdio>
#include <iostream>

#include "common/compression.hpp"

namespace demo {
namespace {

void say(const char* name, const std::string& value) { std::printf("  %-12s %s\n", name, value.c_str()); }

}  // namespace

std::vector<Sample> makeSamples() {
  std::string noise(1000, '\0');
  autobahn::util::randomBytes(noise);
  std::string large;
  constexpr std::size_t kLarge = 10'000'000;
  large.reserve(kLarge + 100);
  for (unsigned i = 0; large.size() < kLarge; ++i) {
    large += "{\"reading\": " + std::to_string(i) +
             ", \"value\": " + std::to_string(i * 2654435761U % 100000) + "}\n";
  }
  large.resize(kLarge);
  return {{"text", "Grüße, world! 你好 👋", false},
          {"binary", std::move(noise), true},
          {"10 MB text", std::move(large), false}};
}

void Trial::onOpen() {
  const ws::TransportDetails transport = transportDetails();
  say("transport",
      transport.peer + (transport.tls ? ", " + transport.tls->version + " " + transport.tls->cipher
                                      : std::string(", not encrypted")));
  say("subprotocol", subprotocol());
  say("compression", examples::describe(compression()));
  std::printf("  %-12s %10s %15s %15s %12s   %s\n", "message", "bytes", "wire bytes out", "wire bytes in",
              "round trip", "echo");
  if (compression().has_value() != expectsCompression_) return fail("compression is not as asked for");
  if (transport.isSecure != transport.tls.has_value()) return fail("TLS is not as asked for");
  sendNext();
}

void Trial::sendNext() {
  if (index_ == samples_->size()) {
    sendClose(ws::CloseCode::normal, "that was all");
    return;
  }
  before_ = trafficStats();
  sent_ = std::chrono::steady_clock::now();
  const Sample& sample = (*samples_)[index_];
  sendMessage(std::string_view(sample.payload), sample.isBinary);
}

void Trial::onMessage(std::string_view payload, bool isBinary) {
  const std::chrono::duration<double, std::milli> roundTrip = std::chrono::steady_clock::now() - sent_;
  const Sample& sample = (*samples_)[index_];
  const bool isSame = payload == sample.payload && isBinary == sample.isBinary;
  const ws::TrafficStats now = trafficStats();
  const auto out =
      static_cast<unsigned long long>(now.outgoingOctetsWireLevel - before_.outgoingOctetsWireLevel);
  const auto in =
      static_cast<unsigned long long>(now.incomingOctetsWireLevel - before_.incomingOctetsWireLevel);
  std::printf("  %-12s %10zu %15llu %15llu %9.2f ms   %s\n", sample.name.c_str(), payload.size(), out, in,
              roundTrip.count(), isSame ? "identical" : "DIFFERENT");
  if (!isSame) return fail("the echo of \"" + sample.name + "\" differs from what was sent");
  ++index_;
  sendNext();
}

void Trial::onClose(bool wasClean, std::uint16_t code, const std::string& reason) {
  if (!outcome_->problem.empty()) return;
  outcome_->ok = wasClean && code == 1000 && index_ == samples_->size();
  if (outcome_->ok) {
    say("closed", "cleanly, code 1000");
  } else {
    outcome_->problem = "closed with " + std::to_string(code) + ": " + reason;
  }
}

void Trial::fail(const std::string& what) {
  outcome_->problem = what;
  sendClose(ws::CloseCode::normal);
}

}  // namespace demo
