// TLS between a stream and its user. OpenSSL reads from the inner stream through a BIO of ours; what it
// writes collects in the loop's cipher buffer and leaves in one write.
#include <algorithm>
#include <array>
#include <autobahn/util/net/event_loop.hpp>
#include <autobahn/util/net/tls.hpp>
#include <new>
#include <utility>

#include "openssl.hpp"
#include "socket_address.hpp"
#include "tls_details.hpp"
#include "tls_state.hpp"

namespace autobahn::inline v0::util {

namespace {

/// RFC 8446 section 5.1: what a record can carry.
constexpr std::size_t kRecordSize = 16 * 1024;
/// Plaintext that is encrypted before the inner stream is asked whether it takes any.
constexpr std::size_t kBatchSize = std::size_t{256} << 10;

std::error_code wouldBlock() { return std::make_error_code(std::errc::operation_would_block); }

/// Walks over parts in pieces of at most a record; small parts are joined.
class RecordCutter {
 public:
  explicit RecordCutter(std::span<const std::string_view> parts) : parts_(parts) { skipEmpty(); }
  bool done() const { return parts_.empty(); }
  std::string_view next() {
    const std::string_view rest = parts_.front().substr(offset_);
    if (rest.size() >= kRecordSize || parts_.size() == 1) {
      const std::string_view piece = rest.substr(0, kRecordSize);
      advance(piece.size());
      return piece;
    }
    std::size_t size = 0;
    while (!done() && size < kRecordSize) {
      const std::string_view piece = parts_.front().substr(offset_, kRecordSize - size);
      std::copy(piece.begin(), piece.end(), record_.begin() + static_cast<std::ptrdiff_t>(size));
      size += piece.size();
      advance(piece.size());
    }
    return {record_.data(), size};
  }

 private:
  void advance(std::size_t size) {
    offset_ += size;
    if (offset_ != parts_.front().size()) return;
    parts_ = parts_.subspan(1);
    offset_ = 0;
    skipEmpty();
  }
  void skipEmpty() {
    while (!parts_.empty() && parts_.front().empty()) parts_ = parts_.subspan(1);
  }

  std::span<const std::string_view> parts_;
  std::size_t offset_ = 0;
  std::array<char, kRecordSize> record_;
};

}  // namespace

class TlsStream final : public Stream, private StreamObserver, private LoopTask {
 public:
  TlsStream(std::unique_ptr<Stream> inner, const TlsContext& context, EventLoop& loop, bool isServer,
            const std::string& serverName);
  ~TlsStream() override {
    answerCloseNotify();
    loop_.forget(*this);
  }

  std::error_code attach(StreamObserver& observer) override {
    observer_ = &observer;
    wantsRead_ = true;
    return inner_->attach(*this);
  }
  std::error_code handshake() override;
  std::string errorDetail() const override { return detail_.empty() ? inner_->errorDetail() : detail_; }
  IoResult read(std::span<char> into) override;
  IoResult write(std::span<const std::string_view> parts) override;
  void watchRead(bool on) override;
  void watchWrite(bool on) override;
  std::size_t pendingWrite() const override {
    return pending_.size() - pendingSent_ + inner_->pendingWrite();
  }
  void shutdownWrite() override;
  void setAbortive() override { inner_->setAbortive(); }
  TransportDetails details() const override;
  std::string channelId(std::string_view type) const override {
    return tlsChannelId(ssl_.get(), isServer_, type);
  }
  void setNoDelay(bool on) override { inner_->setNoDelay(on); }

 private:
  void onReadable() override;
  void onWritable() override;
  void onTurnEnd() override;

  void verifyAgainst(std::string name);
  std::error_code handshakeFailed(int result);
  void readFailed(int result, IoResult& into);
  IoResult encryptSome(RecordCutter& cutter);
  void answerCloseNotify() noexcept;
  void flushCipher();
  void flushPending();
  void updateInnerWatch();

  static const BIO_METHOD* bioMethod();
  static TlsStream& of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }
  int bioRead(BIO* bio, char* into, int size);

