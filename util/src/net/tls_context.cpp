// TlsContext: certificates, trust and settings into OpenSSL's SSL_CTX.
#include <fcntl.h>
#include <openssl/pem.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>

#include "tls_state.hpp"

namespace autobahn::inline v0::util {

std::string opensslError() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* const reason = ERR_reason_error_string(code);
    text = reason != nullptr ? reason : "error " + std::to_string(code);
  }
  return text;
}

namespace {

[[noreturn]] void fail(const std::string& what) {
  const std::string reason = opensslError();
  throw TlsConfigError("TLS: " + what + (reason.empty() ? "" : ": " + reason));
}

/// PEM text and what to call it in an error message.
struct Pem {
  std::string text;
  std::string name;
};

Pem readPem(const std::string& file, const std::string& text, const std::string& what) {
  if (file.empty()) return {text, what};
  std::ifstream stream(file, std::ios::binary);
  Pem pem{std::string(std::istreambuf_iterator<char>(stream), {}), what + " file " + file};
  if (!stream.is_open() || stream.bad()) fail("cannot read " + pem.name + ": " + std::strerror(errno));
  return pem;
}

BioPtr memoryBio(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Never asks on the terminal, as OpenSSL would by itself.
int givePassword(char* buffer, int size, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

void useCertificate(SSL_CTX* context, const Pem& pem) {
  const BioPtr bio = memoryBio(pem.text);
  std::string none;
  const X509Ptr leaf(PEM_read_bio_X509_AUX(bio.get(), nullptr, givePassword, &none));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) fail("cannot use " + pem.name);
  SSL_CTX_clear_chain_certs(context);
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, givePassword, &none)) {
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      fail("cannot use " + pem.name);
    }
  }
  const unsigned long last = ERR_peek_last_error();
  if (ERR_GET_REASON(last) != PEM_R_NO_START_LINE) fail("cannot use " + pem.name);
  ERR_clear_error();
}

void useKey(SSL_CTX* context, const Pem& pem, std::string password) {
  const BioPtr bio = memoryBio(pem.text);
  const PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, givePassword, &password));
  if (!key) fail("cannot use " + pem.name + " (wrong password?)");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    fail(pem.name + " does not belong to the certificate");
  }
}

template <class Source>
bool hasCertificate(const Source& source) {
  return !source.certificateFile.empty() || !source.certificate.empty();
}

/// `source`: TlsOptions or TlsIdentity.
template <class Source>
void useIdentity(SSL_CTX* context, const Source& source) {
  const Pem certificate = readPem(source.certificateFile, source.certificate, "certificate");
  useCertificate(context, certificate);
  // A key may stand in the certificate's file.
  const bool hasKey = !source.keyFile.empty() || !source.key.empty();
  useKey(context, hasKey ? readPem(source.keyFile, source.key, "key") : certificate, source.keyPassword);
}

void trust(SSL_CTX* context, const TlsOptions& options, bool isServer) {
  if (!options.caFile.empty() || !options.ca.empty()) {
    const Pem pem = readPem(options.caFile, options.ca, "CA certificate");
    const BioPtr bio = memoryBio(pem.text);
    std::string none;
    int count = 0;
    while (X509* raw = PEM_read_bio_X509(bio.get(), nullptr, givePassword, &none)) {
      const X509Ptr authority(raw);
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
      if (isServer) SSL_CTX_add_client_CA(context, authority.get());
      ++count;
    }
    if (count == 0) fail("cannot use " + pem.name);
    ERR_clear_error();
  }
  if (!options.caPath.empty() && SSL_CTX_load_verify_dir(context, options.caPath.c_str()) != 1) {
    fail("cannot use CA directory " + options.caPath);
  }
  const bool none = options.caFile.empty() && options.ca.empty() && options.caPath.empty();
  if (none && !isServer && SSL_CTX_set_default_verify_paths(context) != 1)
    fail("cannot use the system's CAs");
  if (none && isServer && (options.requestClientCertificate || options.requireClientCertificate)) {
    fail("client certificates cannot be verified without caFile, ca or caPath");
  }
}

