// xylem-origin: the writing side of a zone.
#include <csignal>

#include "client/options/command_set.h"
#include "origin/node/commands.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return xylem::run_command(
      "xylem-origin", "The writing side of a zone: keys, manifest, taking events, serving relays.",
      {{"keygen", "make a new zone: root key, origin keys, first manifest", xylem::run_keygen_command},
       {"manifest sign", "sign a manifest's source with the root key", xylem::run_manifest_sign_command},
       {"manifest show", "check and show a signed manifest", xylem::run_manifest_show_command},
       {"serve", "take events, seal, sign and serve them", xylem::run_serve_command},
       {"append", "append events from a file or pipe to a feed", xylem::run_append_command},
       {"dev", "an origin and two relays in one process, to try things", xylem::run_dev_command}},
      argc, argv);
}
