// xylem-origin serve.
#include <csignal>

#include "client/options/command_set.h"
#include "client/uv/wake.h"
#include "origin/node/commands.h"
#include "origin/node/origin_node.h"

namespace xylem {

int run_serve_command(int argc, const char* const* argv) {
  constexpr const char* kCommand = "xylem-origin";
  OriginSettings settings;
  OptionTable table("xylem-origin serve",
                    "Takes a site's events, gives each its version, signs them, serves them to relays.");
  add_origin_options(table, settings);
  table.epilogue(
      "Example: xylem-origin serve --data data --key keys/origin-1-6.key --manifest keys/manifest.xylem \\\n"
      "           --token-file keys/ingest.token --listen 0.0.0.0:7411 --ingest 127.0.0.1:8411 --relay any");
  auto outcome = table.parse(argc, argv);
  if (outcome && *outcome == OptionTable::Outcome::done) return kExitOk;
  Result<void> valid;
  if (!outcome) valid = fail(outcome.error());
  if (valid) valid = apply_log_settings(settings.serving);
  if (!valid) {
    print_error(kCommand, valid.error());
    return kExitUsage;
  }
  Loop loop;
  auto origin = OriginNode::open(loop, settings);
  if (!origin) {
    print_error(kCommand, origin.error());
    return kExitFailed;
  }
  const auto end = [&] { (*origin)->drain([&loop] { loop.stop(); }); };
  SignalWatcher interrupt(loop, SIGINT, end);
  SignalWatcher terminate(loop, SIGTERM, end);
  loop.run();
  if (!(*origin)->failure()) return kExitOk;
  print_error(kCommand, *(*origin)->failure());
  return kExitFailed;
}

}  // namespace xylem
