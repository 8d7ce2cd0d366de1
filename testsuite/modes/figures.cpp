#include "modes/figures.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace wstest {
namespace {

/// Whole numbers as such, others with three digits behind the point.
std::string numberText(double value) {
  std::array<char, 64> text{};
  const bool isWhole = value == std::floor(value);
  std::snprintf(text.data(), text.size(), isWhole ? "%.0f" : "%.3f", value);
  return text.data();
}

}  // namespace

void Figures::addTo(CLI::App& app) {
  app.add_flag("--json", isJson_, "print the result as JSON, and nothing else");
  app.add_option("-o,--outfile", outfile_, "write the result there as JSON")->option_text("FILE");
}

void Figures::add(const std::string& key, double value, const std::string& words) {
  lines_.push_back({key, value, words});
}

void Figures::addLatencies(const std::string& key, const Latencies& times) {
  for (const auto& [name, share] : std::initializer_list<std::pair<const char*, double>>{
           {"50", 0.5}, {"90", 0.9}, {"99", 0.99}, {"99.9", 0.999}}) {
    add(key + "P" + name, times.percentile(share), "ms " + key + " time, p" + name);
  }
  add(key + "Max", times.most(), "ms " + key + " time, longest");
}

std::string Figures::json() const {
  std::string text = "{";
  for (const Line& line : lines_) {
    text += (text.size() > 1 ? ", \"" : "\"") + line.key + "\": " + numberText(line.value);
  }
  return text + "}\n";
}

void Figures::show() const {
  if (isJson_) {
    std::cout << json() << std::flush;
  } else {
    for (const Line& line : lines_) {
      const std::string value = numberText(line.value);
      std::cout << std::string(value.size() < 14 ? 14 - value.size() : 0, ' ') << value << "  " << line.words
                << '\n';
    }
    std::cout << std::flush;
  }
  if (outfile_.empty()) return;
  std::ofstream file(outfile_);
  if (!(file << json() << std::flush)) throw std::runtime_error("cannot write " + outfile_);
}

}  // namespace wstest
