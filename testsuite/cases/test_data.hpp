// What the compression cases send: five kinds of data, made by rule, the same in every run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wstest {

struct DataSet {
  std::string_view title;  ///< "Large JSON document"
  bool isBinary;
  const std::string& (*data)();  ///< made at the first call; any thread
};

/// Text sets are ASCII, so that they can be cut anywhere.
const DataSet& jsonData();
const DataSet& bitmapData();
const DataSet& proseData();
const DataSet& htmlData();
const DataSet& pdfData();

}  // namespace wstest
