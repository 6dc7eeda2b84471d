// Answers to DNS questions: from memory while they are fresh, else from the network; when DNS does not answer, or
// fails, the last known answer, which says how old it is. Keeps its memory in a file.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "client/discovery/dns_cache.h"
#include "client/discovery/found.h"
#include "client/discovery/resolver.h"
#include "client/uv/file_worker.h"
#include "client/uv/timer.h"

namespace xylem {

class CachedResolver {
 public:
  // Reads the file (bounded, a few milliseconds at most); a damaged one is used as far as it is whole. No path, no
  // file.
  CachedResolver(Loop& loop, const ResolverOptions& options, std::filesystem::path file);
  // Writes the file if there is something new. Questions under way are not answered any more. May be called inside a
  // step.
  ~CachedResolver();
  CachedResolver(const CachedResolver&) = delete;
  CachedResolver& operator=(const CachedResolver&) = delete;

  // What needs no asking: a fresh answer; shortly after DNS was silent also the last known one, so that a search of
  // several steps waits for a dead resolver once and not at each step.
  std::optional<DnsStep> known(const DnsQuestion& question) const;

  // Never called from inside ask(). One question goes out for all who ask the same.
  using OnStep = std::function<void(const DnsStep& step)>;
  void ask(const DnsQuestion& question, OnStep on_step);

  // Why the file could not be read or written, for a log.
  const std::optional<Error>& file_problem() const { return file_problem_; }

 private:
  void on_answer(const DnsQuestion& question, Result<Bytes> message);
  DnsStep step_of(const DnsQuestion& question, Result<Bytes> message);
  void load();
  void save();

  Loop& loop_;
  const std::filesystem::path file_;
  DnsCache cache_;
  Resolver resolver_;
  std::map<DnsQuestion, std::vector<OnStep>> waiting_;
  std::optional<MonoTime> silent_since_;
  FileWorker writer_;
  Timer save_timer_;
  bool unsaved_ = false;
  std::optional<Error> file_problem_;
};

}  // namespace xylem
