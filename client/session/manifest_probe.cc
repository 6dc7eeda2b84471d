#include "client/session/manifest_probe.h"

#include "proto/manifest.h"

namespace xylem {

ManifestProbe::ManifestProbe(const HostPort& dialled, std::string agent, const Nonce& nonce, MonoTime now)
    : now_(now), over_by_(now + kManifestProbeTimeout), output_(kNativeMagic.begin(), kNativeMagic.end()) {
  UpstreamOptions options;
  options.host = dialled.host;
  options.port = dialled.port;
  options.agent = std::move(agent);
  const Bytes hello = encode(make_hello(options, ZoneId{}, nonce));
  output_.insert(output_.end(), hello.begin(), hello.end());
}

void ManifestProbe::on_bytes(ByteView bytes, MonoTime now) {
  now_ = now;
  if (result_) return;
  splitter_.feed(bytes);
  while (!result_) {
    const auto frame = splitter_.next();
    if (!frame) return end(fail(frame.error()));
    if (!*frame) return;
    on_frame(**frame);
  }
}

void ManifestProbe::on_frame(const Envelope& frame) {
  if (frame.type == FrameType::record || frame.type == FrameType::beacon) return;
  auto decoded = decode_frame(frame);
  if (!decoded) return end(fail(decoded.error()));
  if (const auto* welcome = std::get_if<Welcome>(&*decoded); welcome != nullptr && !welcomed_) {
    welcomed_ = true;
    static_cast<void>(fetches_.add(FetchHash{welcome->manifest_hash}, FetchPurpose::manifest));  // the only one
  } else if (auto* blob = std::get_if<Blob>(&*decoded)) {
    on_blob(std::move(*blob));
  } else if (const auto* error = std::get_if<ErrorFrame>(&*decoded)) {
    end(fail(error->code, error->text));
  } else if (const auto* goaway = std::get_if<GoAway>(&*decoded)) {
    end(fail(goaway->reason));
  }
}

void ManifestProbe::on_blob(Blob blob) {
  auto answer = fetches_.on_blob(std::move(blob), now_);
  if (!answer) return end(fail(answer.error()));
  if (!*answer) return;
  Result<Bytes>& bytes = (*answer)->bytes;
  if (bytes) {
    if (auto manifest = open_manifest_unpinned(*bytes); !manifest) return end(fail(manifest.error()));
  }
  end(std::move(bytes));
}

void ManifestProbe::on_deadline(MonoTime now) {
  if (now >= over_by_) end(fail(ErrorCode::kTimeout, "no manifest"));
}

Bytes ManifestProbe::take_output() {
  while (auto fetch = fetches_.next_to_send(now_)) {
    const Bytes frame = encode(*fetch);
    output_.insert(output_.end(), frame.begin(), frame.end());
  }
  return std::exchange(output_, {});
}

void ManifestProbe::end(Result<Bytes> result) {
  if (!result_) result_ = std::move(result);
}

}  // namespace xylem
