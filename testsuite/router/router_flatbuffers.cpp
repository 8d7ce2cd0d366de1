// WAMP's JSON to FlatBuffers and back, for the conformance suite: Python has no reader of the schemas. A line
// on standard input is "> JSON" or "< HEX"; so is the answer, of the other kind, or "! what is wrong".
#include <autobahn/util/buffer.hpp>
#include <autobahn/wamp/serializer.hpp>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace autobahn::wamp;

constexpr std::string_view kDigits = "0123456789abcdef";

std::string toHex(std::string_view bytes) {
  std::string hex;
  for (const char each : bytes) {
    const auto octet = static_cast<unsigned char>(each);
    hex += kDigits[octet >> 4U];
    hex += kDigits[octet & 15U];
  }
  return hex;
}

std::string fromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(kDigits.find(hex[i]) * 16 + kDigits.find(hex[i + 1]));
  }
  return bytes;
}

Problem convert(Serializer& from, std::string_view bytes, Serializer& to, autobahn::util::ByteBuffer& out) {
  std::vector<Message> messages;
  if (Problem problem = from.unserialize(bytes, from.isBinary(), messages)) return problem;
  return to.serialize(messages.at(0), out);
}

}  // namespace

int main() {
  const std::unique_ptr<Serializer> json = makeSerializer("json");
  const std::unique_ptr<Serializer> flatbuffers = makeSerializer("flatbuffers");
  for (std::string line; std::getline(std::cin, line);) {
    const bool isJson = line.starts_with('>');
    const std::string_view rest = std::string_view(line).substr(2);
    autobahn::util::ByteBuffer out;
    const Problem problem =
        isJson ? convert(*json, rest, *flatbuffers, out) : convert(*flatbuffers, fromHex(rest), *json, out);
    if (problem) {
      std::cout << "! " << *problem << std::endl;
    } else {
      std::cout << (isJson ? "< " + toHex(out.view()) : "> " + std::string(out.view())) << std::endl;
    }
  }
}
