// The one table of errors: stable number, name, text, HTTP status, whether trying again may help. The same numbers
// stand on the wire (ERROR, STATUS), in logs, metrics, problem+json and docs/errors.md (a test compares). A number is
// never reused.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace xylem {

// name, number, HTTP status, retryable, text
#define XYLEM_ERRORS(X)                                                                                \
  /* 1xx: bytes that are not what the spec says */                                                     \
  X(kBadFrame, 101, 400, false, "frame is malformed")                                                  \
  X(kBadChecksum, 102, 400, false, "checksum of a frame does not match")                               \
  X(kTooLarge, 103, 413, false, "larger than its limit")                                               \
  X(kBadHeader, 104, 400, false, "record header is malformed")                                         \
  X(kBadPayload, 105, 400, false, "record payload is malformed")                                       \
  X(kBadDocument, 106, 400, false, "signed document is malformed")                                     \
  X(kBadName, 107, 400, false, "name is malformed")                                                    \
  X(kBadCursor, 108, 400, false, "cursor is malformed")                                                \
  X(kUnsupportedVersion, 109, 400, false, "version is not supported")                                  \
  X(kBadMagic, 110, 400, false, "neither the native protocol nor HTTP")                                \
  X(kBadFile, 111, 500, false, "file is not what it should be")                                        \
  /* 2xx: bytes that do not prove themselves */                                                        \
  X(kBadSignature, 201, 400, false, "signature does not verify")                                       \
  X(kNoGrant, 202, 400, false, "no grant of the manifest covers this record")                          \
  X(kBrokenLink, 203, 400, false, "record does not link to the one before")                            \
  X(kWrongSeq, 204, 400, false, "sequence number is not the next one")                                 \
  X(kWrongEpoch, 205, 400, false, "epoch is not the one in force")                                     \
  X(kBadHash, 206, 400, false, "hash of the payload does not match")                                   \
  X(kBadRoot, 207, 400, false, "payload root does not match the events")                               \
  X(kWrongZone, 208, 400, false, "another zone")                                                       \
  X(kStaleDocument, 209, 409, false, "older than one already seen")                                    \
  X(kWeakKey, 210, 400, false, "public key is not acceptable")                                         \
  X(kFork, 211, 409, false, "two signed records for one place")                                        \
  X(kTimeBackwards, 212, 400, false, "signed time goes backwards")                                     \
  X(kWrongBucket, 213, 400, false, "record is of another bucket")                                      \
  X(kWrongVersion, 214, 400, false, "version is not the next one of its feed")                         \
  /* 3xx: what a node answers about positions */                                                       \
  X(kTooOld, 301, 410, false, "older than what is kept here")                                          \
  X(kFromTheFuture, 302, 503, true, "newer than what is held here")                                    \
  X(kEpochChanged, 303, 410, false, "the epoch has changed")                                           \
  X(kForked, 304, 409, false, "the cursor belongs to another history")                                 \
  X(kNotHeld, 305, 503, true, "not held here")                                                         \
  X(kWithheld, 306, 451, false, "withheld by this node")                                               \
  X(kNotMine, 307, 421, false, "not one of this node's buckets")                                       \
  X(kUnknownFeed, 308, 404, false, "no such feed")                                                     \
  X(kUnknownYet, 309, 503, true, "not known here yet")                                                 \
  X(kFeedDeleted, 310, 410, false, "the feed was deleted")                                             \
  X(kFeedClosed, 311, 409, false, "the feed is closed")                                                \
  /* 4xx: sessions between nodes */                                                                    \
  X(kNotMe, 401, 421, false, "this host and port are not advertised here")                             \
  X(kLoop, 402, 508, false, "the path of relays leads back here")                                      \
  X(kNotAllowed, 403, 403, false, "not allowed here")                                                  \
  X(kTooMany, 404, 429, true, "too many")                                                              \
  X(kDraining, 405, 503, true, "the node is going away")                                               \
  X(kTimeout, 406, 408, true, "nothing arrived in time")                                               \
  X(kBadIdentity, 407, 403, false, "the peer did not prove its identity")                              \
  X(kProtocol, 408, 400, false, "frame out of order")                                                  \
  X(kTooSlow, 409, 503, true, "the reader is too slow")                                                \
  /* 5xx: writing at an origin */                                                                      \
  X(kUnauthorized, 501, 401, false, "token is missing or wrong")                                       \
  X(kBadEvent, 502, 400, false, "event is malformed")                                                  \
  X(kEventTooLarge, 503, 413, false, "event is larger than 48 KiB")                                    \
  X(kRequestTooLarge, 504, 413, false, "request is larger than 4 MiB or 10 000 events")                \
  X(kWrongRange, 505, 421, false, "feed is outside this origin's range")                               \
  X(kNameDiffers, 506, 409, false, "another name is on record for this feed id")                       \
  X(kProducerStale, 507, 403, false, "producer epoch is older than one already seen")                  \
  X(kProducerGap, 508, 409, false, "producer sequence leaves a gap")                                   \
  X(kSilent, 509, 503, true, "the origin is starting and does not accept events yet")                  \
  X(kDiskFull, 510, 503, true, "no space left for new events")                                         \
  X(kContentTypeDiffers, 511, 409, false, "content type differs from the feed's")                      \
  X(kOverloaded, 512, 503, true, "too much work in progress")                                          \
  X(kProducerReused, 513, 409, false, "producer number was used for other events")                     \
  /* 6xx: the machine around us, configuration, discovery */                                           \
  X(kIo, 601, 500, true, "input or output failed")                                                     \
  X(kConfig, 602, 500, false, "configuration is wrong")                                                \
  X(kUsage, 603, 400, false, "wrong use of the command")                                               \
  X(kCorrupt, 604, 500, false, "stored data is damaged")                                               \
  X(kDns, 605, 503, true, "DNS gave no usable answer")                                                 \
  X(kNoServers, 606, 503, true, "no server of the bucket could be reached")                            \
  X(kPrivateAddress, 607, 403, false, "private address refused (start with --allow-private to allow)") \
  X(kPinMismatch, 608, 403, false, "the zone id is not the pinned one")                                \
  X(kCrypto, 609, 500, false, "the cryptographic library failed")                                      \
  X(kInterrupted, 610, 503, true, "interrupted")                                                       \
  X(kNotFound, 611, 404, false, "not found")                                                           \
  X(kMethodNotAllowed, 612, 405, false, "method is not allowed here")                                  \
  X(kBadRequest, 613, 400, false, "request is malformed")                                              \
  X(kNotImplemented, 614, 501, false, "not offered")

enum class ErrorCode : std::uint16_t {
#define XYLEM_ENUMERATOR(name, number, status, retryable, text) name = number,
  XYLEM_ERRORS(XYLEM_ENUMERATOR)
#undef XYLEM_ENUMERATOR
};

struct ErrorInfo {
  ErrorCode code;
  std::uint16_t number;
  std::string_view name;  // "E_BAD_HEADER"
  int http_status;
  bool retryable;
  std::string_view text;
};

std::span<const ErrorInfo> all_errors();
// A number from the wire that this table does not know gives the row of kProtocol.
const ErrorInfo& error_info(ErrorCode code);
const ErrorInfo& error_info_of_number(std::uint16_t number);

}  // namespace xylem
