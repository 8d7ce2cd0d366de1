// UTF-8 validation at memory speed, in one piece or incrementally (RFC 3629).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace autobahn::inline v0::util {

/// True when all of `text` is well-formed UTF-8: no overlong forms, surrogates, or values past U+10FFFF.
bool isValidUtf8(std::string_view text);

/// Validates a text that arrives in pieces cut anywhere. Fails on the first byte that cannot be continued
/// to a valid text, not at the end of the piece's last code point.
class Utf8Validator {
 public:
  /// False as soon as the text so far cannot be the beginning of valid UTF-8. Once false, always false until
  /// `reset`.
  bool feed(std::string_view piece);
  /// True when the text so far is valid and does not end inside a code point.
  bool isComplete() const { return state_ == 0; }
  void reset() { state_ = 0; }

 private:
  std::uint8_t state_ = 0;  ///< state of the byte-wise automaton between pieces; 0 = between code points
};

}  // namespace autobahn::inline v0::util
