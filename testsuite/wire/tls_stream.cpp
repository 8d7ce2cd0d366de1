// TLS over a socket of the harness.
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <array>
#include <csignal>
#include <map>
#include <mutex>
#include <tuple>

#include "wire/poll.hpp"
#include "wire/tls.hpp"

namespace wstest {
namespace {

std::string opensslProblem() {
  const unsigned long code = ::ERR_peek_last_error();
  ::ERR_clear_error();
  if (code == 0) return "TLS failed";
  const char* reason = ::ERR_reason_error_string(code);
  return reason != nullptr ? reason : "TLS error " + std::to_string(code);
}

int versionOf(TlsLevel level) {
  static constexpr std::array<int, 4> kVersions = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION,
                                                   TLS1_3_VERSION};
  return kVersions[static_cast<std::size_t>(level)];
}

class TlsStream final : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> tcp, SSL_CTX* context) : tcp_(std::move(tcp)), ssl_(::SSL_new(context)) {
    if (ssl_ == nullptr) throw std::runtime_error("TLS: " + opensslProblem());
    ::SSL_set_fd(ssl_, tcp_->fd());
    ::SSL_set_mode(ssl_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }
  ~TlsStream() override { ::SSL_free(ssl_); }
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  SSL* ssl() const { return ssl_; }

  IoResult read(std::span<char> into) override {
    std::size_t got = 0;
    ::ERR_clear_error();
    const int done = ::SSL_read_ex(ssl_, into.data(), into.size(), &got);
    return done == 1 ? IoResult{Io::done, got} : failed(done);
  }

  IoResult write(std::string_view bytes) override {
    std::size_t sent = 0;
    ::ERR_clear_error();
    const int done = ::SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent);
    return done == 1 ? IoResult{Io::done, sent} : failed(done);
  }

  Waited wait(bool forWriting, TimePoint until, const StopSwitch& stop) override {
    if (::SSL_has_pending(ssl_) == 1 && !isPendingStuck_) return Waited::ready;
    const bool wantsWrite = forWriting || SSL_want_write(ssl_);
    return waitFor(tcp_->fd(), static_cast<short>(POLLIN | (wantsWrite ? POLLOUT : 0)), until, stop);
  }

  void endWriting(bool isAbrupt) override {
    if (!isAbrupt) ::SSL_shutdown(ssl_);
    tcp_->endWriting();
  }
  void reset() override { tcp_->reset(); }
  bool isSecure() const override { return true; }
  std::string problem() const override { return problem_; }
  std::string peer() const override { return tcp_->peer(); }
  int fd() const override { return tcp_->fd(); }

  /// What SSL_do_handshake, SSL_read_ex and SSL_write_ex ended with, when it was not success.
  IoResult failed(int status) {
    const int error = ::SSL_get_error(ssl_, status);
    // Bytes are there, but not a whole record: polling for more is right.
    isPendingStuck_ = error == SSL_ERROR_WANT_READ;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return {Io::later, 0};
    if (error == SSL_ERROR_ZERO_RETURN) return {Io::end, 0};
    const unsigned long code = ::ERR_peek_last_error();
    if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
      ::ERR_clear_error();
      problem_ = "TCP ended without close_notify";
      return {Io::truncated, 0};
    }
    problem_ = error == SSL_ERROR_SYSCALL && code == 0 ? errorText(errno) : opensslProblem();
    return {Io::reset, 0};
  }

 private:
  std::unique_ptr<Stream> tcp_;
  SSL* ssl_;
  bool isPendingStuck_ = false;
  std::string problem_;
};

/// Runs the handshake that `stream` is set up for. Throws ConnectError.
void shakeHands(TlsStream& stream, TimePoint until, const StopSwitch& stop) {
  for (;;) {
    ::ERR_clear_error();
    const int done = ::SSL_do_handshake(stream.ssl());
    if (done == 1) return;
    const IoResult result = stream.failed(done);
    if (result.io == Io::end || result.io == Io::truncated) {
      throw ConnectError("TLS handshake: the peer ended the connection");
    }
    if (result.io == Io::reset) {
      const long verified = ::SSL_get_verify_result(stream.ssl());
      const std::string why =
          verified != X509_V_OK ? ::X509_verify_cert_error_string(verified) : stream.problem();
      throw ConnectError("TLS handshake: " + why);
    }
    const Waited waited = waitFor(stream.fd(), SSL_want_write(stream.ssl()) ? POLLOUT : POLLIN, until, stop);
    if (waited != Waited::ready) throw ConnectError("TLS handshake: no answer in time");
  }
}

void limitVersions(SSL_CTX* context, TlsLevel atLeast, TlsLevel atMost) {
  ::SSL_CTX_set_min_proto_version(context, versionOf(atLeast));
  ::SSL_CTX_set_max_proto_version(context, versionOf(atMost));
  // What is broken today is only spoken when security level 0 is asked for.
  if (atMost < TlsLevel::tls12) ::SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
}

bool isAddress(const std::string& host) {
  ASN1_OCTET_STRING* address = ::a2i_IPADDRESS(host.c_str());
  ::ASN1_OCTET_STRING_free(address);
  return address != nullptr;
}

