// Every limit of the protocol, with its unit in its name (spec §9). A node's own limits (memory, connections) stand in
// the options of the part that has them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace xylem {

using namespace std::chrono_literals;

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

// Records (spec §2)
inline constexpr std::size_t kHeaderBytes = 288;
inline constexpr std::size_t kHeaderExtensionBytesMax = 512;
inline constexpr std::size_t kRecordWireBytesMax = 64 * kKiB;  // envelope, header, extensions and payload as sent
inline constexpr std::size_t kElidedRecordBytesMax = 256 * kKiB;
inline constexpr std::size_t kBatchPlainBytesMax = 32 * kKiB;  // a batch of several events is cut before it passes this
inline constexpr std::size_t kBatchEventsMax = 1024;
inline constexpr std::size_t kEventBytesMax = 48 * kKiB;  // kind, time and details encoded; such an event stands alone
inline constexpr std::size_t kPayloadPlainBytesMax = 56 * kKiB;  // what a receiver will decompress to
inline constexpr std::size_t kEventKindBytesMax = 64;
inline constexpr std::size_t kFeedNameBytesMax = 512;
inline constexpr std::size_t kContentTypeBytesMax = 128;
inline constexpr std::size_t kViewBytesMax = 32;
inline constexpr std::size_t kReducerBytesMax = 64;
inline constexpr std::size_t kCompressBytesMin = 512;  // smaller payloads are stored
inline constexpr std::size_t kZstdWindowBytesMax = kMiB;
inline constexpr auto kBatchWindowDefault = 100ms;
inline constexpr auto kBatchWindowMax = 1000ms;

// Frames (spec §7)
inline constexpr std::size_t kEnvelopeBytes = 12;
inline constexpr std::size_t kControlFrameBytesMax = 16 * kKiB;
inline constexpr std::size_t kBlobDataBytesMax = 256 * kKiB;
inline constexpr std::size_t kBlobFrameBytesMax = kBlobDataBytesMax + 256;
inline constexpr std::size_t kFetchBytesMax = 4 * kMiB;
inline constexpr std::size_t kChunkBytesMax = 4 * kMiB;  // records verified by one signature
inline constexpr std::size_t kChunkRecordsMax = 4096;
inline constexpr std::size_t kBucketsPerFrameMax = 128;
inline constexpr std::size_t kHavePerFrameMax = 48;
inline constexpr std::size_t kHaveFrameBytesMax = 40 * kKiB;  // 48 headers with their extensions
inline constexpr std::size_t kSubscriptionsPerFrameMax = 256;
inline constexpr std::size_t kPathRelaysMax = 32;
inline constexpr std::size_t kStatusSnapshotBytesMax = 2 * kKiB;  // RECORD frame of a snapshot notice
inline constexpr std::size_t kStatusOwnersMax = 16;
inline constexpr std::size_t kGoAwayRelaysMax = 32;
inline constexpr std::size_t kFrameTextBytesMax = 256;
inline constexpr std::size_t kFetchesInFlightMax = 8;
inline constexpr auto kHandshakeTimeout = 5s;
inline constexpr auto kRelayPingInterval = 500ms;
inline constexpr auto kRelayDeadAfter = 1500ms;
inline constexpr auto kBeaconRelayIdle = 10s;
inline constexpr auto kBeaconReaderIdle = 15s;
inline constexpr auto kReaderPingAfter = 20s;
inline constexpr auto kReaderDeadAfter = 5s;  // after the PING
inline constexpr auto kRedirectWaitMin = 1s;
inline constexpr auto kRedirectWaitMax = 120s;
inline constexpr auto kSecondServerCheck = 60s;

// Documents (spec §5)
inline constexpr std::size_t kManifestBytesMax = kMiB;
inline constexpr std::size_t kDirectoryBytesMax = kMiB;
inline constexpr std::size_t kZoneNamesMax = 16;
inline constexpr std::size_t kGrantsMax = 4096;
inline constexpr std::size_t kRangeEpochsMax = 4096;
inline constexpr std::size_t kEpochStartsMax = 16384;
inline constexpr std::size_t kDirectoryKeysMax = 16;
inline constexpr std::size_t kManifestOriginsMax = 4096;
inline constexpr std::size_t kManifestRelaysMax = 4096;
inline constexpr std::size_t kDirectoryRelaysMax = 8192;
inline constexpr std::size_t kDirectoryRangesMax = 64;  // of one relay

// Notices and snapshots (spec §4)
inline constexpr std::size_t kNoticeBytesMax = 16 * kKiB;
inline constexpr std::size_t kSnapshotNoticeBytesMax = kKiB;
inline constexpr std::size_t kRedactionRunsMax = 512;
inline constexpr std::size_t kSnapshotBytesMax = 64 * kMiB;
inline constexpr std::size_t kSnapshotPartBytes = 256 * kKiB;

// Names (spec §6)
inline constexpr std::size_t kNodeNameLevelsMax = 16;
inline constexpr std::size_t kZoneTxtBytesMax = 1000;
inline constexpr std::size_t kSrvPerNameMax = 20;
inline constexpr std::uint16_t kRecommendedBuckets = 256;

}  // namespace xylem
