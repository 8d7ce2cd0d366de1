// Opening a socket to listen on, and the file of a Unix socket.
#pragma once

#include <sys/types.h>

#include <autobahn/util/net/listener.hpp>
#include <string>
#include <utility>

namespace autobahn::inline v0::util {

/// The file of a Unix socket of ours; removes it at the end unless somebody has put another one in its place.
class UnixSocketFile {
 public:
  UnixSocketFile() = default;
  /// The file that is at `path` now.
  explicit UnixSocketFile(std::string path);
  UnixSocketFile(UnixSocketFile&& other) noexcept { *this = std::move(other); }
  UnixSocketFile& operator=(UnixSocketFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(device_, other.device_);
    std::swap(inode_, other.inode_);
    return *this;
  }
  ~UnixSocketFile();

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

struct ListeningSocket {
  UniqueFd fd;
  UnixSocketFile file;
};

/// Throws std::system_error that names the address.
ListeningSocket openListeningSocket(const ListenAddress& address);

}  // namespace autobahn::inline v0::util
