// This program again, as another process: lines go to its standard input, lines come from its standard output. It ends
// with its input.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

namespace xylem {

class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& words);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void say(const std::string& line);
  double hear();  // the next line, a number

 private:
  pid_t pid_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace xylem
