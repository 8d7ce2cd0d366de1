// Sends messages over RawSocket, one after the other, and checks that each comes back as it was.
#include <autobahn/rawsocket/client.hpp>
#include <chrono>
#include <iostream>
#include <string>
#include <utility>

#include "common/program.hpp"

using namespace autobahn::rawsocket;

namespace {

class EchoClient final : public RawSocketClientProtocol {
 public:
  EchoClient(std::string message, int count, examples::Outcome* outcome)
      : message_(std::move(message)), left_(count), outcome_(outcome) {}

  void onOpen() override {
    std::cout << "connected to " << peer() << ", " << serializerName(serializer()) << ", at most "
              << maxSendSize() << " bytes\n";
    sent_ = std::chrono::steady_clock::now();
    sendPing("are you there?");
  }
  void onPong(std::string_view /*payload*/) override {
    std::cout << "pong after " << elapsed() << " ms\n";
    next();
  }
  void onMessage(std::string_view payload) override {
    if (payload != message_) {
      outcome_->problem = "the echo differs from what was sent";
      return close();
    }
    std::cout << "echo of " << payload.size() << " bytes after " << elapsed() << " ms\n";
    next();
  }
  void onClose(bool wasClean, const std::string& reason) override {
    outcome_->ok = wasClean && left_ < 0 && outcome_->problem.empty();
    if (!outcome_->ok && outcome_->problem.empty()) outcome_->problem = reason;
  }

 private:
  double elapsed() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - sent_).count();
  }
  void next() {
    if (left_-- == 0) return close();
    if (message_.size() > maxSendSize()) {
      outcome_->problem = "the server takes messages up to " + std::to_string(maxSendSize()) + " bytes";
      return close();
    }
    sent_ = std::chrono::steady_clock::now();
    sendMessage(message_);
  }

  std::string message_;
  int left_;
  examples::Outcome* outcome_;
  std::chrono::steady_clock::time_point sent_{};
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Sends messages and checks that each comes back as it was.", "rawsocket_echo_client"};
  std::string url = "rs://127.0.0.1:8080";
  app.add_option("--url", url, "rs://, rss:// or rs+unix:// (default: " + url + ")");
  ConnectOptions connecting;
  autobahn::util::TlsOptions tls;
  app.add_option("--ca", tls.caFile, "trust the certificate authorities in this file (PEM)")
      ->check(CLI::ExistingFile)
      ->option_text("FILE");
  bool isInsecure = false;
  app.add_flag("--insecure", isInsecure, "accept any certificate: for tests only");
  std::string serializer = "json";
  app.add_option("--serializer", serializer, "what to ask for: json, msgpack, cbor, ubjson or flatbuffers");
  int count = 1;
  app.add_option("--count", count, "how many messages (default: 1)")->check(CLI::NonNegativeNumber);
  std::string message = "Hello, world!";
  auto* text = app.add_option("--message", message, "the message");
  std::size_t size = 0;
  auto* bytes = app.add_option("--size", size, "send a message of so many bytes instead")->excludes(text);
  return examples::run(app, argc, argv, [&] {
    const auto id = serializerByName(serializer);
    if (!id) throw std::invalid_argument("--serializer: " + serializer + " is none");
    if (*bytes) message.assign(size, 'x');
    ClientOptions options;
    options.serializer = *id;
    RawSocketClientFactory factory(url, options);
    tls.verifyPeer = !isInsecure;
    connecting.tls = tls;
    examples::Outcome outcome;
    factory.setProtocol<EchoClient>(message, count, &outcome);
    factory.connect(connecting);
    factory.run();
    return outcome.exitCode();
  });
}
