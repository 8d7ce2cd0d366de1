// Loads a WAMP router and prints what it measured as JSON, for run.py.
#include "load.hpp"

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace bench {

std::vector<std::unique_ptr<WampPeer>> makeUnrelated(const Load& load) {
  constexpr std::size_t kPerSession = 5'000;
  std::vector<std::unique_ptr<WampPeer>> made;
  for (std::size_t held = 0; held < load.unrelated; held += kPerSession) {
    made.push_back(std::make_unique<WampPeer>(load.target));
    made.back()->join();
    const std::size_t count = std::min<std::size_t>(kPerSession, load.unrelated - held);
    const std::string prefix = "com.unrelated.s" + std::to_string(held) + ".u";
    made.back()->subscribeMany(prefix, count);
    made.back()->registerMany(prefix, count);
  }
  return made;
}

namespace {

// Keys that come again and numbers that do not: what a compressor meets in practice.
std::string textLikeJson(std::size_t size) {
  std::mt19937 random;
  std::string text;
  while (text.size() < size) {
    text += "device " + std::to_string(random() % 1000) + " temperature " + std::to_string(random()) +
            " status ok, ";
  }
  text.resize(size);
  return text;
}

int run(int argc, char** argv) {
  CLI::App app{"Loads a WAMP router on 127.0.0.1 and prints what it measured as JSON.", "bench_router_load"};
  Load load;
  app.add_option("--port", load.target.port, "the router's port")->required();
  app.add_option("--path", load.target.path, "of its WebSocket");
  app.add_flag("--rawsocket", load.target.isRawSocket, "RawSocket instead of WebSocket");
  app.add_flag("--compressed", load.target.isCompressed, "permessage-deflate without context takeover");
  app.add_option("--serializer", load.target.serializer, "json, msgpack, cbor, …");
  app.add_option("--realm", load.target.realm, "the realm");
  app.add_option("--router-pid", load.routerPid, "the process whose CPU time counts");
  app.add_option("--in-flight", load.inFlight, "calls, or events, under way")->check(CLI::Range(1, 4096));
  app.add_option("--subscribers", load.subscribers, "of the topic")->check(CLI::Range(1, 10000));
  app.add_option("--sessions", load.sessions, "for memory")->check(CLI::Range(1, 20000));
  app.add_option("--unrelated", load.unrelated, "subscriptions and registrations of others")
      ->check(CLI::Range(0, 1000000));
  app.add_option_function<std::size_t>(
         "--text", [&load](std::size_t size) { load.text = textLikeJson(size); },
         "octets of text in each message")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--warm-up", load.warmUp, "seconds before the window");
  app.add_option("--seconds", load.seconds, "the measured window");
  struct Mode {
    const char* name;
    const char* description;
    Figures (*run)(const Load&);
  };
  for (const Mode& mode : {Mode{"calls", "one caller, one callee", calls},
                           Mode{"events", "one publisher, some subscribers", events},
                           Mode{"sessions", "memory of idle joined sessions", sessions}}) {
    app.add_subcommand(mode.name, mode.description)->final_callback([&load, mode] { print(mode.run(load)); });
  }
  app.require_subcommand(1);
  std::cout.precision(9);
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  try {
    return bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "bench_router_load: " << error.what() << '\n';
    return 1;
  }
}
