// What the tests of TLS share: both ends of a connection over fake streams.
#pragma once

#include <gtest/gtest.h>

#include <autobahn/util/net/tls.hpp>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "certificates.hpp"
#include "echo.hpp"
#include "fake_loop.hpp"
#include "fake_stream.hpp"

namespace autobahn::inline v0::util::testing {

inline const TestAuthority& authority() {
  static const TestAuthority made;
  return made;
}

inline TlsOptions serverOptions() {
  TlsOptions options;
  options.certificate = authority().server.certificate;
  options.key = authority().server.key;
  return options;
}

inline TlsOptions clientOptions() {
  TlsOptions options;
  options.ca = authority().ca.certificate;
  return options;
}

/// Both ends of a TLS connection over fake streams.
class TlsPair : public ::testing::Test {
 protected:
  void connect(std::shared_ptr<TlsContext> serverContext, std::shared_ptr<TlsContext> clientContext,
               const std::string& name = "localhost", FakeLink there = {}, FakeLink back = {},
               bool echoes = true) {
    client.reset();
    server.reset();
    auto [one, other] = makeFakePair(loop, there, back);
    clientEnd = one.get();
    serverEnd = other.get();
    clientControl = one->control;
    serverControl = other->control;
    client =
        std::make_unique<Peer>(makeTlsStream(std::move(one), std::move(clientContext), loop, false, name));
    server =
        std::make_unique<Peer>(makeTlsStream(std::move(other), std::move(serverContext), loop, true), echoes);
    if (beforeStart) beforeStart(*clientEnd);
    server->start();
    client->start();
    loop.settle();
  }
  void connect(const TlsOptions& serverSide, const TlsOptions& clientSide,
               const std::string& name = "localhost") {
    connect(TlsContext::server(serverSide), TlsContext::client(clientSide), name);
  }
  bool works() {
    if (!client->ready || !server->ready) return false;
    client->send("ping");
    loop.settle();
    return client->received.ends_with("ping");
  }
  static std::string randomBytes(std::size_t size) {
    std::mt19937 random(1);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
  }

  FakeLoop loop;
  std::shared_ptr<FakeStream::Control> clientControl, serverControl;
  /// Called with the client's end of each connection.
  std::function<void(FakeStream&)> beforeStart;
  FakeStream* clientEnd = nullptr;
  FakeStream* serverEnd = nullptr;
  std::unique_ptr<Peer> client;
  std::unique_ptr<Peer> server;
};

}  // namespace autobahn::inline v0::util::testing
