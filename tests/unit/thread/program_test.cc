// xylem-thread as a shell sees it: what it prints, and what it exits with.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace xylem {
namespace {

struct Outcome {
  int status;
  std::string printed;
};

// `script` runs in a shell with the program as $thread.
Outcome run(const std::string& script) {
  const std::string command = "thread='" XYLEM_THREAD_PROGRAM "'; " + script;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Outcome outcome{0, {}};
  char buffer[4096];
  for (std::size_t bytes; (bytes = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    outcome.printed.append(buffer, bytes);
  const int status = ::pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

TEST_CASE("what generate prints, convert reads from a pipe and from a file") {
  const Outcome piped = run(R"("$thread" generate --seed 3 --comments 20 | "$thread" convert)");
  CHECK(piped.status == 0);
  CHECK(piped.printed.starts_with("{\"event_kind\":\"add_post\""));
  const Outcome file =
      run(R"("$thread" generate --seed 3 --comments 20 > generated.jsonl && "$thread" convert generated.jsonl)");
  CHECK(file.status == 0);
  CHECK(file.printed == piped.printed);
}

TEST_CASE("help is printed and is no failure") {
  CHECK(run(R"("$thread" --help)").status == 0);
  CHECK(run(R"("$thread" --help)").printed.find("convert") != std::string::npos);
  CHECK(run(R"("$thread" convert --help)").printed.find("--skip-errors") != std::string::npos);
  CHECK(run(R"("$thread" generate --help)").printed.find("--seed") != std::string::npos);
}

TEST_CASE("wrong use exits with 2") {
  for (const std::string arguments : {"", "paint", "generate --comments -5", "generate --seed x", "convert --paint"}) {
    CAPTURE(arguments);
    CHECK(run("\"$thread\" " + arguments + " 2>/dev/null").status == 2);
  }
}

TEST_CASE("a bad line stops the conversion with file, line and cause") {
  const std::string bad = R"(printf '%s\n' '{"title":"t","created_utc":1}' 'oops' | "$thread" convert )";
  const Outcome stopped = run(bad + "2>&1 >/dev/null");
  CHECK(stopped.status == 1);
  CHECK(stopped.printed == "xylem-thread convert: E_BAD_EVENT 502: event is malformed: -: line 2: not a JSON object\n");
  CHECK(run(bad + "2>/dev/null").printed.starts_with("{\"event_kind\":\"add_post\""));

  const Outcome skipped = run(bad + "--skip-errors --stats 2>&1 >/dev/null");
  CHECK(skipped.status == 0);
  CHECK(skipped.printed ==
        "xylem-thread convert: E_BAD_EVENT 502: event is malformed: -: line 2: not a JSON object\n"
        "lines=2 comments=0 deletions=0 edits=0 events=1\n");
}

TEST_CASE("a file that cannot be read exits with 1") {
  const Outcome outcome = run(R"("$thread" convert no-such-file 2>&1)");
  CHECK(outcome.status == 1);
  CHECK(outcome.printed ==
        "xylem-thread convert: E_IO 601: input or output failed: no-such-file: No such file or directory\n");
  CHECK(run(R"("$thread" convert . 2>&1)").status == 1);
}

TEST_CASE("a closed pipe ends it quietly") {
  const Outcome outcome =
      run(R"(("$thread" generate --comments 1000000000 2>&1; echo $? >exit_status) | head -n 1; cat exit_status)");
  CHECK(outcome.printed.starts_with("{\"id\""));
  CHECK(outcome.printed.ends_with("}\n0\n"));
}

TEST_CASE("a full disk exits with 1") {
  const Outcome outcome = run(R"("$thread" generate 2>&1 >/dev/full)");
  CHECK(outcome.status == 1);
  CHECK(outcome.printed ==
        "xylem-thread generate: E_IO 601: input or output failed: standard output: No space left on device\n");
}

TEST_CASE("a line without an end is converted, one that never ends is refused") {
  CHECK(run(R"(printf '{"title":"t","created_utc":1}' | "$thread" convert)").printed.ends_with("\"url\":\"\"}\n"));
  const Outcome endless = run(R"(head -c 30000000 /dev/zero | tr '\0' x | "$thread" convert 2>&1)");
  CHECK(endless.status == 1);
  CHECK(endless.printed ==
        "xylem-thread convert: E_TOO_LARGE 103: larger than its limit: -: line 1: longer than 1 MiB\n");
}

}  // namespace
}  // namespace xylem
