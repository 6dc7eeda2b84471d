// What `xylem-relay` can be told, by words or by file; one declaration each (client/options).
#pragma once

#include <string>
#include <vector>

#include "client/options/option_table.h"
#include "client/uv/host_port.h"

namespace xylem {

// What every program that serves is told alike: relay and origin.
struct ServingSettings {
  std::string data;
  std::string listen = "0.0.0.0:7411";
  std::vector<std::string> advertise;  // HOST:PORT under which others dial this node
  std::uint64_t threads = 0;           // 0: one for each core
  std::uint64_t memory_bytes = 64 * 1000 * 1000;
  std::vector<std::string> relays;  // who may be a relay below: ids, or "any"
  std::vector<std::string> deny;
  std::string abuse_contact;
  std::string ready_file;
  std::string log_level = "info";
  std::string log_format = "human";
};
void add_serving_options(OptionTable& table, ServingSettings& settings);
// Sets up the log; kConfig, kUsage.
Result<void> apply_log_settings(const ServingSettings& settings);

struct RelaySettings {
  ServingSettings serving;
  std::string zone;
  std::string bucket;  // "5" or "4-6": a volunteer's
  std::string name;    // "4-6.1-6": an inner node's
  std::string dns;
  std::vector<std::string> upstream;  // HOST:PORT instead of DNS
  std::string zone_id;
  bool allow_private = false;
  std::uint64_t disk_bytes = 0;
  bool archive = false;
};
void add_relay_options(OptionTable& table, RelaySettings& settings);
// What no single option can say: exactly one of bucket and name, … kUsage.
Result<void> check_relay_settings(const RelaySettings& settings);

}  // namespace xylem
