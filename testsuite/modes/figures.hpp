// What a measuring mode found: lines for people, or JSON for programs.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "modes/latencies.hpp"

namespace wstest {

class Figures {
 public:
  /// Adds --json and --outfile.
  void addTo(CLI::App& app);

  /// `key` is for JSON, `words` stand behind the value in lines for people.
  void add(const std::string& key, double value, const std::string& words);
  /// Percentiles: "connectP50" … in ms.
  void addLatencies(const std::string& key, const Latencies& times);
  /// To standard output, and to the file of --outfile as JSON. Throws std::runtime_error when that fails.
  void show() const;
  /// Whether nothing but the JSON may be on standard output.
  bool isJson() const { return isJson_; }

 private:
  struct Line {
    std::string key;
    double value;
    std::string words;
  };
  std::string json() const;

  std::vector<Line> lines_{};
  std::string outfile_{};
  bool isJson_ = false;
};

}  // namespace wstest