  EventLoop& loop_;
  std::unique_ptr<Stream> inner_;
  std::shared_ptr<const TlsContext::State> state_;
  SslPtr ssl_;
  StreamObserver* observer_ = nullptr;
  std::string detail_;
  std::string pending_;          ///< ciphertext that the inner stream has not taken yet
  std::size_t pendingSent_ = 0;  ///< what it has taken of that
  std::error_code readError_;    ///< of the inner stream
  std::error_code writeError_;
  bool isServer_;
  bool ready_ = false;    ///< the handshake is done
  bool drained_ = false;  ///< the inner stream has no more to read for now
  bool innerEof_ = false;
  bool ended_ = false;  ///< the peer's close_notify was read
  bool wantsRead_ = true;
  bool wantsWrite_ = false;
  bool innerWatchesWrite_ = false;
  bool shutdownDue_ = false;  ///< once `pending_` is gone
  bool nameless_ = false;     ///< there is nothing to verify a certificate against
};

// ---- BIO

const BIO_METHOD* TlsStream::bioMethod() {
  static const auto method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "autobahn stream");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(made, [](BIO* bio, char* into, int size) { return of(bio).bioRead(bio, into, size); });
    BIO_meth_set_write(made, [](BIO* bio, const char* from, int size) {
      BIO_clear_retry_flags(bio);
      of(bio).loop_.cipherBuffer().append(from, static_cast<std::size_t>(size));
      return size;
    });
    BIO_meth_set_ctrl(
        made, [](BIO*, int command, long, void*) -> long { return command == BIO_CTRL_FLUSH ? 1 : 0; });
    return std::unique_ptr<BIO_METHOD, OpensslDeleter<&BIO_meth_free>>(made);
  }();
  return method.get();
}

int TlsStream::bioRead(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  if (drained_) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const IoResult result = inner_->read({into, static_cast<std::size_t>(size)});
  drained_ = result.size < static_cast<std::size_t>(size) && !result.eof;
  if (result.size != 0) return static_cast<int>(result.size);
  if (result.eof) {
    innerEof_ = true;
    return 0;
  }
  if (result.failed()) {
    readError_ = result.error;
  } else {
    BIO_set_retry_read(bio);
  }
  return -1;
}

// ---- beginning

TlsStream::TlsStream(std::unique_ptr<Stream> inner, const TlsContext& context, EventLoop& loop, bool isServer,
                     const std::string& serverName)
    : loop_(loop),
      inner_(std::move(inner)),
      state_(context.state()),
      ssl_(SSL_new(state_->context.get())),
      isServer_(isServer) {
  BioPtr bio(BIO_new(bioMethod()));
  if (!ssl_ || !bio) throw std::bad_alloc();
  BIO_set_data(bio.get(), this);
  BIO_set_init(bio.get(), 1);
  BIO* const raw = bio.release();
  SSL_set_bio(ssl_.get(), raw, raw);
  if (isServer) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
    verifyAgainst(state_->options.serverName.empty() ? serverName : state_->options.serverName);
  }
}

void TlsStream::verifyAgainst(std::string name) {
  if (name.size() > 1 && name.back() == '.') name.pop_back();
  SocketAddress numeric;
  const bool isAddress = numeric.setNumeric(name, 0);
  // RFC 6066 section 3: no literal addresses.
  if (!isAddress && !name.empty()) SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
  if (!state_->options.verifyPeer || !state_->options.verifyHostname) return;
  X509_VERIFY_PARAM* const param = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool set =
      !name.empty() && (isAddress ? X509_VERIFY_PARAM_set1_ip_asc(param, name.c_str())
                                  : X509_VERIFY_PARAM_set1_host(param, name.data(), name.size())) == 1;
  nameless_ = !set;
}

