// Real connections on 127.0.0.1 for tests, and bytes cut in every way.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "wire/stream.hpp"

namespace wstest::testing {

/// For what has to happen: only a broken harness ever waits this long.
constexpr Duration kLong = 20s;
inline TimePoint soon() { return Clock::now() + kLong; }

/// Both ends of one TCP connection.
struct Connection {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};

inline Connection connection() {
  const StopSwitch stop;
  TcpListener listener("127.0.0.1", 0);
  auto client = connectTcp("127.0.0.1", listener.port(), soon(), stop);
  auto server = listener.accept(stop, soon());
  if (!server) throw std::runtime_error("the test's own connection was not accepted");
  return {std::move(client), std::move(server)};
}

/// Sends all of it; false when the connection breaks or the other end does not read.
inline bool writeAll(Stream& stream, std::string_view bytes) {
  const StopSwitch stop;
  while (!bytes.empty()) {
    const IoResult result = stream.write(bytes);
    if (result.io == Io::done) bytes.remove_prefix(result.size);
    if (result.io == Io::later && stream.wait(true, soon(), stop) != Waited::ready) return false;
    if (result.io != Io::later && result.io != Io::done) return false;
  }
  return true;
}

/// What a stream gave, and what it ended with: Io::later when time was over.
struct Got {
  std::string bytes{};
  Io ended = Io::later;
};

/// Reads until `isEnough`, or the end.
inline Got readUntil(Stream& stream, const std::function<bool(const std::string&)>& isEnough) {
  const StopSwitch stop;
  Got got;
  std::array<char, 16384> buffer{};
  while (!isEnough(got.bytes)) {
    const IoResult result = stream.read(buffer);
    if (result.io == Io::done) got.bytes.append(buffer.data(), result.size);
    const bool isToWait = result.io == Io::later && stream.wait(false, soon(), stop) == Waited::ready;
    if (result.io != Io::done && !isToWait) {
      got.ended = result.io;
      return got;
    }
  }
  return got;
}
inline Got readToEnd(Stream& stream) {
  return readUntil(stream, [](const std::string&) { return false; });
}
inline std::string readSome(Stream& stream, std::size_t size) {
  return readUntil(stream, [&](const std::string& bytes) { return bytes.size() >= size; }).bytes;
}

/// The ways to feed a parser: whole, byte by byte, in chunks of random sizes.
inline std::vector<std::vector<std::string>> cuts(std::string_view bytes) {
  std::vector<std::vector<std::string>> ways = {{std::string(bytes)}};
  std::mt19937 random(20261124);  // NOLINT(cert-msc51-cpp): the same for every run
  for (const std::size_t largest : {1U, 2U, 7U, 100U}) {
    std::vector<std::string>& way = ways.emplace_back();
    std::uniform_int_distribution<std::size_t> sizes(1, largest);
    for (std::size_t at = 0; at < bytes.size(); at += way.back().size()) {
      way.emplace_back(bytes.substr(at, sizes(random)));
    }
  }
  return ways;
}

}  // namespace wstest::testing
