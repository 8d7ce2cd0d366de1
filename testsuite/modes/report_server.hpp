// The reports of a fuzzing server over HTTP, served by the library.
#pragma once

#include <asio/io_context.hpp>
#include <autobahn/websocket/server.hpp>
#include <cstdint>
#include <string>
#include <thread>

namespace wstest {

/// Hands out the files of a folder for as long as it lives, on a thread of its own.
class ReportServer {
 public:
  /// Throws std::system_error when it cannot listen, std::invalid_argument when there is no such folder.
  ReportServer(const std::string& host, std::uint16_t port, const std::string& folder);
  ~ReportServer();
  ReportServer(const ReportServer&) = delete;
  ReportServer& operator=(const ReportServer&) = delete;

  /// "http://127.0.0.1:8080/"
  const std::string& url() const { return url_; }

 private:
  asio::io_context io_{1};
  autobahn::websocket::WebSocketServerFactory factory_;
  std::string url_;
  std::jthread thread_;
};

}  // namespace wstest
