// docs/spec.md §8.3 against the code: the footer of its example segment, byte for byte.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "relay/log/bucket_log.h"
#include "relay/log/memory_storage.h"
#include "relay/log/segment_table.h"
#include "tests/vectors/example_zone.h"

using namespace xylem;

namespace {

std::string example_in_spec() {
  std::ifstream file(XYLEM_SOURCE_DIR "/docs/spec.md");
  REQUIRE(file);
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  const std::string fence = "```hex log=footer\n";
  const std::size_t begin = document.find(fence);
  REQUIRE(begin != std::string::npos);
  std::string hex = document.substr(begin + fence.size(), document.find("```", begin + 3) - begin - fence.size());
  std::erase(hex, '\n');
  return hex;
}

}  // namespace

TEST_CASE("the footer in the spec is the one of the example records") {
  const example::Log example = example::log();
  MemoryStorage storage;
  const auto log = BucketLog::open(storage, "b00005", example::kBucket, {}).value();
  std::uint64_t frames_bytes = 0;
  for (const SealedRecord& sealed : example.records) {
    const RecordView record = parse_record(sealed.frame).value();
    REQUIRE(log->append(std::span(&record, 1)));
    frames_bytes += sealed.frame.size();
  }
  REQUIRE(log->roll());
  const auto file = storage.open("b00005/00000000000000000001.log").value();
  Bytes footer(static_cast<std::size_t>(file->size() - frames_bytes));
  REQUIRE(read_exactly(*file, frames_bytes, footer));
  CHECK(example_in_spec() == to_hex(footer));
  const SegmentTable table = read_footer(*file, example::kBucket, Seq(1)).value();
  CHECK(table.feeds.size() == 1);
  CHECK(table.records.size() == 8);
}
