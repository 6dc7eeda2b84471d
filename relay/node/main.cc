// xylem-relay: carries buckets of a zone.
#include <csignal>
#include <string_view>

#include "client/options/command_set.h"
#include "client/uv/wake.h"
#include "relay/node/commands.h"
#include "relay/node/relay_node.h"

namespace xylem {
namespace {

constexpr const char* kProgram = "xylem-relay";

int fail_with(const Error& error, int code) {
  print_error(kProgram, error);
  return code;
}

int serve(int argc, const char* const* argv) {
  RelaySettings settings;
  OptionTable table(
      kProgram,
      "Carries buckets of a zone: follows the node above, verifies everything, serves readers and other relays.");
  add_relay_options(table, settings);
  auto outcome = table.parse(argc, argv);
  if (!outcome) return fail_with(outcome.error(), kExitUsage);
  if (*outcome == OptionTable::Outcome::done) return kExitOk;
  if (auto valid = check_relay_settings(settings); !valid) return fail_with(valid.error(), kExitUsage);
  if (auto applied = apply_log_settings(settings.serving); !applied) return fail_with(applied.error(), kExitUsage);

  Loop loop;
  auto relay = RelayNode::open(loop, settings);
  if (!relay) return fail_with(relay.error(), kExitFailed);
  SignalWatcher interrupt(loop, SIGINT, [&loop] { loop.stop(); });
  SignalWatcher terminate(loop, SIGTERM, [&loop] { loop.stop(); });
  loop.run();
  if ((*relay)->failure()) return fail_with(*(*relay)->failure(), kExitFailed);
  return kExitOk;
}

}  // namespace
}  // namespace xylem

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "id") return xylem::run_id_command(argc - 1, argv + 1);
  if (first == "fsck") return xylem::run_fsck_command(argc - 1, argv + 1);
  return xylem::serve(argc, argv);
}
