#include <benchmark/benchmark.h>
#include <autobahn/util/utf8.hpp>

#include "inputs.hpp"

namespace {

using namespace autobahn::util;

template <std::string (*makeText)(std::size_t)>
void utf8Whole(benchmark::State& state) {
  const std::string text = makeText(static_cast<std::size_t>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(isValidUtf8(text));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

template <std::string (*makeText)(std::size_t)>
void utf8Pieces(benchmark::State& state) {
  const std::string text = makeText(static_cast<std::size_t>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    Utf8Validator validator;
    for (std::size_t at = 0; at < text.size(); at += 1021) {
      benchmark::DoNotOptimize(validator.feed(std::string_view(text).substr(at, 1021)));
    }
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(utf8Whole<bench::json>)->Name("utf8Ascii")->Arg(16)->Arg(125)->Arg(1024)->Arg(16384)->Arg(262144);
BENCHMARK(utf8Whole<bench::mixedText>)->Name("utf8Mixed")->Arg(125)->Arg(1024)->Arg(16384)->Arg(262144);
BENCHMARK(utf8Pieces<bench::mixedText>)->Name("utf8MixedInPieces")->Arg(16384)->Arg(262144);

}  // namespace
