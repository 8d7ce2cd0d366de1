// A message framed and compressed once, to be sent to many connections.
#pragma once

#include <autobahn/websocket/compression.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::websocket {

/// Made with `WebSocketServerFactory::prepareMessage`. Immutable and thread-safe; cheap to copy.
class PreparedMessage {
 public:
  /// `payload`: taken over. `doNotCompress`: sent uncompressed to everybody.
  explicit PreparedMessage(std::string payload, bool isBinary = false, bool doNotCompress = false);

  std::string_view payload() const { return shared_->payload; }
  bool isBinary() const { return shared_->isBinary; }

  /// The whole message as one unmasked frame (RFC 6455 section 5.2).
  std::shared_ptr<const std::string> frame() const { return shared_->plain; }
  /// The compressed message as one unmasked frame, for a receiver with that window; null when the message
  /// is not to be compressed. Compressed once for each window size.
  std::shared_ptr<const std::string> compressedFrame(const PerMessageDeflateParameters& parameters,
                                                     int windowBits) const;

 private:
  struct Shared {
    std::string payload;
    bool isBinary;
    bool doNotCompress;
    std::shared_ptr<const std::string> plain;
    std::mutex mutex;
    std::map<int, std::shared_ptr<const std::string>> compressed;  ///< by window bits; guarded by `mutex`
  };
  std::shared_ptr<Shared> shared_;
};

}  // namespace autobahn::inline v0::websocket
