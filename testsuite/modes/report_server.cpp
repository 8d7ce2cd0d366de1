#include "modes/report_server.hpp"

#include <autobahn/websocket/static_files.hpp>

namespace wstest {
namespace {

using autobahn::websocket::StaticFiles;
namespace http = autobahn::websocket::http;

std::string authority(const std::string& host, std::uint16_t port) {
  const bool isV6 = host.find(':') != std::string::npos;
  return (isV6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

http::Response notFound() {
  http::Response response;
  response.status = 404;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = "There is no such file. Reports are written when a client asks with /updateReports.\n";
  return response;
}

}  // namespace

ReportServer::ReportServer(const std::string& host, std::uint16_t port, const std::string& folder)
    : factory_(io_, "ws://" + authority(host, port)) {
  factory_.setHttpHandler(
      [files = StaticFiles(folder)](const http::Request& request, const auto& /*transport*/) {
        return files.respond(request).value_or(notFound());
      });
  factory_.listen();
  url_ = "http://" + authority(host, factory_.port()) + "/";
  thread_ = std::jthread([this] { io_.run(); });
}

ReportServer::~ReportServer() {
  factory_.close();
  io_.stop();
}

}  // namespace wstest
