// What the micro benchmarks work on: always the same bytes.
#pragma once

#include <cstddef>
#include <random>
#include <string>

namespace bench {

inline std::string randomBytes(std::size_t size) {
  std::mt19937 random(42);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

/// JSON lines as a chatty application sends them.
inline std::string json(std::size_t size) {
  std::mt19937 random(43);
  std::string result;
  while (result.size() < size) {
    result += R"({"event":"price","symbol":"S)" + std::to_string(random() % 500) + R"(","bid":)" +
              std::to_string(random() % 100000) + R"(,"ask":)" + std::to_string(random() % 100000) +
              R"(,"tags":["spot","live"]})" + "\n";
  }
  result.resize(size);
  return result;
}

/// Cut after a whole code point.
inline std::string repeated(const std::string& unit, std::size_t size) {
  std::string result;
  while (result.size() < size) result += unit;
  std::size_t end = size;
  while (end != 0 && (static_cast<unsigned char>(result[end]) & 0xC0) == 0x80) --end;
  result.resize(end);
  return result.append(size - end, '.');
}

/// Code points of two and of three bytes, as prose has them.
inline std::string cyrillic(std::size_t size) {
  return repeated("Съешь ещё этих мягких французских булок, да выпей чаю. ", size);
}
inline std::string japanese(std::size_t size) {
  return repeated("いろはにほへとちりぬるを、色は匂へど散りぬるを。", size);
}

/// Text of two-, three- and four-byte code points between ASCII.
inline std::string mixedText(std::size_t size) {
  return repeated("Grüße aus Köln, 東京 und Ωμέγα 🚀. ", size);
}

}  // namespace bench
