#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <autobahn/websocket/static_files.hpp>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include "handshake.hpp"

namespace autobahn::inline v0::websocket {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  // NOFOLLOW: the path was resolved, a link there now was put in since. NONBLOCK: a FIFO must not stop us.
  explicit Descriptor(const fs::path& file)
      : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// RFC 9110 section 5.6.7, whatever the locale.
std::string httpDate(std::time_t time) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 kDays.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                                 kMonths.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900,
                                 utc.tm_hour, utc.tm_min, utc.tm_sec);
  return {text.data(), static_cast<std::size_t>(std::max(size, 0))};
}

std::string entityTag(const struct stat& status) {
  return '"' + std::to_string(status.st_size) + '-' + std::to_string(status.st_mtim.tv_sec) + '-' +
         std::to_string(status.st_mtim.tv_nsec) + '"';
}

// RFC 9110 section 13.1.2 and 13.1.3: the tag decides when there is one.
bool isUnchanged(const http::Headers& headers, const std::string& tag, const std::string& modified) {
  if (!headers.contains("If-None-Match")) return headers.get("If-Modified-Since") == modified;
  const std::string all = headers.joined("If-None-Match");
  return std::ranges::any_of(http::splitList(all), [&](std::string_view each) {
    if (each.starts_with("W/")) each.remove_prefix(2);
    return each == "*" || each == tag;
  });
}

// The decoded path as parts below the root; nullopt when one of them is not to be served.
std::optional<fs::path> relativePath(std::string_view path) {
  fs::path relative;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty()) continue;
    // "..", "." and hidden files in one.
    if (part.front() == '.') return std::nullopt;
    relative /= part;
  }
  return relative;
}

bool isBelow(const fs::path& file, const fs::path& root) {
  const auto [inRoot, inFile] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  return inRoot == root.end();
}

std::optional<std::string> readAll(int fd, std::size_t size) {
  std::string content(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::read(fd, content.data() + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  content.resize(done);  // the file may have shrunk since
  return content;
}

// As sent, so that the escapes stay; relative, so that "//host" cannot lead elsewhere.
http::Response redirectToFolder(const http::Request& request) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view last = path.substr(path.rfind('/') + 1);
  std::string location = "./" + std::string(last) + '/';
  if (path.size() != target.size()) location += target.substr(path.size());
  http::Response response = refusal(301, "", {{"Location", location}});
  response.keepAlive = request.keepAlive;
  if (request.method == "HEAD") response.body.clear();
  return response;
}

}  // namespace

std::string_view contentType(const fs::path& file) {
  struct Type {
    std::string_view extension;
    std::string_view type;
  };
  static constexpr std::array kTypes = {Type{".html", "text/html; charset=utf-8"},
                                        Type{".htm", "text/html; charset=utf-8"},
                                        Type{".css", "text/css; charset=utf-8"},
                                        Type{".js", "text/javascript; charset=utf-8"},
                                        Type{".mjs", "text/javascript; charset=utf-8"},
                                        Type{".txt", "text/plain; charset=utf-8"},
                                        Type{".md", "text/markdown; charset=utf-8"},
                                        Type{".csv", "text/csv; charset=utf-8"},
                                        Type{".xml", "application/xml"},
                                        Type{".json", "application/json"},
                                        Type{".map", "application/json"},
                                        Type{".wasm", "application/wasm"},
                                        Type{".pdf", "application/pdf"},
                                        Type{".svg", "image/svg+xml"},
                                        Type{".png", "image/png"},
                                        Type{".jpg", "image/jpeg"},
                                        Type{".jpeg", "image/jpeg"},
                                        Type{".gif", "image/gif"},
                                        Type{".webp", "image/webp"},
                                        Type{".ico", "image/x-icon"},
                                        Type{".woff", "font/woff"},
                                        Type{".woff2", "font/woff2"},
                                        Type{".ttf", "font/ttf"},
                                        Type{".mp3", "audio/mpeg"},
                                        Type{".ogg", "audio/ogg"},
                                        Type{".mp4", "video/mp4"},
                                        Type{".webm", "video/webm"}};
  const std::string extension = file.extension().string();
  const auto* found = std::ranges::find_if(
      kTypes, [&](const Type& each) { return http::equalsIgnoreCase(each.extension, extension); });
  return found == kTypes.end() ? "application/octet-stream" : found->type;
}

StaticFiles::StaticFiles(const fs::path& root, StaticFilesOptions options) : options_(std::move(options)) {
  std::error_code error;
  root_ = fs::canonical(root, error);
  if (error || !fs::is_directory(root_, error)) {
    throw std::invalid_argument("StaticFiles: no folder " + root.string());
  }
  if (!options_.prefix.starts_with('/'))
    throw std::invalid_argument("StaticFiles: prefix does not start with '/'");
  if (!options_.prefix.ends_with('/')) options_.prefix += '/';
}

std::optional<http::Response> StaticFiles::respond(const http::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  const std::string_view target = request.target;
  const auto path = http::percentDecode(target.substr(0, target.find('?')));
  if (!path || path->find('\0') != std::string::npos) return refusal(400, "the path is malformed");
  if (!path->starts_with(options_.prefix)) return std::nullopt;
  const auto relative = relativePath(std::string_view(*path).substr(options_.prefix.size()));
  if (!relative) return std::nullopt;

  std::error_code error;
  fs::path file = fs::canonical(root_ / *relative, error);
  if (error || !isBelow(file, root_)) return std::nullopt;
  if (fs::is_directory(file, error)) {
    if (options_.index.empty()) return std::nullopt;
    file = fs::canonical(file / options_.index, error);
    if (error || !isBelow(file, root_)) return std::nullopt;
    if (!path->ends_with('/')) return redirectToFolder(request);
  } else if (path->ends_with('/')) {
    return std::nullopt;
  }
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  return serve(file, request);
}

http::Response StaticFiles::serve(const fs::path& file, const http::Request& request) const {
  const Descriptor descriptor(file);
  struct stat status {};
  if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return refusal(403, "the file cannot be read");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > options_.maxFileSize) return refusal(403, "the file is too large");

  http::Response response;
  response.keepAlive = request.keepAlive;
  response.headers = options_.headers;
  const std::string tag = entityTag(status);
  const std::string modified = httpDate(status.st_mtim.tv_sec);
  response.headers.set("ETag", tag);
  response.headers.set("Last-Modified", modified);
  response.headers.set("X-Content-Type-Options", "nosniff");
  if (isUnchanged(request.headers, tag, modified)) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", std::string(contentType(file)));
  if (request.method == "HEAD") {
    response.headers.set("Content-Length", std::to_string(size));
    return response;
  }
  auto content = readAll(descriptor.get(), size);
  if (!content) return refusal(403, "the file cannot be read");
  response.body = std::move(*content);
  return response;
}

}  // namespace autobahn::inline v0::websocket
