// permessage-deflate (RFC 7692) on zlib directly: one direction each.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wstest {

/// What was agreed on, or is offered; RFC 7692, 7.1.
struct DeflateParameters {
  bool serverNoContextTakeover = false;
  bool clientNoContextTakeover = false;
  int serverMaxWindowBits = 0;  ///< 9 to 15; 0: not mentioned
  /// 9 to 15; 0: not mentioned; -1 (offers only): mentioned without a value.
  int clientMaxWindowBits = 0;

  /// "permessage-deflate; server_no_context_takeover; …"
  std::string text() const;
  bool operator==(const DeflateParameters&) const = default;
};

/// Reads the parameters of one permessage-deflate extension. `problem` says what is wrong (unknown, twice,
/// bad value) when nothing is returned. `isOffer` allows client_max_window_bits without a value.
std::optional<DeflateParameters> parseDeflate(const struct ExtensionText& extension, bool isOffer,
                                              std::string* problem);

/// Compresses messages.
class Deflater {
 public:
  /// `windowBits` 8 to 15; `level` 0 to 9.
  Deflater(int windowBits, bool isTakingOver, int level = 3);
  ~Deflater();
  Deflater(Deflater&&) noexcept;
  Deflater& operator=(Deflater&&) noexcept;
  /// A whole message, without the final 00 00 FF FF (RFC 7692, 7.2.1).
  std::string compress(std::string_view message);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Inflates messages, and refuses distances beyond the agreed window.
class Inflater {
 public:
  Inflater(int windowBits, bool isTakingOver);
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;
  /// A whole message; nothing when it is no valid DEFLATE stream (`problem()` then), or longer than `limit`.
  std::optional<std::string> inflate(std::string_view payload, std::size_t limit = std::size_t{1} << 30);
  const std::string& problem() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wstest
