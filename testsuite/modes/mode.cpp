#include "modes/mode.hpp"

#include <algorithm>

namespace wstest {

const std::vector<ModeEntry>& allModes() {
  static const std::vector<ModeEntry> modes{
      {"fuzzingclient",
       "tests servers: connects to them, case by case",
       {"wstest fuzzingclient ws://127.0.0.1:9001",
        "wstest fuzzingclient wss://127.0.0.1:9001 --tls-ca ca.pem --quick --jobs 4",
        "wstest fuzzingclient ws://127.0.0.1:9001 --cases '5.*,6.4.*' --exclude 6.4.4",
        "wstest fuzzingclient ws://127.0.0.1:9001 --agent mine --junit results.xml --fail-on recommended",
        "wstest -m fuzzingclient -s fuzzingclient.json"},
       makeFuzzingClient},
      {"fuzzingserver",
       "tests clients: serves the cases to those that ask for them",
       {"wstest fuzzingserver ws://127.0.0.1:9001",
        "wstest fuzzingserver wss://localhost:9001 --tls-cert server.pem --tls-key server-key.pem",
        "wstest fuzzingserver --port 0 --quick --webport 8080",
        "wstest -m fuzzingserver -s fuzzingserver.json"},
       makeFuzzingServer},
      {"testeeserver",
       "a server to be tested: this library's, echoing, strict, without limits",
       {"wstest testeeserver ws://127.0.0.1:9001", "wstest testeeserver wss://127.0.0.1:9001 --threads 2",
        "wstest -m testeeserver -w ws://127.0.0.1:9001"},
       makeTesteeServer},
      {"testeeclient",
       "a client to be tested: this library's, walking through the cases of a fuzzing server",
       {"wstest testeeclient ws://127.0.0.1:9001",
        "wstest testeeclient ws://127.0.0.1:9001 --jobs 2 --agent mine",
        "wstest -m testeeclient -w wss://127.0.0.1:9001 --tls-ca reports/clients/ca.pem"},
       makeTesteeClient},
      {"echoserver",
       "sends back what it receives",
       {"wstest echoserver ws://127.0.0.1:9000",
        "wstest -m echoserver -w wss://localhost:9000 -k key.pem -c cert.pem"},
       makeEchoServer},
      {"echoclient",
       "sends messages and checks that they come back",
       {"wstest echoclient ws://127.0.0.1:9000",
        "wstest echoclient ws://127.0.0.1:9000 --count 3 --interval 0"},
       makeEchoClient},
      {"broadcastserver",
       "sends what it receives to all clients, and a counter every second",
       {"wstest broadcastserver ws://127.0.0.1:9000", "wstest broadcastserver --port 0 --interval 0.1"},
       makeBroadcastServer},
      {"broadcastclient",
       "greets a broadcast server and shows what comes",
       {"wstest broadcastclient ws://127.0.0.1:9000", "wstest broadcastclient ws://127.0.0.1:9000 --count 5"},
       makeBroadcastClient},
      {"massconnect",
       "opens many connections and holds them",
       {"wstest massconnect ws://127.0.0.1:9000 --connections 10000 --hold 10",
        "wstest massconnect ws://127.0.0.1:9000 ws://127.0.0.1:9002 --batch 100 --batch-delay 0.01",
        "wstest -m massconnect -s massconnect.json"},
       makeMassConnect},
      {"load",
       "measures an echo server: messages per second and latency",
       {"wstest load ws://127.0.0.1:9000",
        "wstest load ws://127.0.0.1:9000 --connections 100 --in-flight 8 --size 1024",
        "wstest load ws://127.0.0.1:9000 --count 100000 --text --deflate takeover --json"},
       makeLoad},
  };
  return modes;
}

const ModeEntry* findMode(std::string_view name) {
  const auto found = std::ranges::find(allModes(), name, &ModeEntry::name);
  return found == allModes().end() ? nullptr : &*found;
}

}  // namespace wstest
