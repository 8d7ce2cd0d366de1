// Masking, with each kernel that the processor has.
#include "mask.hpp"

#include "rate.hpp"

namespace {

using namespace autobahn::websocket;

constexpr MaskKey kKey = {0x37, 0xfa, 0x21, 0x3d};
constexpr std::size_t kSizes[] = {16, 125, 1024, 16384, 262144, 4 << 20};

/// `offset`: bytes off a 64-byte boundary, as payloads behind a frame header are.
void maskInPlace(benchmark::State& state, std::string_view kernel, std::size_t size, std::size_t offset) {
  useMaskKernel(kernel);
  const bench::Room room(size, offset);
  bench::measureRate(state, size, [&] {
    applyMask({room.data(), size}, kKey);
    benchmark::ClobberMemory();
  });
}

void maskBetween(benchmark::State& state, std::string_view kernel, std::size_t size, std::size_t offset) {
  useMaskKernel(kernel);
  const bench::Room source(size, offset);
  const bench::Room target(size, 2048);
  bench::measureRate(state, size, [&] {
    maskCopy(target.data(), {source.data(), size}, kKey);
    benchmark::ClobberMemory();
  });
}

const bool registered = [] {
  for (const std::string_view kernel : maskKernels()) {
    for (const std::size_t size : kSizes) {
      const std::string tail = '/' + std::string(kernel) + '/' + std::to_string(size);
      for (const std::size_t offset : {0u, 6u}) {
        const std::string name = "maskInPlace" + tail + '/' + std::to_string(offset);
        benchmark::RegisterBenchmark(name.c_str(), maskInPlace, kernel, size, offset);
      }
      benchmark::RegisterBenchmark(("maskBetween" + tail).c_str(), maskBetween, kernel, size, 6);
    }
  }
  return true;
}();

}  // namespace
