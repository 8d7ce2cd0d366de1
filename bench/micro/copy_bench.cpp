// The reference: what moving the same bytes costs on this machine.
#include "rate.hpp"

namespace {

void memcpyReference(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  bench::measureRate(state, size, bench::Memcpy(size));
}

BENCHMARK(memcpyReference)->Arg(16)->Arg(125)->Arg(1024)->Arg(16384)->Arg(262144)->Arg(4 << 20);

}  // namespace
