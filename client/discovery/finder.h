// From a zone and a feed, bucket or node name to servers: a state machine that names the DNS questions to ask and takes
// the answers. No I/O, no clock, no cache.
//
//   TXT zone ─> SRV b<bucket>.<base> or <node>.<base> ──(no SRV)──> SRV _xylem._tcp.<owner>
//            ─> upstream wanted: strip a label, SRV of that ─> A and AAAA of each target ─> Found
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/discovery/found.h"

namespace xylem {

struct FinderOptions {
  bool allow_private = false;  // take private and loopback addresses (a demo on one machine)
};

class Finder {
 public:
  Finder(FindRequest request, FinderOptions options);

  // What is to be asked now; each question is named once. Empty while answers are awaited, and in the end.
  std::vector<DnsQuestion> take_questions();
  // The answer to a question that was taken; others are ignored. An error is an answer, too.
  void take_answer(DnsStep step);

  bool done() const { return result_.has_value(); }
  // When done. kBadName: zone or node name; kWrongBucket: the zone has no such bucket; kDns: no usable answer;
  // kNoServers: no server with an address; kPrivateAddress: only private ones.
  const Result<Found>& result() const { return *result_; }
  // The steps so far, also of a search that failed.
  const std::vector<DnsStep>& steps() const { return found_.steps; }

 private:
  enum class Stage { zone, place, upstream, addresses };

  void start();
  void on_zone(const DnsStep& step);
  void resolve_what();
  void resolve_bucket(Bucket bucket);
  void resolve_node(const std::string& name);
  void resolve_host(const HostPort& server);
  void on_servers(const DnsStep& step);
  void on_place(const std::vector<SrvRecord>& servers);
  void go_up();
  void ask_servers_of(std::string name);
  void ask_addresses(const std::vector<SrvRecord>& servers);
  void on_address(const DnsStep& step);
  void add_addresses(FoundServer& server, const DnsAnswer& answer);
  void ask(std::string name, DnsType type);
  void finish_servers();
  void finish();
  void give_up(ErrorCode code, std::string detail);

  const FindRequest request_;
  FinderOptions options_;
  Stage stage_ = Stage::zone;
  std::string servers_of_;  // the name whose SRV set is looked for
  bool fallback_asked_ = false;
  bool private_refused_ = false;
  std::vector<DnsQuestion> to_ask_;
  std::set<DnsQuestion> awaited_;
  Found found_;
  std::optional<Result<Found>> result_;
};

}  // namespace xylem
