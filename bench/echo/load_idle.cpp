// Connections that have said one thing each and then nothing.
#include <iostream>
#include <stdexcept>
#include <string>

#include "generator.hpp"
#include "script.hpp"

namespace bench {
namespace {

/// One source address has some 28,000 ports, and those of the last minute are taken.
constexpr std::uint32_t kPortsPerSource = 5000;

}  // namespace

Figures idle(const Load& load) {
  const Script script(load);
  const std::string first = script.frames.substr(0, script.ends.at.front());
  for (std::uint32_t i = 0; i < load.connections; ++i) {
    const std::unique_ptr<Channel> channel = open(load.opening(script.offer), i / kPortsPerSource + 1);
    const std::unique_ptr<Answers> answers = makeAnswers(script);
    channel->sendAll(first);
    while (answers->messages() == 0) {
      if (!answers->take(*channel)) throw std::runtime_error("the server has been silent for 10 s");
    }
    channel->release();
  }
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
  }
  return {{"connections", load.connections}};
}

}  // namespace bench
