#include "process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <asio/buffer.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

namespace wamp_tool {
namespace {

void check(int error, const std::string& what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

/// Strings as exec wants them, as long as these live.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& each : texts) all.push_back(each.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> withEnvironment(const Processes::Environment& added) {
  std::vector<std::string> all;
  for (const auto& each : added) all.push_back(each.first + "=" + each.second);
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string entry = *each;
    const std::string name = entry.substr(0, entry.find('='));
    // The secret is not for the programs that we run.
    bool isHidden = name == "WAMP_SECRET";
    for (const auto& one : added) isHidden = isHidden || one.first == name;
    if (!isHidden) all.push_back(entry);
  }
  return all;
}

}  // namespace

/// Ends a program that nobody waits for any more; it is reaped when it has gone.
class Processes::Guard {
 public:
  Guard(pid_t pid, std::shared_ptr<Child> child) : pid_(pid), child_(std::move(child)) {}
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() {
    if (!child_->hasEnded) ::kill(pid_, SIGTERM);
  }

 private:
  pid_t pid_;
  std::shared_ptr<Child> child_;
};

Processes::Processes(asio::io_context& io) : io_(io), childSignal_(io, SIGCHLD) { watch(); }

asio::awaitable<Processes::Finished> Processes::run(std::vector<std::string> command,
                                                    Environment environment) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) check(errno, "pipe");
  asio::posix::stream_descriptor output(io_, ends[0]);
  asio::posix::stream_descriptor theirs(io_, ends[1]);
  const pid_t pid = start(command, environment, ends[1]);
  theirs.close();
  const auto child = std::make_shared<Child>(io_);
  children_.emplace(pid, child);
  const Guard guard(pid, child);

  Finished finished;
  std::array<char, 16384> buffer{};
  std::error_code error;
  while (!error) {
    const std::size_t count = co_await output.async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    finished.output.append(buffer.data(), count);
    if (finished.output.size() > kMaxOutput) throw std::runtime_error("the command writes too much");
  }
  while (!child->hasEnded) {
    std::error_code ignored;  // the timer is cancelled when the program has ended
    co_await child->ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  finished.status = child->status;
  co_return finished;
}

pid_t Processes::start(const std::vector<std::string>& command, const Environment& environment, int output) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> variables = withEnvironment(environment);
  posix_spawn_file_actions_t actions;
  check(::posix_spawn_file_actions_init(&actions), "posix_spawn");
  const std::unique_ptr<posix_spawn_file_actions_t, int (*)(posix_spawn_file_actions_t*)> owner(
      &actions, ::posix_spawn_file_actions_destroy);
  check(::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0), "posix_spawn");
  check(::posix_spawn_file_actions_adddup2(&actions, output, 1), "posix_spawn");
  pid_t pid = 0;
  check(::posix_spawnp(&pid, arguments[0].c_str(), &actions, nullptr, pointers(arguments).data(),
                       pointers(variables).data()),
        "cannot run " + arguments[0]);
  return pid;
}

void Processes::watch() {
  childSignal_.async_wait([this](std::error_code error, int) {
    if (error) return;
    reap();
    watch();
  });
}

void Processes::reap() {
  for (auto each = children_.begin(); each != children_.end();) {
    int status = 0;
    if (::waitpid(each->first, &status, WNOHANG) == 0) {
      ++each;
      continue;
    }
    Child& child = *each->second;
    child.hasEnded = true;
    child.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    child.ended.cancel();
    each = children_.erase(each);
  }
}

}  // namespace wamp_tool
