// The forms and errors are tested with each family of URLs (websocket/src/url_test.cpp,
// rawsocket/src/rawsocket_url_test.cpp); here is what the families have apart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <autobahn/util/endpoint_url.hpp>
#include <stdexcept>

namespace autobahn::util {
namespace {

constexpr UrlFamily kFamily{"Example", "ex", "exs"};

TEST(EndpointUrl, KeepsTheResourceAsItStands) {
  EXPECT_EQ(parseEndpointUrl(kFamily, "ex://h").resource, "");
  EXPECT_EQ(parseEndpointUrl(kFamily, "exs://h:1/%20?a=b").resource, "/%20?a=b");
  EXPECT_EQ(parseEndpointUrl(kFamily, "EX://h?a").resource, "?a");
  EXPECT_EQ(parseEndpointUrl(kFamily, "exs+UNIX:///s:/a").resource, "/a");
  EXPECT_EQ(parseEndpointUrl(kFamily, "ex+unix:///s?a").resource, "?a");
}

TEST(EndpointUrl, KnowsItsOwnSchemesOnly) {
  for (const char* url : {"exx://h", "e://h", "ex+unixx:///s", "+unix:///s", "exs+uni:///s"}) {
    try {
      parseEndpointUrl(kFamily, url);
      ADD_FAILURE() << url << " was taken";
    } catch (const std::invalid_argument& problem) {
      EXPECT_THAT(problem.what(), testing::StartsWith("invalid Example URL: scheme '"));
      EXPECT_THAT(problem.what(), testing::EndsWith("is not ex, exs or ex+unix"));
    }
  }
}

TEST(EndpointUrl, Creates) {
  EXPECT_EQ(createEndpointUrl(kFamily, "h", 0, true), "exs://h:443");
  EXPECT_EQ(createUnixEndpointUrl(kFamily, "/a b", false), "ex+unix:///a%20b");
}

}  // namespace
}  // namespace autobahn::util
