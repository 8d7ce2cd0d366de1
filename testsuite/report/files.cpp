#include "report/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "report/index.hpp"
#include "report/report.hpp"

namespace wstest {

namespace {

[[noreturn]] void failWith(const std::string& what, int error) {
  throw std::runtime_error(what + ": " + std::generic_category().message(error));
}

/// Whether a new file may take the place of `file`. Not of a device, a pipe or a link: /dev/null has to stay
/// what it is.
bool isReplaceable(const std::string& file) {
  std::error_code ignored;
  const auto status = std::filesystem::symlink_status(file, ignored);
  return !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
}

/// How to open what is not replaced. /dev/stdout may be a file that holds our own output already.
int flagsInPlace(const std::string& file) {
  std::error_code ignored;
  const bool isFile = std::filesystem::is_regular_file(file, ignored) && !file.starts_with("/dev/");
  return O_WRONLY | O_CREAT | (isFile ? O_TRUNC : O_APPEND);
}

std::string temporaryBeside(const std::string& file) { return file + ".new-" + std::to_string(::getpid()); }

/// An open file, closed in any case.
class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~File() { end(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool isOpen() const { return fd_ >= 0; }
  bool writeAll(std::string_view content) {
    while (!content.empty()) {
      const ::ssize_t size = ::write(fd_, content.data(), content.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return false;
      content.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }
  /// Negative when it cannot be read.
  ::ssize_t readSome(char* into, std::size_t size) { return ::read(fd_, into, size); }
  /// Some file systems say only now that there is no space.
  bool end() {
    const int fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

}  // namespace

std::string readFile(const std::string& file) {
  File input(file, O_RDONLY);
  if (!input.isOpen()) failWith("cannot read " + file, errno);
  std::string content;
  char buffer[65536];
  while (true) {
    const ::ssize_t size = input.readSome(buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) failWith("cannot read " + file, errno);
    if (size == 0) return content;
    content.append(buffer, static_cast<std::size_t>(size));
  }
}

bool isThere(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

void writeFile(const std::string& file, std::string_view content) {
  if (!isReplaceable(file)) {
    File output(file, flagsInPlace(file));
    if (!output.isOpen() || !output.writeAll(content) || !output.end())
      failWith("cannot write " + file, errno);
    return;
  }
  const std::string temporary = temporaryBeside(file);
  File output(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!output.isOpen()) failWith("cannot write " + file, errno);
  if (!output.writeAll(content) || !output.end() || std::rename(temporary.c_str(), file.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    failWith("cannot write " + file, error);
  }
}

void prepareFile(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) failWith("cannot write " + file, EISDIR);
  // A pipe without a reader may have one by then.
  if (file.empty() || !isReplaceable(file)) return;
  const std::string probe = temporaryBeside(file);
  const File output(probe, O_WRONLY | O_CREAT | O_TRUNC);
  if (!output.isOpen()) failWith("cannot write " + file, errno);
  ::unlink(probe.c_str());
}

void prepareFolder(const std::string& outdir) {
  const std::string what = "cannot write reports to '" + outdir + "'";
  std::error_code error;
  std::filesystem::create_directories(outdir, error);
  if (error) failWith(what, error.value());
  // Permissions tell little (root, read-only file systems, quotas): only trying does.
  const std::string probe = temporaryBeside(outdir + "/probe");
  File file(probe, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.isOpen()) failWith(what, errno);
  const bool isWritten = file.writeAll("wstest") && file.end();
  const int problem = errno;
  ::unlink(probe.c_str());
  if (!isWritten) failWith(what, problem);
  // Better now than after the run.
  loadIndexOf(outdir);
}

}  // namespace wstest
