// The reference: what moving the same bytes costs on this machine.
#include <benchmark/benchmark.h>

#include <cstring>

#include "inputs.hpp"

namespace {

void memcpyReference(benchmark::State& state) {
  const std::string source = bench::randomBytes(static_cast<std::size_t>(state.range(0)));
  std::string target(source.size(), '\0');
  for ([[maybe_unused]] auto _ : state) {
    std::memcpy(target.data(), source.data(), source.size());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(memcpyReference)->Arg(16)->Arg(125)->Arg(1024)->Arg(16384)->Arg(262144)->Arg(4 << 20);

}  // namespace
