// How a payload is packed for the wire: stored, or one zstd frame.
#include <fmt/format.h>
#include <zstd.h>

#include <memory>

#include "proto/payload.h"

namespace xylem {
namespace {

tl::unexpected<Error> bad(std::string detail) { return fail(ErrorCode::kBadPayload, std::move(detail)); }

// Making a context costs more than packing a payload, so each thread keeps one of each.
ZSTD_CCtx* compressor() {
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  thread_local const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  XYLEM_ASSERT(context != nullptr);
  return context.get();
}

ZSTD_DCtx* decompressor() {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  XYLEM_ASSERT(context != nullptr);
  return context.get();
}

// RFC 8878 §3.1.1.1: magic | descriptor | window descriptor, unless the content is one segment | …
Result<void> check_frame_start(ByteView wire) {
  constexpr std::uint32_t kFrameMagic = 0x28B52FFD;  // skippable frames have others
  ByteReader read(wire);
  if (read.u32() != kFrameMagic) return bad("not a zstd frame");
  const std::uint8_t descriptor = read.u8();
  if ((descriptor & 0x08) != 0) return bad("zstd frame has its reserved bit set");
  if ((descriptor & 0x03) != 0) return bad("zstd frame wants a dictionary");
  const bool single_segment = (descriptor & 0x20) != 0;
  if (single_segment) return {};  // the window is the content, whose size is checked
  const std::uint8_t window = read.u8();
  const std::uint64_t base = std::uint64_t{1} << (10 + (window >> 3));
  const std::uint64_t window_bytes = base + base / 8 * (window & 7);
  if (read.bad()) return bad("zstd frame is cut short");
  if (window_bytes > kZstdWindowBytesMax) {
    return bad(fmt::format("zstd window of {} bytes, at most {}", window_bytes, kZstdWindowBytesMax));
  }
  return {};
}

Result<Bytes> decompress(ByteView wire, std::size_t plain_bytes) {
  if (auto ok = check_frame_start(wire); !ok) return fail(ok.error());
  // Unknown and malformed sizes come as numbers above every limit.
  const unsigned long long stated = ZSTD_getFrameContentSize(wire.data(), wire.size());
  if (stated != plain_bytes) return bad(fmt::format("zstd frame does not state {} bytes", plain_bytes));
  if (ZSTD_findFrameCompressedSize(wire.data(), wire.size()) != wire.size()) return bad("not exactly one zstd frame");

  Bytes plain(plain_bytes);
  const std::size_t got = ZSTD_decompressDCtx(decompressor(), plain.data(), plain.size(), wire.data(), wire.size());
  if (ZSTD_isError(got) != 0) return bad(fmt::format("zstd: {}", ZSTD_getErrorName(got)));
  if (got != plain_bytes) return bad(fmt::format("{} bytes after decompression, expected {}", got, plain_bytes));
  return plain;
}

}  // namespace

Packed pack_payload(ByteView plain, int zstd_level) {
  const Packed stored{Codec::stored, Bytes(plain.begin(), plain.end())};
  if (plain.size() < kCompressBytesMin) return stored;

  // The frame states its size; no checksum, as header and signature have better ones.
  const std::size_t level_set = ZSTD_CCtx_setParameter(compressor(), ZSTD_c_compressionLevel, zstd_level);
  XYLEM_ASSERT(ZSTD_isError(level_set) == 0);
  Bytes wire(ZSTD_compressBound(plain.size()));
  const std::size_t size = ZSTD_compress2(compressor(), wire.data(), wire.size(), plain.data(), plain.size());
  XYLEM_ASSERT(ZSTD_isError(size) == 0);
  if (size >= plain.size()) return stored;
  wire.resize(size);
  return {Codec::zstd, std::move(wire)};
}

Result<Bytes> unpack_payload(Codec codec, ByteView wire, std::size_t plain_bytes) {
  if (plain_bytes > kPayloadPlainBytesMax) {
    return bad(fmt::format("payload of {} bytes, at most {}", plain_bytes, kPayloadPlainBytesMax));
  }
  if (codec == Codec::zstd) return decompress(wire, plain_bytes);
  if (wire.size() != plain_bytes)
    return bad(fmt::format("stored payload of {} bytes, expected {}", wire.size(), plain_bytes));
  return Bytes(wire.begin(), wire.end());
}

}  // namespace xylem
