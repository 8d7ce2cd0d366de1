#include "mask.hpp"

#include <benchmark/benchmark.h>

#include "inputs.hpp"

namespace {

using namespace autobahn::websocket;

constexpr MaskKey kKey = {0x37, 0xfa, 0x21, 0x3d};

/// The second argument: bytes off a 64-byte boundary, as payloads behind a frame header are.
void maskInPlace(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  std::string room = bench::randomBytes(size + 128);
  const auto address = reinterpret_cast<std::uintptr_t>(room.data());
  char* const data = room.data() + (64 - address % 64) + state.range(1);
  for ([[maybe_unused]] auto _ : state) {
    applyMask({data, size}, kKey);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void maskBetween(benchmark::State& state) {
  const std::string source = bench::randomBytes(static_cast<std::size_t>(state.range(0)));
  std::string target(source.size(), '\0');
  for ([[maybe_unused]] auto _ : state) {
    maskCopy(target.data(), source, kKey);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(maskInPlace)->ArgsProduct({{16, 125, 1024, 16384, 262144, 4 << 20}, {0, 6}});
BENCHMARK(maskBetween)->Arg(16)->Arg(125)->Arg(1024)->Arg(16384)->Arg(262144)->Arg(4 << 20);

}  // namespace