std::shared_ptr<SSL_CTX> newContext(const SSL_METHOD* method) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL.
  [[maybe_unused]] static const auto kIgnored = std::signal(SIGPIPE, SIG_IGN);
  std::shared_ptr<SSL_CTX> context(::SSL_CTX_new(method), &::SSL_CTX_free);
  if (!context) throw std::runtime_error("TLS: " + opensslProblem());
  return context;
}

std::shared_ptr<SSL_CTX> newClientContext(const TlsClientSettings& settings) {
  auto context = newContext(::TLS_client_method());
  limitVersions(context.get(), settings.atLeast, settings.atMost);
  if (!settings.isInsecure) ::SSL_CTX_set_default_verify_paths(context.get());
  if (!settings.caFile.empty() && ::SSL_CTX_load_verify_file(context.get(), settings.caFile.c_str()) != 1) {
    throw std::invalid_argument("cannot read certificates from " + settings.caFile + ": " + opensslProblem());
  }
  if (!settings.isInsecure) ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

/// One for all connections with the same settings: reading the system's authorities takes longer than a case.
std::shared_ptr<SSL_CTX> clientContext(const TlsClientSettings& settings) {
  static std::mutex mutex;
  static std::map<std::tuple<std::string, bool, TlsLevel, TlsLevel>, std::shared_ptr<SSL_CTX>> made;
  const std::lock_guard lock(mutex);
  auto& context = made[{settings.caFile, settings.isInsecure, settings.atLeast, settings.atMost}];
  if (!context) context = newClientContext(settings);
  return context;
}

}  // namespace

std::unique_ptr<Stream> startTlsClient(std::unique_ptr<Stream> stream, const std::string& host,
                                       const TlsClientSettings& settings, TimePoint until,
                                       const StopSwitch& stop) {
  const auto context = clientContext(settings);
  auto tls = std::make_unique<TlsStream>(std::move(stream), context.get());
  if (isAddress(host)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(tls->ssl()), host.c_str());
  } else {
    ::SSL_set1_host(tls->ssl(), host.c_str());
  }
  // RFC 6066, 3: an address is no name to ask for.
  if (settings.serverName && !settings.serverName->empty() && !isAddress(*settings.serverName)) {
    ::SSL_set_tlsext_host_name(tls->ssl(), settings.serverName->c_str());
  }
  ::SSL_set_connect_state(tls->ssl());
  shakeHands(*tls, until, stop);
  return tls;
}

std::unique_ptr<Stream> startTlsServer(std::unique_ptr<Stream> stream,
                                       const std::shared_ptr<SSL_CTX>& context, TimePoint until,
                                       const StopSwitch& stop) {
  auto tls = std::make_unique<TlsStream>(std::move(stream), context.get());
  ::SSL_set_accept_state(tls->ssl());
  shakeHands(*tls, until, stop);
  return tls;
}

std::shared_ptr<SSL_CTX> serverContext(const Identity& identity, TlsLevel atMost) {
  auto context = newContext(::TLS_server_method());
  limitVersions(context.get(), TlsLevel::tls12, atMost);
  const auto memory = [](const std::string& text) {
    return std::unique_ptr<BIO, decltype(&::BIO_free)>(
        ::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &::BIO_free);
  };
  const auto certificates = memory(identity.certificate);
  const auto keys = memory(identity.key);
  std::unique_ptr<X509, decltype(&::X509_free)> leaf(
      ::PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr), &::X509_free);
  std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key(
      ::PEM_read_bio_PrivateKey(keys.get(), nullptr, nullptr, nullptr), &::EVP_PKEY_free);
  if (!leaf) throw std::runtime_error("the certificate is not PEM: " + opensslProblem());
  if (!key) throw std::runtime_error("the key is not PEM: " + opensslProblem());
  if (::SSL_CTX_use_certificate(context.get(), leaf.get()) != 1 ||
      ::SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    throw std::runtime_error("certificate and key do not fit: " + opensslProblem());
  }
  while (X509* chain = ::PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr)) {
    ::SSL_CTX_add0_chain_cert(context.get(), chain);
  }
  ::ERR_clear_error();
  return context;
}

std::optional<TlsFacts> tlsFacts(const Stream& stream) {
  const auto* tls = dynamic_cast<const TlsStream*>(&stream);
  if (tls == nullptr) return std::nullopt;
  TlsFacts facts{::SSL_get_version(tls->ssl()), ::SSL_get_cipher_name(tls->ssl()), {}};
  const char* name = ::SSL_get_servername(tls->ssl(), TLSEXT_NAMETYPE_host_name);
  if (name != nullptr) facts.requestedName = name;
  return facts;
}

Renegotiation renegotiate(Stream& stream, TimePoint until, const StopSwitch& stop) {
  auto* tls = dynamic_cast<TlsStream*>(&stream);
  if (tls == nullptr || ::SSL_version(tls->ssl()) > TLS1_2_VERSION) return Renegotiation::notPossible;
  if (::SSL_renegotiate(tls->ssl()) != 1) return Renegotiation::notPossible;
  try {
    shakeHands(*tls, until, stop);
  } catch (const ConnectError&) {
    return Renegotiation::refused;
  }
  return ::SSL_renegotiate_pending(tls->ssl()) == 0 ? Renegotiation::done : Renegotiation::refused;
}

}  // namespace wstest
