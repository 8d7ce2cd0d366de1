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

/// Text of two-, three- and four-byte code points between ASCII, cut after a whole one.
inline std::string mixedText(std::size_t size) {
  const std::string unit = "Grüße aus Köln, 東京 und Ωμέγα 🚀. ";
  std::string result;
  while (result.size() + unit.size() <= size) result += unit;
  return result.append(size - result.size(), '.');
}

}  // namespace bench
