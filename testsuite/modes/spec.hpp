// Spec files of the Autobahn Testsuite: what is to be tested, and how.
#pragma once

#include <string>
#include <vector>

#include "client/fuzzing_client.hpp"
#include "server/fuzzing_server.hpp"

namespace wstest {

/// What a spec says, and remarks about it for people: keys that nobody knows.
template <class Settings>
struct Spec {
  Settings settings{};
  std::vector<std::string> warnings{};
};

/// massconnect.json.
struct MassConnectSpec {
  struct Server {
    std::string name{};
    std::string url{};
  };
  std::vector<Server> servers{};
  int connections = 10000;  ///< to each server
  int batchSize = 100;
  int batchDelay = 10;  ///< ms
  int retryDelay = 10;  ///< ms
};

// Each throws JsonError (a std::invalid_argument) that says in one line what is wrong and where.
Spec<FuzzingClientSettings> readClientSpec(const std::string& file);
Spec<FuzzingServerSettings> readServerSpec(const std::string& file);
Spec<MassConnectSpec> readMassConnectSpec(const std::string& file);

/// Where a server listens, as "wss://localhost:9001" says. Throws std::invalid_argument.
void setListenUrl(FuzzingServerSettings& settings, const std::string& url);

/// The spec file of a mode that was given none: `file` when there is one, else it is made, with `content`.
/// Says on standard output which it was. Throws std::runtime_error when it cannot be written.
void provideSpec(const std::string& file, const std::string& content);
extern const char* const kDefaultClientSpec;
extern const char* const kDefaultServerSpec;
extern const char* const kDefaultMassConnectSpec;

}  // namespace wstest
