#include "frame.hpp"

#include <benchmark/benchmark.h>

#include <array>

namespace {

using namespace autobahn::websocket;

FrameHeader headerFor(const benchmark::State& state) {
  FrameHeader header;
  header.opcode = Opcode::binary;
  header.masked = state.range(1) != 0;
  header.mask = {0x37, 0xfa, 0x21, 0x3d};
  header.length = static_cast<std::uint64_t>(state.range(0));
  return header;
}

void frameHeaderParse(benchmark::State& state) {
  std::array<char, kMaxHeaderSize> bytes{};
  const std::size_t size = encodeHeader(headerFor(state), bytes.data());
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(bytes.data());
    benchmark::ClobberMemory();
    FrameHeader header;
    const HeaderParse parsed = parseHeader({bytes.data(), size}, header);
    benchmark::DoNotOptimize(parsed.size);
    benchmark::DoNotOptimize(&header);
  }
  state.SetItemsProcessed(state.iterations());
}

void frameHeaderEncode(benchmark::State& state) {
  FrameHeader header = headerFor(state);
  std::array<char, kMaxHeaderSize> bytes{};
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(&header);
    benchmark::ClobberMemory();
    benchmark::DoNotOptimize(encodeHeader(header, bytes.data()));
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(frameHeaderParse)->ArgNames({"length", "masked"})->ArgsProduct({{125, 65535, 65536}, {0, 1}});
BENCHMARK(frameHeaderEncode)->ArgNames({"length", "masked"})->ArgsProduct({{125, 65535, 65536}, {0, 1}});

}  // namespace
