// Connections that have said one thing each and then nothing.
#include <iostream>
#include <stdexcept>
#include <string>

#include "generator.hpp"
#include "script.hpp"

namespace bench {
Figures idle(const Load& load) {
  const Script script(load);
  const std::string first = script.frames.substr(0, script.ends.at.front());
  openMany(load.opening(script.offer), load.connections, [&](const auto& channels) {
    for (const auto& channel : channels) channel->sendAll(first);
    for (const auto& channel : channels) {
      const std::unique_ptr<Answers> answers = makeAnswers(script);
      while (answers->messages() == 0) {
        if (!answers->take(*channel)) throw std::runtime_error("the server has been silent for 10 s");
      }
      channel->release();
    }
  });
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
  }
  return {{"connections", load.connections}};
}

}  // namespace bench
