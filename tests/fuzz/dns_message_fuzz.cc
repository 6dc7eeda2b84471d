// Answers from a hostile resolver: reading ends, keeps its limits, and says nothing about names nobody asked for.
// Input: question type (1 byte, an index) | message. The question's name is the message's own, so that inputs get far.
// links: xylem::discovery
#include "client/discovery/dns_cache.h"
#include "client/discovery/dns_name.h"
#include "proto/limits.h"

using namespace xylem;

namespace {

constexpr DnsType kTypes[] = {DnsType::txt, DnsType::srv, DnsType::a, DnsType::aaaa, DnsType::cname, DnsType::soa};
constexpr std::size_t kDnsHeaderBytes = 12;

void check(const DnsAnswer& answer, const DnsQuestion& question) {
  XYLEM_ASSERT(!answer.chain.empty() && answer.chain.front() == question.name);
  XYLEM_ASSERT(answer.chain.size() <= kCnameChainMax + 1);
  XYLEM_ASSERT(answer.servers.size() <= kSrvPerNameMax);
  XYLEM_ASSERT(answer.addresses.size() <= kDnsAddressesMax);
  XYLEM_ASSERT(answer.ttl.count() >= 0);
  const bool has_records = !answer.texts.empty() || !answer.servers.empty() || !answer.addresses.empty();
  XYLEM_ASSERT(has_records == (answer.outcome == DnsOutcome::data));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView message(data + 1, size - 1);
  DnsQuestion question{"", kTypes[data[0] % std::size(kTypes)]};
  std::size_t at = kDnsHeaderBytes;
  if (auto name = read_dns_name(message, at)) question.name = *name;

  const Result<DnsAnswer> answer = parse_dns_answer(message, question);
  if (!answer) {
    XYLEM_ASSERT(answer.error().code == ErrorCode::kDns);
    return 0;
  }
  check(*answer, question);

  // What was accepted is accepted again from the cache's file.
  if (question.name.size() > 255) return 0;
  const Timestamp now = from_ms(1'700'000'000'000);
  DnsCache cache;
  cache.store(question, Bytes(message.begin(), message.end()), now);
  DnsCache copy;
  XYLEM_ASSERT(copy.decode(cache.encode(), now).has_value());
  XYLEM_ASSERT(copy.find(question, now)->answer == *answer);
  return 0;
}