std::error_code TlsStream::handshake() {
  if (ready_) return {};
  if (const std::error_code error = inner_->handshake()) return error;
  if (nameless_) {
    detail_ = "no host name to verify the server's certificate against";
    return TlsErrc::certificateRejected;
  }
  drained_ = false;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const std::error_code failure = result == 1 ? std::error_code() : handshakeFailed(result);
  flushCipher();  // also when it failed: the alert says why
  // What could not be sent is never answered: nobody would look again before some time limit.
  if (failure == std::errc::operation_would_block && writeError_) return writeError_;
  if (failure) return failure;
  ready_ = true;
  if (SSL_has_pending(ssl_.get()) == 1) loop_.callAtTurnEnd(*this);
  return {};
}

std::error_code TlsStream::handshakeFailed(int result) {
  const int kind = SSL_get_error(ssl_.get(), result);
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
    return writeError_ ? writeError_ : wouldBlock();
  if (readError_) return readError_;
  const std::string reason = opensslError();
  if (innerEof_) {
    detail_ = "the peer closed the connection during the TLS handshake";
    return std::make_error_code(std::errc::connection_aborted);
  }
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (verdict == X509_V_OK) {
    detail_ = "TLS handshake failed: " + reason;
    return TlsErrc::handshakeFailed;
  }
  detail_ = std::string("certificate verify failed: ") + X509_verify_cert_error_string(verdict);
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
    if (name != nullptr) detail_ += std::string(": it is not for ") + name;
  }
  return TlsErrc::certificateRejected;
}

// ---- reading

IoResult TlsStream::read(std::span<char> into) {
  IoResult result;
  drained_ = false;
  while (result.size < into.size()) {
    ERR_clear_error();
    std::size_t got = 0;
    const int outcome = SSL_read_ex(ssl_.get(), into.data() + result.size, into.size() - result.size, &got);
    if (outcome != 1) {
      readFailed(outcome, result);
      break;
    }
    result.size += got;
  }
  flushCipher();  // alerts, and answers to key updates
  // What is inside OpenSSL raises no readiness of the inner stream.
  if (result.size == into.size() && SSL_has_pending(ssl_.get()) == 1) loop_.callAtTurnEnd(*this);
  return result;
}

void TlsStream::readFailed(int outcome, IoResult& into) {
  const int kind = SSL_get_error(ssl_.get(), outcome);
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
    if (into.size == 0) into.error = wouldBlock();
  } else if (kind == SSL_ERROR_ZERO_RETURN) {
    into.eof = ended_ = true;
  } else if (readError_) {
    into.error = readError_;
  } else if (innerEof_) {
    into.eof = true;
    detail_ = "the connection ended without TLS' close_notify";
  } else {
    const std::string reason = opensslError();
    if (!reason.empty()) detail_ = "TLS failed: " + reason;
    into.error = TlsErrc::protocolError;
  }
}

void TlsStream::onReadable() {
  // Whatever comes after the close_notify, the end of the inner stream first of all, is not read any more.
  if (ended_) return inner_->watchRead(false);
  observer_->onReadable();
}

void TlsStream::watchRead(bool on) {
  wantsRead_ = on;
  inner_->watchRead(on);
  if (on && SSL_has_pending(ssl_.get()) == 1) loop_.callAtTurnEnd(*this);
}

void TlsStream::onTurnEnd() {
  if (wantsRead_ && SSL_has_pending(ssl_.get()) == 1) observer_->onReadable();
}

// ---- writing

IoResult TlsStream::write(std::span<const std::string_view> parts) {
  flushPending();
  IoResult result;
  if (!writeError_ && (!ready_ || !pending_.empty())) {
    result.error = wouldBlock();
    return result;
  }
  RecordCutter cutter(parts);
  while (!writeError_ && pending_.empty() && !cutter.done()) {
    const IoResult batch = encryptSome(cutter);
    if (!batch.error) result.size += batch.size;
    if (batch.error) break;
  }
  // An error after a partial write comes again with the next one.
  if (result.size == 0) result.error = writeError_;
  return result;
}

