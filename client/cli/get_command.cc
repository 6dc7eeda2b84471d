// xylem get: the feed's records as they were signed, byte for byte, for tools that verify or keep them.
#include <fmt/core.h>

#include "client/cli/commands.h"
#include "client/cli/reading.h"
#include "client/options/command_set.h"

namespace xylem {

int run_get_command(int argc, const char* const* argv) {
  ReadingSettings settings;
  std::string from;
  bool headers = false;
  OptionTable table("xylem get",
                    "Writes a feed's verified records to stdout: RECORD frames as in docs/spec.md, byte for byte.");
  table.text("from", &from, "CURSOR", "only what follows this cursor");
  table.toggle("headers", &headers, "print one line a record instead: seq, type, versions, time, link");
  add_reading_options(table, settings);
  table.epilogue("Example: xylem get distributed.example 31337 > thread.records");
  auto outcome = table.parse(argc, argv);
  if (outcome && *outcome == OptionTable::Outcome::done) return kExitOk;
  Result<void> valid;
  if (!outcome) valid = fail(outcome.error());
  if (valid) valid = settle_words(settings);
  if (valid && !headers && look_at_stdout().is_terminal) {
    valid = fail(ErrorCode::kUsage, "records are binary; send them to a file or a pipe, or use --headers");
  }
  if (!valid) {
    print_error("xylem get", valid.error());
    return kExitUsage;
  }
  Reading reading(settings);
  FollowOptions options;
  options.from = from;
  options.until_live = true;
  options.patience = settings.timeout;
  Reader::Callbacks callbacks;
  callbacks.record = [&](const RecordView& record) {
    const RecordHeader& header = record.header();
    const std::string line = fmt::format(
        "{} {} {} {} {} {}\n", header.seq.value, header.is_batch() ? "batch" : "notice", header.first_version.value,
        header.event_count, to_rfc3339(header.origin_time), to_hex(link_of(record.decoded)));
    if (!print_out(headers ? std::string_view(line) : as_text(record.frame))) reading.stop(kExitOk);
  };
  const int code = reading.run(options, std::move(callbacks));
  if (code == kExitOk) print_note(reading.freshness());
  return code;
}

}  // namespace xylem
