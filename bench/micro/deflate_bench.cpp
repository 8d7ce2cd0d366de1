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
BENCHMARK(inflateMessage)->ArgNames({"size", "takeover"})->ArgsProduct({{64, 1024, 16384, 262144}, {0, 1}});

}  // namespace