IoResult TlsStream::encryptSome(RecordCutter& cutter) {
  IoResult result;
  while (!cutter.done() && result.size < kBatchSize) {
    const std::string_view piece = cutter.next();
    std::size_t written = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &written) != 1) {
      // Our BIO takes everything: this is the end, ours (after shutdownWrite) or an earlier failure's.
      const bool closed = (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0;
      writeError_ =
          closed ? std::make_error_code(std::errc::broken_pipe) : make_error_code(TlsErrc::protocolError);
      break;
    }
    result.size += written;
  }
  flushCipher();
  result.error = writeError_;
  return result;
}

/// Passes on what OpenSSL has written; keeps what the inner stream does not take.
void TlsStream::flushCipher() {
  // Taken out of the loop, since the inner stream may be TLS itself.
  std::string cipher;
  cipher.swap(loop_.cipherBuffer());
  if (!cipher.empty() && !pending_.empty()) {
    pending_ += cipher;
  } else if (!cipher.empty() && !writeError_) {
    const std::string_view part = cipher;
    const IoResult result = inner_->write(std::span(&part, 1));
    if (result.failed()) {
      writeError_ = result.error;
    } else if (result.size != cipher.size()) {
      pending_.assign(cipher, result.size);
      updateInnerWatch();
    }
  }
  cipher.clear();
  cipher.swap(loop_.cipherBuffer());
}

void TlsStream::flushPending() {
  while (pendingSent_ != pending_.size() && !writeError_) {
    const std::string_view part = std::string_view(pending_).substr(pendingSent_);
    const IoResult result = inner_->write(std::span(&part, 1));
    if (result.failed()) writeError_ = result.error;
    pendingSent_ += result.size;
    if (result.size != part.size()) break;
  }
  if (pending_.empty() || (pendingSent_ != pending_.size() && !writeError_)) return;
  std::string().swap(pending_);
  pendingSent_ = 0;
  updateInnerWatch();
  if (!std::exchange(shutdownDue_, false)) return;
  inner_->shutdownWrite();
}

void TlsStream::watchWrite(bool on) {
  wantsWrite_ = on;
  updateInnerWatch();
}

void TlsStream::updateInnerWatch() {
  const bool wanted = wantsWrite_ || !pending_.empty();
  if (wanted == innerWatchesWrite_ || observer_ == nullptr) return;
  innerWatchesWrite_ = wanted;
  inner_->watchWrite(wanted);
}

void TlsStream::onWritable() {
  flushPending();
  if (pending_.empty() && (wantsWrite_ || (writeError_ && !ready_))) observer_->onWritable();
}

void TlsStream::shutdownWrite() {
  if (ready_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    flushCipher();
  }
  if (pending_.empty()) {
    inner_->shutdownWrite();
  } else {
    shutdownDue_ = true;
  }
}

// RFC 8446 section 6.1: whoever has read the peer's close_notify sends one too, if there is still somebody
// to.
void TlsStream::answerCloseNotify() noexcept {
  if (!ended_ || writeError_ || (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
  try {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    flushCipher();
  } catch (const std::bad_alloc&) {
    // A courtesy: not worth more memory than there is.
  }
}

TransportDetails TlsStream::details() const {
  TransportDetails details = inner_->details();
  details.isSecure = true;
  if (ready_) details.tls = describeTls(ssl_.get());
  return details;
}

// ---- the rest

std::unique_ptr<Stream> makeTlsStream(std::unique_ptr<Stream> inner, std::shared_ptr<TlsContext> context,
                                      EventLoop& loop, bool isServer, std::string serverName) {
  return std::make_unique<TlsStream>(std::move(inner), *context, loop, isServer, serverName);
}

const std::error_category& tlsCategory() {
  static const struct Category : std::error_category {
    const char* name() const noexcept override { return "autobahn.tls"; }
    std::string message(int code) const override {
      switch (static_cast<TlsErrc>(code)) {
        case TlsErrc::handshakeFailed:
          return "TLS handshake failed";
        case TlsErrc::certificateRejected:
          return "TLS certificate rejected";
        case TlsErrc::protocolError:
          return "TLS protocol error";
      }
      return "TLS error";
    }
  } category;
  return category;
}

}  // namespace autobahn::inline v0::util
