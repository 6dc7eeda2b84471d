// Fan-out of one feed to many readers: a batch of 33 events each 99 ms, 333 events/s. Floor: a libuv loop that writes
// the same bytes to as many sockets. Four processes, two servers with their readers each, take turns; what counts is
// the CPU time of the process that serves: on loopback it is the sender who pays for the receiver's TCP, alike in both.
//
//   this process ── publish, cpu ──> fanout-server subject | floor
//               └── expect N ─────> fanout-reader           (answers when all of its connections together have N bytes)
//
// The next batch begins when its time has come and everybody has the last one: so a write is one batch in both, also
// where the machine cannot keep the pace (`events_a_second` then says so).
#include <fmt/core.h>

#include "client/uv/timer.h"
#include "tests/bench/bench_world.h"
#include "tests/bench/child_process.h"
#include "tests/bench/fanout_batches.h"
#include "tests/bench/figures.h"

namespace xylem {
namespace {

constexpr auto kBatchInterval = std::chrono::milliseconds(99);

// A beat each kBatchInterval; after a late one the next is as far away as ever.
class Pace {
 public:
  void wait() {
    loop_.run_ready();  // its clock stood still while others worked
    due_ = std::max(due_ + kBatchInterval, loop_.now());
    beat_.start_at(due_);
    while (beat_.running()) loop_.run_once();
  }

 private:
  Loop loop_;
  Timer beat_{loop_, [] {}};
  MonoTime due_ = loop_.now();
};

// A server, its readers, and how much they have got.
class Side {
 public:
  Side(const std::string& kind, std::size_t readers, std::size_t batches, const std::string& folder)
      : readers_(static_cast<double>(readers)),
        server_({"fanout-server", kind, std::to_string(batches), folder}),
        peers_({"fanout-reader", kind, std::to_string(static_cast<int>(server_.hear())), std::to_string(readers)}) {
    peers_.hear();  // all are connected and live
  }

  // CPU seconds of the server for so many batches.
  double run(std::size_t batches) {
    server_.say("cpu");
    const double before = server_.hear();
    Pace pace;
    for (std::size_t i = 0; i < batches; ++i) {
      server_.say("publish");
      peers_.say(fmt::format("expect {}", static_cast<std::uint64_t>(server_.hear() * readers_)));
      peers_.hear();
      pace.wait();
    }
    server_.say("cpu");
    return server_.hear() - before;
  }

 private:
  const double readers_;
  ChildProcess server_;
  ChildProcess peers_;
};

Figure fan_out(std::size_t readers, int rounds, std::size_t batches, const BenchSettings& settings) {
  const ScratchFolder scratch(settings.folder, "fanout");
  const std::size_t batches_in_all = batches * static_cast<std::size_t>(rounds + 1);
  Side floor("floor", readers, batches_in_all, scratch.path());
  Side subject("subject", readers, batches_in_all, scratch.path());
  Figure figure;
  figure.name = fmt::format("fan-out to {} readers", readers);
  figure.unit = "us server CPU/event/reader";
  figure.floor = "a libuv loop that writes the same bytes to as many sockets";
  const double deliveries = static_cast<double>(batches * kFanoutBatchEvents * readers);
  double seconds = 0;
  measure(
      figure, rounds, [&] { return floor.run(batches) * 1e6 / deliveries; },
      [&] {
        const double begin = wall_seconds();
        const double cpu = subject.run(batches);
        seconds = wall_seconds() - begin;
        return cpu * 1e6 / deliveries;
      });
  figure.facts = {{"events_a_batch", static_cast<double>(kFanoutBatchEvents)},
                  {"events_a_second", static_cast<double>(batches * kFanoutBatchEvents) / seconds}};
  return figure;
}

}  // namespace

std::vector<Figure> bench_fanout(const BenchSettings& settings) {
  if (settings.quick) return {fan_out(50, 2, 3, settings)};
  return {fan_out(1'000, 9, 20, settings), fan_out(10'000, 7, 20, settings)};
}

}  // namespace xylem
