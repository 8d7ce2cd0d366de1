#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <autobahn/websocket/options.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace autobahn::websocket {
namespace {

template <typename Options>
std::string problemOf(const std::function<void(Options&)>& change) {
  Options options;
  change(options);
  try {
    options.validate();
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "";
}

TEST(Options, DefaultsAreValid) {
  EXPECT_NO_THROW(ProtocolOptions{}.validate());
  EXPECT_NO_THROW(ServerOptions{}.validate());
  EXPECT_NO_THROW(ClientOptions{}.validate());
}

/// What is on without anybody asking for it. Each of these values is explained in docs/security.md.
TEST(Options, DefaultsProtect) {
  const ServerOptions server;
  const ClientOptions client;
  for (const ProtocolOptions* each :
       {static_cast<const ProtocolOptions*>(&server), static_cast<const ProtocolOptions*>(&client)}) {
    EXPECT_EQ(each->maxMessagePayloadSize, 16u * 1024 * 1024);
    EXPECT_EQ(each->maxFramesPerMessage, 65536u);
    EXPECT_EQ(each->maxHandshakeSize, 16u * 1024);
    EXPECT_EQ(each->maxHeaders, 100u);
    EXPECT_EQ(each->openHandshakeTimeout, 5s);
    EXPECT_EQ(each->closeHandshakeTimeout, 1s);
    EXPECT_EQ(each->sendBufferHighWatermark, 16u * 1024 * 1024);
    EXPECT_TRUE(each->utf8validateIncoming);
    EXPECT_TRUE(each->failByDrop);
    EXPECT_FALSE(each->logOctets);
  }
  EXPECT_EQ(server.slowConsumerPolicy, SlowConsumerPolicy::close);
  EXPECT_TRUE(server.requireMaskedClientFrames);
  EXPECT_FALSE(server.allowNullOrigin);
  EXPECT_EQ(server.maxHttpBodySize, 1024u * 1024);
  EXPECT_EQ(server.trustXForwardedFor, 0);
  EXPECT_EQ(server.proxyProtocol, ProxyProtocol::off);
  EXPECT_FALSE(server.perMessageCompressionAccept);
  EXPECT_TRUE(client.perMessageCompressionOffers.empty());
  EXPECT_TRUE(client.maskClientFrames);
  EXPECT_FALSE(client.acceptMaskedServerFrames);
  EXPECT_EQ(client.serverConnectionDropTimeout, 1s);
}

TEST(Options, EveryRangeIsChecked) {
  const struct {
    std::string name;
    std::function<void(ServerOptions&)> change;
  } cases[] = {
      {"autoPingSize", [](auto& o) { o.autoPingSize = 3; }},
      {"autoPingSize", [](auto& o) { o.autoPingSize = 126; }},
      {"openHandshakeTimeout", [](auto& o) { o.openHandshakeTimeout = -1ms; }},
      {"closeHandshakeTimeout", [](auto& o) { o.closeHandshakeTimeout = -1ms; }},
      {"autoPingInterval", [](auto& o) { o.autoPingInterval = -1ms; }},
      {"autoPingTimeout", [](auto& o) { o.autoPingTimeout = std::chrono::milliseconds::max(); }},
      {"maxHandshakeSize", [](auto& o) { o.maxHandshakeSize = 0; }},
      {"maxHeaders", [](auto& o) { o.maxHeaders = 0; }},
      {"sendBufferHighWatermark", [](auto& o) { o.sendBufferHighWatermark = 0; }},
      {"sendBufferLowWatermark", [](auto& o) { o.sendBufferLowWatermark = o.sendBufferHighWatermark + 1; }},
      {"versions", [](auto& o) { o.versions = {}; }},
      {"versions",
       [](auto& o) {
         o.versions = {13, 7};
       }},
      {"trustXForwardedFor", [](auto& o) { o.trustXForwardedFor = -1; }},
      {"allowedOrigins", [](auto& o) { o.allowedOrigins = {""}; }},
      {"allowedOrigins", [](auto& o) { o.allowedOrigins = {"https://a.example/"}; }},
      {"allowedOrigins", [](auto& o) { o.allowedOrigins = {"https://a, https://b"}; }},
      {"flashSocketPolicy",
       [](auto& o) {
         o.serveFlashSocketPolicy = true;
         o.flashSocketPolicy = "";
       }},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(problemOf<ServerOptions>(c.change), testing::HasSubstr(c.name)) << c.name;
  }
  EXPECT_THAT(problemOf<ClientOptions>([](auto& o) { o.serverConnectionDropTimeout = -1ms; }),
              testing::HasSubstr("serverConnectionDropTimeout"));
  EXPECT_THAT(problemOf<ClientOptions>([](auto& o) { o.autoPingSize = 0; }),
              testing::HasSubstr("autoPingSize"));
  EXPECT_NE(problemOf<ClientOptions>([](auto& o) {
              o.perMessageCompressionOffers.push_back({true, true, false, 16});
            }),
            "");
}

TEST(Options, ClientVersions) {
  for (int version = -1; version < 30; ++version) {
    const bool isGood = version == 8 || (version >= 10 && version <= 18);
    EXPECT_EQ(problemOf<ClientOptions>([=](auto& o) { o.version = version; }).empty(), isGood) << version;
  }
}

TEST(Options, OriginPatterns) {
  const std::vector<std::string> good = {"*", "https://a.example", "*://*.example:443", "*.example:*",
                                         "http://[::1]:80"};
  EXPECT_EQ(problemOf<ServerOptions>([&](auto& o) { o.allowedOrigins = good; }), "");
}

}  // namespace
}  // namespace autobahn::websocket
