// Loads an echo server and prints what it measured as JSON, for run.py. Cheaper per message than any server:
// prebuilt frames, one send for all that may be sent, and what comes back is discarded inside the kernel.
#include "generator.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <vector>

namespace bench {
void exchange(Channel& channel, const Load& load, std::string_view payload) {
  channel.sendAll(makeMessage(load.content, payload, true));
  const std::string expected = makeMessage(load.content, payload, load.isRaw);
  if (channel.receiveAll(expected.size()) != expected)
    throw std::runtime_error("what came back is not what was sent");
}

Figures verify(const Load& load) {
  const std::unique_ptr<Channel> channel = open(load.opening());
  const std::vector<std::size_t> sizes{0, 1, 125, 126, 127, 65535, 65536, 1 << 20};
  for (const Content content : {Content::binary, Content::ascii, Content::cyrillic, Content::japanese}) {
    Load one = load;
    one.content = content;
    for (const std::size_t size : sizes) exchange(*channel, one, makePayload(content, size));
  }
  return {{"verified", 4.0 * static_cast<double>(sizes.size())}};
}

namespace {

int run(int argc, char** argv) {
  CLI::App app{"Loads an echo server on 127.0.0.1 and prints what it measured as JSON.", "bench_generator"};
  Load load;
  const std::map<std::string, Content> contents{{"binary", Content::binary},
                                                {"ascii", Content::ascii},
                                                {"cyrillic", Content::cyrillic},
                                                {"japanese", Content::japanese},
                                                {"json", Content::json}};
  const std::map<std::string, Takeover> takeovers{
      {"none", Takeover::none}, {"off", Takeover::off}, {"on", Takeover::on}};
  app.add_option("--port", load.port, "the server's port");
  app.add_option("--server-pid", load.serverPid, "the process whose CPU time counts");
  app.add_flag("--raw", load.isRaw, "the server sends frames back as they came (the floor)");
  app.add_flag("--tls", load.isTls, "over TLS");
  app.add_flag("--copy", load.isCopying, "copy what comes back, as a client would");
  app.add_option("--connections", load.connections, "how many")->check(CLI::Range(1, 100000));
  app.add_option("--in-flight", load.inFlight, "messages under way per connection")
      ->check(CLI::Range(1, 1024));
  app.add_option("--payload", load.payloadSize, "bytes per message")->check(CLI::Range(1, 16 << 20));
  app.add_option("--content", load.content, "binary, ascii, cyrillic, japanese or json")
      ->transform(CLI::CheckedTransformer(contents));
  app.add_option("--takeover", load.takeover,
                 "permessage-deflate with context takeover on or off; none: without")
      ->transform(CLI::CheckedTransformer(takeovers));
  app.add_option("--warm-up", load.warmUp, "seconds before the window");
  app.add_option("--seconds", load.seconds, "the measured window");
  struct Mode {
    const char* name;
    const char* description;
    Figures (*run)(const Load&);
  };
  for (const Mode& mode : {Mode{"verify", "messages of all sizes come back as sent", verify},
                           Mode{"echo", "messages per second, CPU time and latency", echo},
                           Mode{"connect", "connects per second", connectAndClose},
                           Mode{"idle", "hold connections until standard input ends", idle},
                           Mode{"broadcast", "what one says goes to all", broadcast},
                           Mode{"zlib", "what zlib alone takes for an echo", zlibAlone}}) {
    app.add_subcommand(mode.name, mode.description)->final_callback([&load, mode] { print(mode.run(load)); });
  }
  app.require_subcommand(1);
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
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
    std::cerr << "bench_generator: " << error.what() << '\n';
    return 1;
  }
}
