// Text from a stranger, made safe to show: peers under test are hostile, and what they send ends up in
// terminals, JSON, XML and HTML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wstest {

/// How many bytes the UTF-8 character at the front of `text` has; 0 when there is none.
std::size_t characterSize(std::string_view text);

/// The same text, bytes that are not UTF-8 as \xNN. Control characters stay.
std::string validUtf8(std::string_view text);

/// One line that does nothing to a terminal or a reader's eye: bytes that are not UTF-8, control characters,
/// line ends and marks that change the direction of text as \xNN or \n. Backslashes stay as they are.
std::string printable(std::string_view text);

/// The same, but with its lines, each ended by \n: for heads of HTTP.
std::string printableLines(std::string_view text);

/// At most so many characters of valid UTF-8, the last of them … when something was cut off.
std::string shortened(std::string_view text, std::size_t characters);

/// "48656c6c6f"
std::string hex(std::string_view bytes);

}  // namespace wstest
