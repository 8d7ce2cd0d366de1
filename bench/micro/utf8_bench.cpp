// UTF-8 validation, with each kernel that the processor has.
#include <autobahn/util/utf8.hpp>

#include "inputs.hpp"
#include "rate.hpp"
#include "utf8_kernels.hpp"

namespace {

using namespace autobahn::util;

constexpr std::size_t kSizes[] = {16, 125, 1024, 16384, 262144};

using Generator = std::string (*)(std::size_t size);

void utf8Whole(benchmark::State& state, std::string_view kernel, Generator makeText, std::size_t size) {
  utf8::useKernel(kernel);
  const std::string text = makeText(size);
  bench::measureRate(state, size, [&] { benchmark::DoNotOptimize(isValidUtf8(text)); });
}

void utf8Pieces(benchmark::State& state, std::string_view kernel, Generator makeText, std::size_t size) {
  utf8::useKernel(kernel);
  const std::string text = makeText(size);
  bench::measureRate(state, size, [&] {
    Utf8Validator validator;
    for (std::size_t at = 0; at < text.size(); at += 1021)
      benchmark::DoNotOptimize(validator.feed(std::string_view(text).substr(at, 1021)));
  });
}

const bool registered = [] {
  constexpr struct {
    const char* name;
    Generator make;
  } kTexts[] = {{"Ascii", bench::json},
                {"Cyrillic", bench::cyrillic},
                {"Japanese", bench::japanese},
                {"Mixed", bench::mixedText}};
  for (const utf8::NamedKernel& kernel : utf8::kernels()) {
    for (const auto& text : kTexts) {
      const std::string stem = std::string("utf8") + text.name;
      const std::string middle = '/' + std::string(kernel.name) + '/';
      for (const std::size_t size : kSizes) {
        const std::string name = stem + middle + std::to_string(size);
        benchmark::RegisterBenchmark(name.c_str(), utf8Whole, kernel.name, text.make, size);
      }
      const std::string name = stem + "InPieces" + middle + "16384";
      benchmark::RegisterBenchmark(name.c_str(), utf8Pieces, kernel.name, text.make, 16384);
    }
  }
  return true;
}();

}  // namespace
