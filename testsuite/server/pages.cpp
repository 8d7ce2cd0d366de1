#include "server/pages.hpp"

#include "cases/printable.hpp"

namespace wstest {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

std::string httpResponse(std::string_view status, std::string_view type, std::string_view body,
                         std::string_view header) {
  std::string out =
      "HTTP/1.1 " + std::string(status) + "\r\nServer: wstest\r\nContent-Type: " + std::string(type);
  out += "; charset=utf-8\r\nContent-Length: " + std::to_string(body.size());
  if (!header.empty()) out += "\r\n" + std::string(header);
  out += "\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
  return out + std::string(body);
}

std::string statusPage(std::size_t cases, const std::string& url, const std::string& outdir,
                       const Results::Agents& agents) {
  std::string body =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>wstest</title>\n"
      "<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:46rem;padding:0 1rem;"
      "color-scheme:light dark}td,th{padding:.2rem .8rem;text-align:left}</style></head>\n<body><h1>wstest: "
      "fuzzing "
      "server</h1>\n<p>A WebSocket client is tested by connecting to <code>";
  body += escape(url) + "/getCaseCount</code>, then to <code>" + escape(url) +
          "/runCase?case=N&amp;agent=NAME</code> for each case, then to <code>" + escape(url) +
          "/updateReports?agent=NAME</code>. There are " + std::to_string(cases) + " cases.</p>\n";
  if (agents.empty()) body += "<p>Nobody has been tested so far.</p>\n";
  if (!agents.empty()) body += "<table><tr><th>Agent</th><th>cases</th><th>failed</th></tr>\n";
  for (const auto& [agent, results] : agents) {
    const Summary summary = summarize({{agent, results}});
    body += "<tr><td>" + escape(printable(agent)) + "</td><td>" + std::to_string(summary.cases) +
            "</td><td>" + std::to_string(summary.failed) + "</td></tr>\n";
  }
  if (!agents.empty()) body += "</table>\n";
  body += "<p>Reports are written to <code>" + escape(outdir) + "</code>.</p></body></html>\n";
  return body;
}

}  // namespace wstest
