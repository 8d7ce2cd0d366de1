// permessage-deflate (RFC 7692): what is offered, accepted, answered and accepted again. Names as in
// Autobahn.
#pragma once

#include <autobahn/websocket/types.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::websocket {

/// The zlib level with which we compress unless told otherwise. zlib's own default, 6, takes two
/// fifths more time for JSON that is 3 % smaller (docs/benchmarks.md).
inline constexpr int kCompressionLevel = 5;

/// What both ends agreed on. Window bits are 8…15.
struct PerMessageDeflateParameters {
  bool serverNoContextTakeover = false;
  bool clientNoContextTakeover = false;
  int serverMaxWindowBits = 15;
  int clientMaxWindowBits = 15;
  int memLevel = 8;                          ///< zlib memory level of our compressor, 1…9
  int compressionLevel = kCompressionLevel;  ///< zlib level of our compressor, 0…9, −1: zlib's default
  std::size_t maxMessageSize = 0;  ///< bytes one message may inflate to; 0: only maxMessagePayloadSize
  bool operator==(const PerMessageDeflateParameters&) const = default;
};

/// A client's offer. As a client: construct it and put it into `perMessageCompressionOffers`. As a server:
/// received in `perMessageCompressionAccept`.
struct PerMessageDeflateOffer {
  /// "client_no_context_takeover": a hint that we would go without. A server may ask it of any client, hint
  /// or not (RFC 7692 section 7.1.1.2).
  bool acceptNoContextTakeover = true;
  bool acceptMaxWindowBits = true;        ///< "client_max_window_bits": the server may limit our window
  bool requestNoContextTakeover = false;  ///< "server_no_context_takeover"
  int requestMaxWindowBits = 0;           ///< "server_max_window_bits": 8…15, 0 = not asked for
  /// The value of "client_max_window_bits", 8…15: a hint that our window will not be larger; 0 = without one.
  int clientMaxWindowBits = 0;

  static constexpr std::string_view kExtensionName = "permessage-deflate";
  /// Throws std::invalid_argument naming the parameter when one is out of range.
  void validate() const;
  /// As an element of Sec-WebSocket-Extensions; throws as `validate`.
  std::string toExtensionString() const;
  /// Parses a received offer; nullopt (and `error`) when a parameter is unknown, repeated, has a value where
  /// none belongs, or is outside 8…15 (RFC 7692 section 7: the offer must be declined).
  static std::optional<PerMessageDeflateOffer> parse(const ExtensionOffer& offer, std::string& error);
};

/// A server's acceptance of an offer. Throws std::invalid_argument from `validate` when it asks for what the
/// offer does not allow.
struct PerMessageDeflateOfferAccept {
  PerMessageDeflateOffer offer;           ///< the offer that is accepted
  bool requestNoContextTakeover = false;  ///< ask the client for no context takeover; allowed always
  /// Ask the client for a window of 8…15 bits, lowered to the client's hint when that is smaller; 0 = no
  /// limit.
  int requestMaxWindowBits = 0;
  std::optional<bool> noContextTakeover{};  ///< our own context takeover, where stricter than asked
  int windowBits = 0;              ///< our own window, 8…15, not above what was asked; 0 = as asked
  int memLevel = 0;                ///< 1…9; 0 = default (8)
  std::size_t maxMessageSize = 0;  ///< bytes one message may inflate to; 0: only maxMessagePayloadSize
  int compressionLevel = kCompressionLevel;  ///< zlib level 0…9, −1: zlib's default

  /// Throws std::invalid_argument naming the field that is out of range or not what the offer allows.
  void validate() const;
  /// As an element of Sec-WebSocket-Extensions; throws as `validate`. Says what our side keeps to even where
  /// that is stricter than asked.
  std::string toExtensionString() const;
  /// What is agreed with it; throws as `validate`.
  PerMessageDeflateParameters parameters() const;
};

/// A server's answer, as the client gets it in `perMessageCompressionAccept`.
struct PerMessageDeflateResponse {
  int clientMaxWindowBits = 0;  ///< 8…15; 0 = not mentioned
  bool clientNoContextTakeover = false;
  int serverMaxWindowBits = 0;
  bool serverNoContextTakeover = false;
  int offeredClientWindowBits =
      0;  ///< the hint of the offer it answers, kept to when the answer names no limit

  /// Parses a received answer; nullopt (and `error`) when it is malformed or answers what was not offered.
  static std::optional<PerMessageDeflateResponse> parse(const ExtensionOffer& answer,
                                                        const std::vector<PerMessageDeflateOffer>& offers,
                                                        std::string& error);
};

/// A client's acceptance of an answer.
struct PerMessageDeflateResponseAccept {
  PerMessageDeflateResponse response;
  std::optional<bool> noContextTakeover{};  ///< our own context takeover, where stricter than asked
  int windowBits = 0;                       ///< our own window, not above what was asked; 0 = as asked
  int memLevel = 0;
  std::size_t maxMessageSize = 0;
  int compressionLevel = kCompressionLevel;

  /// Throws std::invalid_argument naming the field that is out of range or not what the server allows.
  void validate() const;
  /// What is agreed with it; throws as `validate`.
  PerMessageDeflateParameters parameters() const;
};

/// A server's policy: given the well-formed offers in the client's order, accept one or none. Default: none.
using PerMessageCompressionAccept =
    std::function<std::optional<PerMessageDeflateOfferAccept>(const std::vector<PerMessageDeflateOffer>&)>;
/// A client's policy: given the answer, accept it or fail the connection (nullopt).
using PerMessageCompressionResponseAccept =
    std::function<std::optional<PerMessageDeflateResponseAccept>(const PerMessageDeflateResponse&)>;

/// A ready-made server policy: accepts the first offer as it is.
PerMessageCompressionAccept acceptPerMessageDeflate();

}  // namespace autobahn::inline v0::websocket
