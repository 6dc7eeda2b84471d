// docs/spec.md against the code: its examples byte for byte and value for value, its limits number for number.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>

#include "proto/limits.h"
#include "tests/vectors/examples.h"

using namespace xylem;

namespace {

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(XYLEM_SOURCE_DIR "/") + name);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The fenced blocks "```KIND name=NAME", by name.
std::map<std::string, std::string> blocks(const std::string& document, const std::string& kind) {
  std::map<std::string, std::string> found;
  std::istringstream lines(document);
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    const std::string fence = "```" + kind + " name=";
    if (line.starts_with(fence)) {
      name = line.substr(fence.size());
      REQUIRE(found.emplace(name, "").second);
    } else if (line.starts_with("```")) {
      name.clear();
    } else if (!name.empty()) {
      found[name] += line + '\n';
    }
  }
  return found;
}

Bytes bytes_of(std::string hex) {
  std::erase(hex, '\n');
  return from_hex(hex);
}

#define XYLEM_LIMIT(name) {#name, name}
const std::map<std::string, std::uint64_t> kSizes = {
    XYLEM_LIMIT(kHeaderBytes),
    XYLEM_LIMIT(kHeaderExtensionBytesMax),
    XYLEM_LIMIT(kRecordWireBytesMax),
    XYLEM_LIMIT(kElidedRecordBytesMax),
    XYLEM_LIMIT(kBatchPlainBytesMax),
    XYLEM_LIMIT(kBatchEventsMax),
    XYLEM_LIMIT(kEventBytesMax),
    XYLEM_LIMIT(kPayloadPlainBytesMax),
    XYLEM_LIMIT(kEventKindBytesMax),
    XYLEM_LIMIT(kFeedNameBytesMax),
    XYLEM_LIMIT(kContentTypeBytesMax),
    XYLEM_LIMIT(kViewBytesMax),
    XYLEM_LIMIT(kReducerBytesMax),
    XYLEM_LIMIT(kCompressBytesMin),
    XYLEM_LIMIT(kZstdWindowBytesMax),
    XYLEM_LIMIT(kEnvelopeBytes),
    XYLEM_LIMIT(kControlFrameBytesMax),
    XYLEM_LIMIT(kHaveFrameBytesMax),
    XYLEM_LIMIT(kBlobDataBytesMax),
    XYLEM_LIMIT(kBlobFrameBytesMax),
    XYLEM_LIMIT(kFetchBytesMax),
    XYLEM_LIMIT(kChunkBytesMax),
    XYLEM_LIMIT(kChunkRecordsMax),
    XYLEM_LIMIT(kBucketsPerFrameMax),
    XYLEM_LIMIT(kHavePerFrameMax),
    XYLEM_LIMIT(kSubscriptionsPerFrameMax),
    XYLEM_LIMIT(kPathRelaysMax),
    XYLEM_LIMIT(kStatusSnapshotBytesMax),
    XYLEM_LIMIT(kStatusOwnersMax),
    XYLEM_LIMIT(kGoAwayRelaysMax),
    XYLEM_LIMIT(kFrameTextBytesMax),
    XYLEM_LIMIT(kFetchesInFlightMax),
    XYLEM_LIMIT(kManifestBytesMax),
    XYLEM_LIMIT(kDirectoryBytesMax),
    XYLEM_LIMIT(kZoneNamesMax),
    XYLEM_LIMIT(kGrantsMax),
    XYLEM_LIMIT(kRangeEpochsMax),
    XYLEM_LIMIT(kEpochStartsMax),
    XYLEM_LIMIT(kDirectoryKeysMax),
    XYLEM_LIMIT(kManifestOriginsMax),
    XYLEM_LIMIT(kManifestRelaysMax),
    XYLEM_LIMIT(kDirectoryRelaysMax),
    XYLEM_LIMIT(kDirectoryRangesMax),
    XYLEM_LIMIT(kNoticeBytesMax),
    XYLEM_LIMIT(kSnapshotNoticeBytesMax),
    XYLEM_LIMIT(kRedactionRunsMax),
    XYLEM_LIMIT(kSnapshotBytesMax),
    XYLEM_LIMIT(kSnapshotPartBytes),
    XYLEM_LIMIT(kNodeNameLevelsMax),
    XYLEM_LIMIT(kZoneTxtBytesMax),
    XYLEM_LIMIT(kSrvPerNameMax),
    XYLEM_LIMIT(kRecommendedBuckets),
};
const std::map<std::string, std::chrono::milliseconds> kTimes = {
    XYLEM_LIMIT(kBatchWindowDefault), XYLEM_LIMIT(kBatchWindowMax),  XYLEM_LIMIT(kHandshakeTimeout),
    XYLEM_LIMIT(kRelayPingInterval),  XYLEM_LIMIT(kRelayDeadAfter),  XYLEM_LIMIT(kBeaconRelayIdle),
    XYLEM_LIMIT(kBeaconReaderIdle),   XYLEM_LIMIT(kReaderPingAfter), XYLEM_LIMIT(kReaderDeadAfter),
    XYLEM_LIMIT(kRedirectWaitMin),    XYLEM_LIMIT(kRedirectWaitMax), XYLEM_LIMIT(kSecondServerCheck),
};
#undef XYLEM_LIMIT

