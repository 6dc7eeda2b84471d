// The names in a bucket's folder (spec §8):
//
//   00000000000000000001.log    a sealed segment, from seq 1
//   00000000000000070123.open   the open one, always the last
//   kept                        what is known of feeds below the floor (kept_notices.h)
//   00000000000000070123.4096.cut   what was cut from that segment at that offset, where nothing is ever deleted
//   *.new                       begun and not finished; removed at start
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/ids.h"
#include "relay/log/storage.h"

namespace xylem {

struct SegmentName {
  Seq first;
  bool sealed = false;
};

std::string to_string(const SegmentName& name);
std::optional<SegmentName> parse_segment_name(const std::string& name);
std::string cut_name(Seq first, std::uint64_t offset);
inline constexpr const char* kKeptName = "kept";
inline constexpr const char* kManifestName = "manifest.xylem";  // a node keeps it beside its logs' folders

// "b00005" of bucket 5, in a set of logs.
std::string bucket_folder(Bucket bucket);
std::optional<Bucket> parse_bucket_folder(const std::string& name);

struct FolderContents {
  std::vector<SegmentName> segments;    // ascending by first seq
  std::vector<std::string> unfinished;  // *.new
  std::vector<std::string> others;      // neither of these, nor `kept`
};
Result<FolderContents> list_log_folder(Storage& storage, const std::string& folder);

}  // namespace xylem
