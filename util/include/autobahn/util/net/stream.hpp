// A non-blocking byte stream: TCP, Unix socket, TLS over another stream, an application's own, or a fake one.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace autobahn::inline v0::util {

class EventLoop;

/// What a peer showed in its TLS certificate.
struct PeerCertificate {
  std::string subject;                       ///< distinguished name, RFC 2253 form
  std::string commonName;                    ///< CN of the subject, or empty
  std::string issuer;                        ///< distinguished name, RFC 2253 form
  std::vector<std::string> subjectAltNames;  ///< "DNS:…", "IP:…", "URI:…", "email:…"
  std::string sha256Fingerprint;             ///< lower-case hex, no separators
  std::string pem;                           ///< the certificate itself
};

/// What is known of a TLS connection once its handshake is complete.
struct TlsDetails {
  std::string version;     ///< "TLSv1.3"
  std::string cipher;      ///< OpenSSL's name of the cipher suite
  std::string serverName;  ///< SNI name the client asked for, or empty
  std::string alpn;        ///< the negotiated application protocol, or empty
  bool resumed = false;    ///< the session was resumed from a ticket
  std::optional<PeerCertificate> peerCertificate;
};

/// The two ends of a transport, as Autobahn writes them: "tcp4:127.0.0.1:9000", "tcp6:[::1]:9000",
/// "unix:/path".
struct TransportDetails {
  std::string peer;
  std::string local;
  std::string peerAddress;  ///< the peer's bare IP address; empty for Unix sockets
  bool isSecure = false;
  std::optional<TlsDetails> tls;
};

/// The outcome of a non-blocking read or write.
struct IoResult {
  std::size_t size = 0;   ///< bytes moved
  std::error_code error;  ///< empty; `operation_would_block`; or why the stream is broken
  bool eof = false;       ///< read only: the peer has finished sending

  bool wouldBlock() const { return error == std::errc::operation_would_block; }
  bool failed() const { return error && !wouldBlock(); }
};

/// Told when a stream can be read or written. May destroy the stream from inside either call.
class StreamObserver {
 public:
  /// Bytes, the end, or an error can be read.
  virtual void onReadable() = 0;
  /// Bytes can be written (only after `watchWrite(true)`).
  virtual void onWritable() = 0;

 protected:
  ~StreamObserver() = default;
};

/// A connected, non-blocking stream that belongs to one loop and is used on that loop's thread only.
/// Destroying it closes it.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  /// Starts watching for readability. Called again, another observer takes over; the present one must outlive
  /// the stream.
  virtual std::error_code attach(StreamObserver& observer) = 0;

  /// Advances a pending transport handshake (TLS). Empty: done (always, for plain streams);
  /// `operation_would_block`: call again at the next readable or writable notice; otherwise it failed.
  virtual std::error_code handshake() { return {}; }
  /// Why `handshake` or the last operation failed, in words, when the code alone does not say
  /// ("certificate verify failed: hostname mismatch"); may be empty.
  virtual std::string errorDetail() const { return {}; }

  /// Reads what is there. A result shorter than `into` means that there is no more for now, so that a
  /// caller that got less than it asked for need not read again before the next notice.
  virtual IoResult read(std::span<char> into) = 0;
  /// The same for two places in a row, at once where the system can; a stream that cannot fills the first.
  virtual IoResult readScattered(std::span<char> first, std::span<char> /*then*/) { return read(first); }
  /// Writes as much as the stream takes of `parts`, in order, as one write where the system can. The parts
  /// must not change between a short write and its continuation.
  virtual IoResult write(std::span<const std::string_view> parts) = 0;

  /// Turns notices of readability on (as after `attach`) or off, for back-pressure.
  virtual void watchRead(bool on) = 0;
  /// Turns notices of writability on or off (as after `attach`).
  virtual void watchWrite(bool on) = 0;
  /// Bytes that the stream has accepted but not yet passed on (TLS records); `onWritable` comes when a
  /// `watchWrite(true)` stream has got rid of them.
  virtual std::size_t pendingWrite() const { return 0; }

  /// Ends the sending direction (FIN, close_notify first for TLS). Reading goes on.
  virtual void shutdownWrite() = 0;
  /// Makes the close that follows a hard reset (RST) instead of an orderly end.
  virtual void setAbortive() {}

  virtual TransportDetails details() const = 0;
  /// Channel binding data ("tls-unique", "tls-exporter", …); empty when the stream has none of that kind.
  virtual std::string channelId(std::string_view /*type*/) const { return {}; }
  /// TCP_NODELAY; ignored where there is none.
  virtual void setNoDelay(bool /*on*/) {}
};

}  // namespace autobahn::inline v0::util