int verifyMode(const TlsOptions& options, bool isServer) {
  if (!isServer) return options.verifyPeer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
  if (options.requireClientCertificate) return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  return options.requestClientCertificate ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
}

std::vector<unsigned char> encodeAlpn(const std::vector<std::string>& protocols) {
  std::vector<unsigned char> encoded;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255) fail("ALPN names have 1 to 255 octets");
    encoded.push_back(static_cast<unsigned char>(protocol.size()));
    encoded.insert(encoded.end(), protocol.begin(), protocol.end());
  }
  return encoded;
}

UniqueFd openKeyLog(const TlsOptions& options) {
  const char* const fromEnvironment = ::secure_getenv("SSLKEYLOGFILE");
  const std::string path = !options.keyLogFile.empty()  ? options.keyLogFile
                           : fromEnvironment != nullptr ? fromEnvironment
                                                        : "";
  if (path.empty()) return {};
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) fail("cannot write key log file " + path + ": " + std::strerror(errno));
  return fd;
}

void configure(SSL_CTX* context, const TlsOptions& options, bool isServer) {
  if (options.minVersion > options.maxVersion) fail("minVersion is above maxVersion");
  const auto number = [](TlsVersion version) {
    return version == TlsVersion::tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  };
  SSL_CTX_set_min_proto_version(context, number(options.minVersion));
  SSL_CTX_set_max_proto_version(context, number(options.maxVersion));
  SSL_CTX_set_options(context,
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Many records per system call; the buffer goes when it is empty.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, std::size_t{64} << 10);
  SSL_CTX_set_dh_auto(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (!options.sessionTickets) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
  }
  // Without an id OpenSSL refuses to resume sessions that have client certificates.
  static constexpr unsigned char kSessionId[] = "autobahn";
  SSL_CTX_set_session_id_context(context, kSessionId, sizeof kSessionId - 1);
  if (!options.ciphers.empty() && SSL_CTX_set_cipher_list(context, options.ciphers.c_str()) != 1) {
    fail("cannot use ciphers \"" + options.ciphers + '"');
  }
  if (!options.cipherSuites.empty() && SSL_CTX_set_ciphersuites(context, options.cipherSuites.c_str()) != 1) {
    fail("cannot use cipher suites \"" + options.cipherSuites + '"');
  }
  trust(context, options, isServer);
  SSL_CTX_set_verify(context, verifyMode(options, isServer), nullptr);
}

/// "*.example.com" stands for exactly one more label.
bool matchesName(std::string_view pattern, std::string_view name) {
  if (pattern.starts_with("*.")) {
    const std::size_t dot = name.find('.');
    if (dot == 0 || dot == std::string_view::npos) return false;
    pattern.remove_prefix(1);
    name.remove_prefix(dot);
  }
  return pattern.size() == name.size() && ::strncasecmp(pattern.data(), name.data(), name.size()) == 0;
}

int stateIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

SSL_CTX* TlsContext::State::forName(std::string_view serverName) const {
  if (serverName.ends_with('.')) serverName.remove_suffix(1);
  for (const bool exact : {true, false}) {  // a full name comes before a pattern
    for (const auto& [patterns, identity] : byName) {
      const bool found = std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return pattern.starts_with("*.") != exact && matchesName(pattern, serverName);
      });
      if (found) return identity.get();
    }
  }
  return nullptr;
}

