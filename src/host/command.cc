// SPDX-License-Identifier: GPL-2.0-only
#include "host/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "base/check.h"

namespace scx_pair {
namespace {

constexpr std::chrono::seconds kPatience{2};
constexpr std::chrono::milliseconds kLookEvery{10};

// Runs in the child, between fork and exec: only calls that are safe there. Returns on failure.
void become(char* const* argv, bool output_to_stderr) {
  // This program may hold back signals to wait for them; the other one must not inherit that.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setpgid(0, 0);
  if (output_to_stderr) dup2(STDERR_FILENO, STDOUT_FILENO);
  execvp(argv[0], argv);
}

}  // namespace

Result<Command> Command::start(const std::vector<std::string>& words, bool output_to_stderr) {
  check(!words.empty(), "a command has a name");
  std::vector<std::string> copy = words;
  std::vector<char*> argv;
  argv.reserve(copy.size() + 1);
  for (std::string& word : copy) argv.push_back(word.data());
  argv.push_back(nullptr);

  // The child tells through the pipe why it could not become the program; exec closes it.
  std::array<int, 2> pipe_fds{};
  if (pipe2(pipe_fds.data(), O_CLOEXEC) != 0) {
    return Error{ExitCode::kInternal, fmt::format("pipe: {}", std::strerror(errno))};
  }
  const pid_t pid = fork();
  if (pid == 0) {
    become(argv.data(), output_to_stderr);
    const int reason = errno;
    const ssize_t written = write(pipe_fds[1], &reason, sizeof reason);
    _exit(written == sizeof reason ? 127 : 126);
  }
  const int fork_error = errno;
  close(pipe_fds[1]);
  int reason = 0;
  const ssize_t got = pid > 0 ? read(pipe_fds[0], &reason, sizeof reason) : 0;
  close(pipe_fds[0]);
  if (pid < 0)
    return Error{ExitCode::kInternal, fmt::format("fork: {}", std::strerror(fork_error))};
  Command command(pid);
  if (got == sizeof reason) {
    return Error{ExitCode::kUsage,
                 fmt::format("cannot run {}: {}", words[0], std::strerror(reason))};
  }
  return command;
}

Command::Command(Command&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

Command::~Command() {
  if (pid_ > 0 && !status_) end();
}

std::optional<int> Command::poll() {
  if (status_) return status_;
  int raw = 0;
  if (waitpid(pid_, &raw, WNOHANG) == pid_) {
    status_ = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
  }
  return status_;
}

int Command::end() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  kill(-pid_, SIGTERM);
  while (!poll() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kLookEvery);
  }
  // Also when it has ended: what it started and left behind is in its group.
  kill(-pid_, SIGKILL);
  while (!poll()) std::this_thread::sleep_for(kLookEvery);
  return *status_;
}

}  // namespace scx_pair
