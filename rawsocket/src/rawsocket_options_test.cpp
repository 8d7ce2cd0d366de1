#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <autobahn/rawsocket/options.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace autobahn::rawsocket {
namespace {

template <class Options>
std::string problem(const std::function<void(Options&)>& change) {
  Options options;
  change(options);
  try {
    options.validate();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(RawSocketOptions, DefaultsAreValid) {
  EXPECT_EQ(problem<ServerOptions>([](ServerOptions&) {}), "accepted");
  EXPECT_EQ(problem<ClientOptions>([](ClientOptions&) {}), "accepted");
}

/// What is on without anybody asking for it (docs/security.md).
TEST(RawSocketOptions, DefaultsProtect) {
  const ServerOptions server;
  const ClientOptions client;
  for (const ProtocolOptions* each :
       {static_cast<const ProtocolOptions*>(&server), static_cast<const ProtocolOptions*>(&client)}) {
    EXPECT_EQ(each->maxMessagePayloadSize, 16u * 1024 * 1024);
    EXPECT_EQ(each->openHandshakeTimeout, std::chrono::seconds(5));
    EXPECT_EQ(each->closeTimeout, std::chrono::seconds(1));
    EXPECT_EQ(each->sendBufferHighWatermark, 16u * 1024 * 1024);
  }
  EXPECT_EQ(server.slowConsumerPolicy, SlowConsumerPolicy::close);
}

TEST(RawSocketOptions, NamesWhatIsOutOfRange) {
  using Change = std::function<void(ServerOptions&)>;
  const std::vector<std::pair<const char*, Change>> cases = {
      {"maxMessagePayloadSize", [](ServerOptions& o) { o.maxMessagePayloadSize = 1000; }},
      {"maxMessagePayloadSize", [](ServerOptions& o) { o.maxMessagePayloadSize = 256; }},
      {"maxMessagePayloadSize", [](ServerOptions& o) { o.maxMessagePayloadSize = 1 << 25; }},
      {"maxMessagePayloadSize", [](ServerOptions& o) { o.maxMessagePayloadSize = 0; }},
      {"minPeerMaxPayloadSize", [](ServerOptions& o) { o.minPeerMaxPayloadSize = 511; }},
      {"openHandshakeTimeout", [](ServerOptions& o) { o.openHandshakeTimeout = -1ms; }},
      {"closeTimeout", [](ServerOptions& o) { o.closeTimeout = std::chrono::hours(1'000'000); }},
      {"autoPingInterval", [](ServerOptions& o) { o.autoPingInterval = -1ms; }},
      {"autoPingTimeout", [](ServerOptions& o) { o.autoPingTimeout = -1ms; }},
      {"autoPingSize", [](ServerOptions& o) { o.autoPingSize = 3; }},
      {"sendBufferHighWatermark", [](ServerOptions& o) { o.sendBufferHighWatermark = 0; }},
      {"sendBufferLowWatermark", [](ServerOptions& o) { o.sendBufferLowWatermark = 1 << 30; }},
      {"serializers", [](ServerOptions& o) { o.serializers = {}; }},
      {"serializers: 6", [](ServerOptions& o) { o.serializers = {SerializerId{6}}; }},
  };
  for (const auto& [name, change] : cases)
    EXPECT_THAT(problem<ServerOptions>(change), testing::HasSubstr(name));
  EXPECT_THAT(problem<ClientOptions>([](ClientOptions& o) { o.serializer = SerializerId{0}; }),
              testing::HasSubstr("serializer: 0"));
}

TEST(RawSocketOptions, SerializersHaveNames) {
  for (int id = 1; id <= 5; ++id) {
    const auto serializer = static_cast<SerializerId>(id);
    EXPECT_EQ(serializerByName(serializerName(serializer)), serializer);
  }
  EXPECT_EQ(serializerName(SerializerId{6}), "reserved");
  EXPECT_EQ(serializerByName("reserved"), std::nullopt);
}

}  // namespace
}  // namespace autobahn::rawsocket