// Name of the constant -> "65 536 bytes" without blanks between digits, from the table of §9.
std::map<std::string, std::string> documented_limits(const std::string& document) {
  static const std::regex row(R"(\n\| [^|]+ \| ([0-9 ]+)( bytes| ms|) \| `(k\w+)` \|)");
  std::map<std::string, std::string> found;
  for (std::sregex_iterator match(document.begin(), document.end(), row), end; match != end; ++match) {
    std::string number = (*match)[1];
    std::erase(number, ' ');
    CHECK(found.emplace((*match)[3], number + (*match)[2].str()).second);
  }
  return found;
}

}  // namespace

TEST_CASE("each example of the spec has the bytes that we encode and the values that we decode") {
  const std::string document = read_file("docs/spec.md");
  auto hex = blocks(document, "hex");
  auto values = blocks(document, "values");
  for (const example::Example& example : example::spec_examples()) {
    CAPTURE(example.name);
    Bytes bytes;
    if (!example.bytes.empty() || hex.contains(example.name)) {
      REQUIRE(hex.contains(example.name));
      bytes = bytes_of(hex[example.name]);
      CHECK(to_hex(bytes) == to_hex(example.bytes));
      hex.erase(example.name);
    }
    const std::string read = example::to_lines(example.read(bytes));
    if (read.empty()) continue;
    CHECK(values[example.name] == read);
    values.erase(example.name);
  }
  CHECK(hex.empty());  // blocks that no code stands behind
  CHECK(values.empty());
}

TEST_CASE("the spec lists each limit with its number") {
  const auto documented = documented_limits(read_file("docs/spec.md"));
  for (const auto& [name, value] : kSizes) {
    CAPTURE(name);
    REQUIRE(documented.contains(name));
    CHECK(std::stoull(documented.at(name)) == value);
    CHECK(documented.at(name).ends_with(" bytes") == (name.find("Bytes") != std::string::npos));
  }
  for (const auto& [name, value] : kTimes) {
    CAPTURE(name);
    REQUIRE(documented.contains(name));
    CHECK(documented.at(name) == std::to_string(value.count()) + " ms");
  }
  CHECK(documented.size() == kSizes.size() + kTimes.size());
}

TEST_CASE("no limit of proto/limits.h is left out of the spec") {
  const std::string header = read_file("proto/limits.h");
  static const std::regex constant(R"(inline constexpr [\w:]+ (k\w+) =)");
  for (std::sregex_iterator match(header.begin(), header.end(), constant), end; match != end; ++match) {
    const std::string name = (*match)[1];
    if (name == "kKiB" || name == "kMiB") continue;
    CAPTURE(name);
    CHECK((kSizes.contains(name) || kTimes.contains(name)));
  }
}
