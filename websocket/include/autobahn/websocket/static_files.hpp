// A tiny responder for static files, so that a server can hand out the page that opens its WebSocket.
#pragma once

#include <autobahn/websocket/http.hpp>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace autobahn::inline v0::websocket {

/// How files are served.
struct StaticFilesOptions {
  std::size_t maxFileSize = 16 * 1024 * 1024;  ///< bytes; a larger file is answered 403
  std::string index = "index.html";            ///< served for a folder; empty = folders are not served
  std::string prefix = "/";                    ///< the part of the URL path that stands for the root folder
  http::Headers headers;                       ///< added to every 200 and 304, such as Cache-Control
};

/// Serves the files below one folder. For pages of examples and tools, not for traffic: files are read whole,
/// from disk, on the calling thread. Immutable, usable from several threads at once.
class StaticFiles {
 public:
  /// Throws std::invalid_argument when `root` is no folder, or the prefix does not start with '/'.
  explicit StaticFiles(const std::filesystem::path& root, StaticFilesOptions options = {});

  /// The answer to GET or HEAD of a file: 200, 304 (If-None-Match, or If-Modified-Since with exactly the
  /// Last-Modified we sent), 301 for a folder without its final '/', 400 for a malformed path, 403 for a file
  /// that is too large or not readable. Nothing when there is no such file, or it is not ours to give: other
  /// methods, paths outside the prefix or with "..", hidden files, special files, links that leave the root.
  std::optional<http::Response> respond(const http::Request& request) const;

 private:
  http::Response serve(const std::filesystem::path& file, const http::Request& request) const;

  std::filesystem::path root_;
  StaticFilesOptions options_;
};

/// The media type for a file name by its extension; "application/octet-stream" when unknown.
std::string_view contentType(const std::filesystem::path& file);

}  // namespace autobahn::inline v0::websocket
