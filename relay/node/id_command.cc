// xylem-relay id: the relay's id, which is made here at first use.
#include <fmt/core.h>

#include <filesystem>

#include "client/options/command_set.h"
#include "client/options/option_table.h"
#include "proto/identity.h"
#include "relay/keys/key_file.h"
#include "relay/node/commands.h"

namespace xylem {

int run_id_command(int argc, const char* const* argv) {
  std::string data;
  OptionTable table("xylem-relay id",
                    "Prints the id of the relay whose data folder this is; makes the identity when there is none.");
  table.text("data", &data, "FOLDER", "the relay's data folder").required();
  auto outcome = table.parse(argc, argv);
  if (!outcome) {
    print_error("xylem-relay id", outcome.error());
    return kExitUsage;
  }
  if (*outcome == OptionTable::Outcome::done) return kExitOk;
  std::error_code problem;
  std::filesystem::create_directories(data, problem);
  auto key = problem ? Result<SigningKey>(fail(ErrorCode::kIo, fmt::format("{}: {}", data, problem.message())))
                     : read_or_make_key((std::filesystem::path(data) / kIdentityFile).string(), KeyUse::relay);
  if (!key) {
    print_error("xylem-relay id", key.error());
    return kExitFailed;
  }
  fmt::print("{}\n", relay_id_of(key->public_key()).to_string());
  return kExitOk;
}

}  // namespace xylem
