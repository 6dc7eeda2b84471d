// The answer to one FETCH: a run of BLOB frames, from memory or piece by piece from the log's files.
#pragma once

#include <deque>
#include <variant>

#include "proto/frames.h"
#include "relay/serve/native_task.h"
#include "relay/serve/serve_context.h"

namespace xylem {

class NativeSession;

// What an answer consists of, in order; at most kFetchBytesMax.
using FetchPart = std::variant<SharedBytes, ColdRun>;
struct FetchPlan {
  std::deque<FetchPart> parts;
  std::size_t bytes = 0;

  void add(SharedBytes piece);
  void add(const ColdRun& run);
};

// kNotHeld, kWithheld, kNotMine, kTooOld, kFromTheFuture. What a node lacks it may fetch from its own parent later; the
// caller then answers when it is there.
Result<FetchPlan> plan_fetch(ServeContext& context, const Fetch& fetch);

class FetchAnswer final : public NativeTask {
 public:
  FetchAnswer(NativeSession& session, std::uint32_t request, FetchPlan plan);
  ~FetchAnswer() override;

  Step step() override;
  void finish() override;

 private:
  Step send_piece(Bytes data);

  NativeSession& session_;
  const std::uint32_t request_;
  FetchPlan plan_;
  const std::size_t total_bytes_;
  std::size_t sent_bytes_ = 0;
};

}  // namespace xylem