TlsContext::State::State(TlsOptions given, bool isServer) : options(std::move(given)) {
  ERR_clear_error();
  alpn = encodeAlpn(options.alpn);
  keyLog = openKeyLog(options);
  const SSL_METHOD* const method = isServer ? TLS_server_method() : TLS_client_method();
  const auto make = [&] {
    SslContextPtr made(SSL_CTX_new(method));
    if (!made) fail("cannot start OpenSSL");
    configure(made.get(), options, isServer);
    return made;
  };
  context = make();
  if (hasCertificate(options)) {
    useIdentity(context.get(), options);
  } else if (isServer && options.identities.empty()) {
    throw TlsConfigError("TLS: a server needs a certificate: set certificateFile and keyFile");
  } else if (isServer) {
    useIdentity(context.get(), options.identities.front());
  }
  if (isServer) {
    for (const TlsIdentity& identity : options.identities) {
      SslContextPtr made = make();
      useIdentity(made.get(), identity);
      byName.emplace_back(identity.hostnames, std::move(made));
    }
  }

  for (SSL_CTX* one : all()) {
    SSL_CTX_set_ex_data(one, stateIndex(), this);
    if (keyLog) SSL_CTX_set_keylog_callback(one, logKey);
  }
  if (!alpn.empty() && isServer) {
    // OpenSSL asks the context that was chosen by name.
    for (SSL_CTX* one : all()) SSL_CTX_set_alpn_select_cb(one, selectProtocol, this);
  } else if (!alpn.empty()) {
    SSL_CTX_set_alpn_protos(context.get(), alpn.data(), static_cast<unsigned>(alpn.size()));
  }
  if (!isServer) return;
  SSL_CTX_set_tlsext_servername_arg(context.get(), this);
  SSL_CTX_set_tlsext_servername_callback(context.get(), chooseIdentity);
}

std::vector<SSL_CTX*> TlsContext::State::all() const {
  std::vector<SSL_CTX*> contexts = {context.get()};
  for (const auto& entry : byName) contexts.push_back(entry.second.get());
  return contexts;
}

int TlsContext::State::chooseIdentity(SSL* ssl, int*, void* self) {
  const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  if (SSL_CTX* const chosen = static_cast<const State*>(self)->forName(name)) SSL_set_SSL_CTX(ssl, chosen);
  return SSL_TLSEXT_ERR_OK;
}

int TlsContext::State::selectProtocol(SSL*, const unsigned char** out, unsigned char* outSize,
                                      const unsigned char* offered, unsigned int offeredSize, void* self) {
  const auto& ours = static_cast<const State*>(self)->alpn;
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, outSize, ours.data(), static_cast<unsigned>(ours.size()), offered,
                            offeredSize) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 section 3.2
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void TlsContext::State::logKey(const SSL* ssl, const char* line) {
  const auto* const state =
      static_cast<const State*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), stateIndex()));
  const std::string text = std::string(line) + '\n';
  // One write per line, or other processes' lines get in between.
  [[maybe_unused]] const ssize_t written = ::write(state->keyLog.get(), text.data(), text.size());
}

// ---- TlsContext

struct TlsContext::Impl {
  Impl(TlsOptions given, bool server)
      : options(std::move(given)), isServer(server), state(std::make_shared<State>(options, server)) {}
  TlsOptions options;
  bool isServer;
  mutable std::mutex mutex;
  std::shared_ptr<const State> state;  ///< guarded by mutex
};

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

std::shared_ptr<TlsContext> TlsContext::server(TlsOptions options) {
  return std::shared_ptr<TlsContext>(new TlsContext(std::make_unique<Impl>(std::move(options), true)));
}

std::shared_ptr<TlsContext> TlsContext::client(TlsOptions options) {
  return std::shared_ptr<TlsContext>(new TlsContext(std::make_unique<Impl>(std::move(options), false)));
}

void TlsContext::reload() {
  auto fresh = std::make_shared<const State>(impl_->options, impl_->isServer);
  const std::lock_guard lock(impl_->mutex);
  impl_->state.swap(fresh);
}

bool TlsContext::isServer() const { return impl_->isServer; }

std::shared_ptr<const TlsContext::State> TlsContext::state() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->state;
}

}  // namespace autobahn::inline v0::util
