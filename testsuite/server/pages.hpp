// What the fuzzing server tells plain HTTP clients.
#pragma once

#include <string>
#include <string_view>

#include "report/report.hpp"

namespace wstest {

/// A whole HTTP/1.1 response that ends the connection; `header` ("Allow: GET") is one more.
std::string httpResponse(std::string_view status, std::string_view type, std::string_view body,
                         std::string_view header = {});
/// The status page: how many cases there are, which agents were seen and how they did.
std::string statusPage(std::size_t cases, const std::string& url, const std::string& outdir,
                       const Results::Agents& agents);

}  // namespace wstest
