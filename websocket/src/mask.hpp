// Masking of payloads (RFC 6455 section 5.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace autobahn::inline v0::websocket {

using MaskKey = std::array<std::uint8_t, 4>;

/// XORs `data` in place with the key, starting at key byte `offset % 4`. Any alignment, never touches bytes
/// outside `data`.
void applyMask(std::span<char> data, MaskKey key, std::size_t offset = 0);
/// The same from `source` into `target`, which is as large and lies somewhere else, or begins before
/// `source`.
void maskCopy(char* target, std::string_view source, MaskKey key, std::size_t offset = 0);

/// The loops for longer payloads that this processor can run, the fastest last; that one is used.
std::vector<std::string_view> maskKernels();
/// Chooses another one for the whole process, for tests and measurements. False: there is none of this name.
bool useMaskKernel(std::string_view name);

}  // namespace autobahn::inline v0::websocket
