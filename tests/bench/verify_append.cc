// Verify and append, one relay core: what arrived from upstream is split into frames, verified as a group and appended
// to the bucket's log. Floor: for each group one Ed25519 verification, one SHA-256 over its bytes and one write() of
// them. Live, a record arrives alone and costs a signature; catching up, a read of a socket is a group of many.
#include <fcntl.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <unistd.h>

#include "client/uv/loop.h"
#include "tests/bench/bench_world.h"
#include "tests/bench/figures.h"

namespace xylem {
namespace {

// What one read of the socket gives, and what the floor verifies of it: the last record's signature.
struct Arrival {
  Bytes bytes;
  Bytes signed_message;
  Signature signature{};
};

struct Arrivals {
  std::vector<Arrival> arrivals;
  std::size_t records = 0;
  std::size_t bytes = 0;

  void add(Bytes bytes_of_read, const RecordView& last) {
    Arrival arrival{std::move(bytes_of_read), {}, last.decoded.signature};
    ByteWriter message(arrival.signed_message);
    message.u8(static_cast<std::uint8_t>(kDomainRecord.size()));
    message.bytes(as_bytes(kDomainRecord));
    message.bytes(zone_);
    message.bytes(last.decoded.signed_bytes);
    message.bytes(last.decoded.extensions);
    bytes += arrival.bytes.size();
    arrivals.push_back(std::move(arrival));
  }

 private:
  const ZoneId zone_ = SampleZone().id;
};

Arrivals arrivals_live(std::size_t count) {
  Arrivals out;
  BucketSource source;
  while (out.records < count) {
    for (const RecordView& record : source.next(UINT64_MAX)) {
      if (out.records == count) break;
      out.add(Bytes(record.frame.begin(), record.frame.end()), record);
      ++out.records;
    }
  }
  return out;
}

// Cut where the read buffer is full, so most reads begin and end within a record.
Arrivals arrivals_catching_up(std::size_t count) {
  Arrivals out;
  BucketSource source;
  Bytes read;
  while (out.records < count) {
    for (const RecordView& record : source.next(UINT64_MAX)) {
      const std::size_t room = Loop::kReadBufferBytes - read.size();
      const std::size_t now = std::min(room, record.frame.size());
      read.insert(read.end(), record.frame.begin(), record.frame.begin() + static_cast<std::ptrdiff_t>(now));
      if (read.size() == Loop::kReadBufferBytes) out.add(std::exchange(read, {}), record);
      read.insert(read.end(), record.frame.begin() + static_cast<std::ptrdiff_t>(now), record.frame.end());
      ++out.records;
    }
  }
  return out;
}

double run_subject(const Arrivals& arrivals, const std::string& folder, const Trust& trust) {
  const ScratchFolder scratch(folder, "verify_append");
  const auto storage = must(PosixStorage::open(scratch.path(), PosixStorage::Access::write), "open a folder");
  const auto log = must(BucketLog::open(*storage, "b", kBenchBucket, {}), "open a log");
  BucketChain chain(trust, kBenchBucket);
  FrameSplitter splitter;
  std::vector<RecordView> group;

  const double begin = thread_cpu_seconds();
  for (const Arrival& arrival : arrivals.arrivals) {
    splitter.feed(arrival.bytes);
    group.clear();
    for (auto envelope = must(splitter.next(), "split"); envelope; envelope = must(splitter.next(), "split")) {
      group.push_back(must(parse_record(*envelope), "parse a record"));
    }
    if (auto verdict = chain.accept(group); !verdict) give_up("verify", verdict.error().error.detail);
    must(log->append(group), "append");
    log->publish();
    log->collect();
  }
  const double seconds = thread_cpu_seconds() - begin;
  return seconds * 1e6 / static_cast<double>(arrivals.records);
}

double run_floor(const Arrivals& arrivals, const std::string& folder, const PublicKey& key) {
  const ScratchFolder scratch(folder, "verify_append_floor");
  const int file = ::open((scratch.path() + "/file").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  must_be(file >= 0, "create a file");
  EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  Hash256 hash{};

  const double begin = thread_cpu_seconds();
  for (const Arrival& arrival : arrivals.arrivals) {
    const Bytes& message = arrival.signed_message;
    const bool valid =
        crypto_sign_ed25519_verify_detached(arrival.signature.data(), message.data(), message.size(), key.data()) == 0;
    if (!valid) give_up("floor", "a signature does not verify");
    EVP_DigestInit_ex(context, algorithm, nullptr);
    EVP_DigestUpdate(context, arrival.bytes.data(), arrival.bytes.size());
    EVP_DigestFinal_ex(context, hash.data(), nullptr);
    const ssize_t written = ::write(file, arrival.bytes.data(), arrival.bytes.size());
    must_be(written == static_cast<ssize_t>(arrival.bytes.size()), "write");
  }
  const double seconds = thread_cpu_seconds() - begin;
  EVP_MD_CTX_free(context);
  EVP_MD_free(algorithm);
  ::close(file);
  return seconds * 1e6 / static_cast<double>(arrivals.records);
}

Figure compare(std::string name, const Arrivals& arrivals, int rounds, const BenchSettings& settings) {
  const SampleZone zone;
  const Trust trust = zone.trust();
  Figure figure;
  figure.name = std::move(name);
  figure.unit = "us CPU a record";
  figure.floor = "an Ed25519 verification, a SHA-256 and a write() for each read of the socket";
  measure(
      figure, rounds, [&] { return run_floor(arrivals, settings.folder, zone.origin.public_key()); },
      [&] { return run_subject(arrivals, settings.folder, trust); });
  const auto records = static_cast<double>(arrivals.records);
  figure.facts = {{"records", records},
                  {"bytes_a_record", static_cast<double>(arrivals.bytes) / records},
                  {"records_a_group", records / static_cast<double>(arrivals.arrivals.size())}};
  return figure;
}

}  // namespace

std::vector<Figure> bench_verify_append(const BenchSettings& settings) {
  const int rounds = settings.quick ? 2 : 9;
  return {
      compare("verify-append, live", arrivals_live(settings.quick ? 500 : 20'000), rounds, settings),
      compare("verify-append, catching up", arrivals_catching_up(settings.quick ? 2'000 : 60'000), rounds, settings)};
}

}  // namespace xylem
