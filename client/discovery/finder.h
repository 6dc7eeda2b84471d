// From a zone and a feed, bucket or node name to servers: a state machine that names the DNS questions to ask and takes
// the answers. No I/O, no clock, no cache.
//
//   TXT zone ─> SRV b<bucket>.<base> or <node>.<base> ──(no SRV)──> SRV _xylem._tcp.<owner>
//            ─> upstream wanted: strip a label, SRV of that ─> A and AAAA of each target ─> Found
#pragma once

#include <map>
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
  void on_servers(const DnsStep& step);
  void on_place(std::vector<std::string> chain, const std::vector<SrvRecord>& servers);
  void on_upstream(const std::vector<SrvRecord>& servers);
  void ask_servers_of(const std::string& name);
  void ask_addresses(const std::vector<SrvRecord>& servers);
  void on_address(const DnsStep& step);
  void finish_addresses();
  void ask(std::string name, DnsType type);
  void finish();
  void give_up(ErrorCode code, std::string detail);

  FindRequest request_;
  FinderOptions options_;
  Stage stage_ = Stage::zone;
  bool fallback_asked_ = false;
  std::vector<DnsQuestion> to_ask_;
  std::set<DnsQuestion> awaited_;
  std::map<std::string, std::string> host_errors_;
  bool private_refused_ = false;
  Found found_;
  std::optional<Result<Found>> result_;
};

// --server HOST:PORT as a Found, once its addresses are known (no DNS for an IP address). The user named it, so its
// addresses may be private.
Found found_by_server(const std::string& host, std::uint16_t port, std::vector<SocketAddress> addresses);

}  // namespace xylem
