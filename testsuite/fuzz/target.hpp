// What is fuzzed: one function per target, for libFuzzer (fuzz.cpp) and for the replay of the kept inputs
// (corpus_test.cpp).
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace autobahn::fuzz {

/// Tries any bytes. Throws what `require` throws, and whatever else is a finding crashes or is a sanitizer's.
void tryJson(std::string_view input);
void tryMsgpack(std::string_view input);
void tryCbor(std::string_view input);
void tryUbjson(std::string_view input);
void tryFlatbuffers(std::string_view input);
void tryUtf8(std::string_view input);
void tryHttp(std::string_view input);
void tryHandshake(std::string_view input);
void tryExtensions(std::string_view input);
void tryProxy(std::string_view input);
void tryInflate(std::string_view input);
void tryEngine(std::string_view input);
void tryRawsocket(std::string_view input);
void tryUrl(std::string_view input);
void tryMessage(std::string_view input);
void tryRouter(std::string_view input);
void tryConfig(std::string_view input);

struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
};
/// All of them; the name is also that of the corpus.
inline constexpr Target kTargets[] = {
    {"json", tryJson},
    {"msgpack", tryMsgpack},
    {"cbor", tryCbor},
    {"ubjson", tryUbjson},
    {"flatbuffers", tryFlatbuffers},
    {"utf8", tryUtf8},
    {"http", tryHttp},
    {"handshake", tryHandshake},
    {"extensions", tryExtensions},
    {"proxy", tryProxy},
    {"inflate", tryInflate},
    {"engine", tryEngine},
    {"rawsocket", tryRawsocket},
    {"url", tryUrl},
    {"message", tryMessage},
    {"router", tryRouter},
    {"config", tryConfig},
};

/// A finding, when `holds` is false.
inline void require(bool holds, std::string_view what) {
  if (!holds) throw std::logic_error(std::string(what));
}

}  // namespace autobahn::fuzz
