#include <benchmark/benchmark.h>

#include "inputs.hpp"
#include "permessage_deflate.hpp"

namespace {

using namespace autobahn;
using websocket::PerMessageDeflate;
using websocket::PerMessageDeflateParameters;
using websocket::Role;

PerMessageDeflateParameters parametersFor(const benchmark::State& state) {
  const bool fresh = state.range(1) == 0;
  return {.serverNoContextTakeover = fresh, .clientNoContextTakeover = fresh};
}

void report(benchmark::State& state, std::size_t payloadSize) {
  state.SetBytesProcessed(state.iterations() * state.range(0));
  state.counters["ratio"] = static_cast<double>(payloadSize) / static_cast<double>(state.range(0));
}

void deflateMessage(benchmark::State& state) {
  const std::string message = bench::json(static_cast<std::size_t>(state.range(0)));
  PerMessageDeflate server(Role::server, parametersFor(state));
  util::ByteBuffer out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    server.compress(message, true, out);
  }
  report(state, out.size());
}

/// Messages that differ, with takeover, by zlib's level: time against size.
void deflateByLevel(benchmark::State& state) {
  constexpr std::size_t kMessages = 300;
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::string text = bench::json(size * kMessages);
  PerMessageDeflate server(Role::server, {.compressionLevel = static_cast<int>(state.range(1))});
  util::ByteBuffer out;
  std::size_t sent = 0;
  std::size_t messages = 0;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    server.compress(std::string_view(text).substr(messages++ % kMessages * size, size), true, out);
    sent += out.size();
  }
  state.counters["octets"] = static_cast<double>(sent) / static_cast<double>(messages);
}

/// The same payload again and again, from a compressor without takeover, so that every inflater can take it.
void inflateMessage(benchmark::State& state) {
  PerMessageDeflate server(Role::server, {.serverNoContextTakeover = true});
  PerMessageDeflate client(Role::client, parametersFor(state));
  util::ByteBuffer payload;
  server.compress(bench::json(static_cast<std::size_t>(state.range(0))), true, payload);
  util::ByteBuffer out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    if (client.decompress(payload.view(), true, 0, out) != PerMessageDeflate::Result::ok) {
      state.SkipWithError("cannot be inflated");
      break;
    }
  }
  report(state, payload.size());
}

BENCHMARK(deflateMessage)->ArgNames({"size", "takeover"})->ArgsProduct({{64, 1024, 16384, 262144}, {0, 1}});
BENCHMARK(deflateByLevel)->ArgNames({"size", "level"})->ArgsProduct({{4096}, {1, 3, 4, 5, 6}});
BENCHMARK(inflateMessage)->ArgNames({"size", "takeover"})->ArgsProduct({{64, 1024, 16384, 262144}, {0, 1}});

}  // namespace
