// For tests of codecs: hexadecimal bytes to values and back, by any of them.
#pragma once

#include <gmock/gmock.h>

#include <autobahn/util/crypto.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../serializers/codecs.hpp"

namespace autobahn::wamp::testing {

/// "82 a1" to two bytes; spaces are for the reader.
inline std::string bytesOf(std::string_view hex) {
  std::string bytes;
  std::string pair;
  for (const char c : hex) {
    if (c != ' ') pair += c;
    if (pair.size() < 2) continue;
    bytes += static_cast<char>(std::stoi(pair, nullptr, 16));
    pair.clear();
  }
  return bytes;
}

inline std::string hexOf(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!hex.empty()) hex += ' ';
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

/// What became of some bytes.
struct Decoded {
  std::optional<Value> value;
  std::string error;
};

/// Reads one value that is all of `bytes`.
inline Decoded decodeBytes(Encoding encoding, std::string_view bytes, int maxDepth = kDefaultMaxDepth) {
  const auto decoder = findCodec(encoding)->makeDecoder();
  decoder->start(bytes, maxDepth);
  Decoded decoded{decodeValue(*decoder), {}};
  if (decoded.value && !decoder->atEnd()) decoder->fail("more than one value");
  decoded.error = decoder->error();
  if (!decoded.error.empty()) decoded.value.reset();
  return decoded;
}

/// Passes over one value that is all of `bytes`; the error, empty when it is well-formed.
inline std::string skipBytes(Encoding encoding, std::string_view bytes, int maxDepth = kDefaultMaxDepth) {
  const auto decoder = findCodec(encoding)->makeDecoder();
  decoder->start(bytes, maxDepth);
  std::string_view raw;
  if (decoder->skipValue(raw)) {
    EXPECT_NE(bytes.find(raw), std::string_view::npos);
    if (!decoder->atEnd()) decoder->fail("more than one value");
  }
  return decoder->error();
}

/// What an encoding must read and write.
struct ValueRow {
  const char* hex;
  Value value;
};

inline void expectReads(Encoding encoding, const std::vector<ValueRow>& rows) {
  for (const ValueRow& row : rows) {
    SCOPED_TRACE(row.hex);
    const std::string bytes = bytesOf(row.hex);
    const Decoded decoded = decodeBytes(encoding, bytes);
    EXPECT_EQ(decoded.error, "");
    EXPECT_EQ(decoded.value, row.value);
    EXPECT_EQ(skipBytes(encoding, bytes), "");
  }
}

inline void expectReadsAndWrites(Encoding encoding, const std::vector<ValueRow>& rows) {
  expectReads(encoding, rows);
  for (const ValueRow& row : rows) {
    util::ByteBuffer out;
    const auto encoder = findCodec(encoding)->makeEncoder();
    encoder->start(out);
    encodeValue(*encoder, row.value);
    EXPECT_EQ(encoder->error(), "");
    EXPECT_EQ(hexOf(out.view()), row.hex);
  }
}

struct ErrorRow {
  const char* hex;
  const char* error;
};

/// Neither read nor passed over.
inline void expectMalformed(Encoding encoding, const std::vector<ErrorRow>& rows) {
  for (const ErrorRow& row : rows) {
    SCOPED_TRACE(row.hex);
    const std::string bytes = bytesOf(row.hex);
    EXPECT_THAT(decodeBytes(encoding, bytes).error, ::testing::HasSubstr(row.error));
    EXPECT_THAT(skipBytes(encoding, bytes), ::testing::HasSubstr(row.error));
  }
}

/// Passed over and not read.
inline void expectForeign(Encoding encoding, const std::vector<ErrorRow>& rows) {
  for (const ErrorRow& row : rows) {
    SCOPED_TRACE(row.hex);
    const std::string bytes = bytesOf(row.hex);
    EXPECT_THAT(decodeBytes(encoding, bytes).error, ::testing::HasSubstr(row.error));
    EXPECT_EQ(skipBytes(encoding, bytes), "");
  }
}

}  // namespace autobahn::wamp::testing
