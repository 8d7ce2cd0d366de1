// Certificates and keys in files, and what is wrong with them.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <autobahn/util/crypto.hpp>
#include <autobahn/util/net/tls.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "testing/tls_pair.hpp"

namespace autobahn::inline v0::util {
namespace {

using testing::authority;
using testing::clientOptions;
using testing::serverOptions;
using testing::TestCertificate;

class TlsFiles : public testing::TlsPair {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "autobahn-tls-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory); }
  std::string file(const std::string& name, const std::string& content) {
    const std::string path = (directory / name).string();
    std::ofstream(path) << content;
    return path;
  }
  static std::string messageOf(const TlsOptions& options) {
    try {
      TlsContext::server(options);
      return "no error";
    } catch (const TlsConfigError& error) {
      return error.what();
    }
  }
  std::filesystem::path directory;
};

TEST_F(TlsFiles, FilesAndReload) {
  TlsOptions options;
  options.certificateFile = file("cert.pem", authority().server.certificate + authority().ca.certificate);
  options.keyFile = file("key.pem", authority().server.key);
  TlsOptions trusting;
  trusting.caFile = file("ca.pem", authority().ca.certificate);
  const auto serverContext = TlsContext::server(options);
  const auto clientContext = TlsContext::client(trusting);
  connect(serverContext, clientContext);
  ASSERT_TRUE(works());
  const std::string before = client->stream().details().tls->peerCertificate->sha256Fingerprint;

  file("cert.pem", "no certificate");
  EXPECT_THROW(serverContext->reload(), TlsConfigError);
  EXPECT_TRUE(works());                   // the connection there is
  connect(serverContext, clientContext);  // and a new one with the old certificate
  ASSERT_TRUE(works());
  EXPECT_EQ(client->stream().details().tls->peerCertificate->sha256Fingerprint, before);

  const TestCertificate renewed = authority().issue({});
  file("cert.pem", renewed.certificate);
  file("key.pem", renewed.key);
  serverContext->reload();
  EXPECT_TRUE(works());
  connect(serverContext, clientContext);
  ASSERT_TRUE(works());
  EXPECT_NE(client->stream().details().tls->peerCertificate->sha256Fingerprint, before);
  EXPECT_TRUE(serverContext->isServer());
}

TEST_F(TlsFiles, ErrorsNameTheFile) {
  TlsOptions options = serverOptions();
  options.certificateFile = (directory / "none.pem").string();
  EXPECT_EQ(messageOf(options),
            "TLS: cannot read certificate file " + options.certificateFile + ": No such file or directory");
  options.certificateFile = file("bad.pem", "nonsense");
  EXPECT_TRUE(messageOf(options).starts_with("TLS: cannot use certificate file " + options.certificateFile));
  options = serverOptions();
  options.keyFile = file("other.pem", authority().client.key);
  EXPECT_TRUE(messageOf(options).starts_with("TLS: key file " + options.keyFile + " does not belong to the"));
  options = serverOptions();
  options.caFile = file("empty.pem", "");
  EXPECT_EQ(messageOf(options), "TLS: cannot use CA certificate file " + options.caFile + ": no start line");
  options = serverOptions();
  options.requireClientCertificate = true;
  EXPECT_EQ(messageOf(options), "TLS: client certificates cannot be verified without caFile, ca or caPath");
  EXPECT_EQ(messageOf({}), "TLS: a server needs a certificate: set certificateFile and keyFile");
}

TEST_F(TlsFiles, KeysUnderAPassword) {
  TlsOptions options = serverOptions();
  options.key = testing::encryptKey(authority().server.key, "secret");
  EXPECT_NE(messageOf(options).find("wrong password"),
            std::string::npos);  // and does not ask on the terminal
  options.keyPassword = "guess";
  EXPECT_NE(messageOf(options).find("wrong password"), std::string::npos);
  options.keyPassword = "secret";
  connect(options, clientOptions());
  EXPECT_TRUE(works());
}

TEST_F(TlsFiles, KeyAndCertificateInOneFile) {
  TlsOptions options;
  options.certificateFile = file("both.pem", authority().server.key + authority().server.certificate);
  connect(options, clientOptions());
  EXPECT_TRUE(works());
}

TEST_F(TlsFiles, KeyLog) {
  TlsOptions options = serverOptions();
  options.keyLogFile = (directory / "keys.log").string();
  const TestCertificate other = authority().issue({.altNames = "DNS:example.com"});
  options.identities.push_back(
      {.hostnames = {"example.com"}, .certificate = other.certificate, .key = other.key});
  connect(options, clientOptions(), "example.com");
  ASSERT_TRUE(works());
  std::ifstream stream(options.keyLogFile);
  std::stringstream text;
  text << stream.rdbuf();
  EXPECT_NE(text.str().find("CLIENT_TRAFFIC_SECRET_0 "), std::string::npos);
  const auto permissions = std::filesystem::status(options.keyLogFile).permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ::setenv("SSLKEYLOGFILE", (directory / "none" / "keys.log").c_str(), 1);
  EXPECT_THROW(TlsContext::client(clientOptions()), TlsConfigError);
  ::unsetenv("SSLKEYLOGFILE");
}

}  // namespace
}  // namespace autobahn::inline v0::util
