#include "tests/bench/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/bench/bench_world.h"

namespace xylem {

ChildProcess::ChildProcess(const std::vector<std::string>& words) {
  int input[2], output[2];
  must_be(::pipe2(input, O_CLOEXEC) == 0 && ::pipe2(output, O_CLOEXEC) == 0, "make a pipe");
  std::vector<std::string> all = words;
  all.insert(all.begin(), "xylem_bench");
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  errno = ::posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  must_be(errno == 0, "start a process");
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  to_ = ::fdopen(input[1], "w");
  from_ = ::fdopen(output[0], "r");
}

ChildProcess::~ChildProcess() {
  std::fclose(to_);
  std::fclose(from_);
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

void ChildProcess::say(const std::string& line) {
  std::fputs((line + "\n").c_str(), to_);
  std::fflush(to_);
}

double ChildProcess::hear() {
  char line[64];
  if (std::fgets(line, sizeof line, from_) == nullptr) give_up("another process", "it ended before it answered");
  return std::strtod(line, nullptr);
}

}  // namespace xylem
