// Prints a feed's events, one a line, and says how it ended:  tail_feed ZONE FEED [SERVER]
#include <cstdlib>
#include <iostream>

#include "client/reader/reader.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: tail_feed ZONE FEED [HOST:PORT]\n";
    return EXIT_FAILURE;
  }
  int exit_code = EXIT_FAILURE;
  xylem::Loop loop;
  xylem::Reader reader(loop, {.zone = argv[1], .server = argc > 3 ? argv[3] : ""});
  reader.follow(
      argv[2], {.until_live = true},
      [](const xylem::FeedEvent& event) {
        std::cout << event.version.value << ' ' << event.kind << ' ' << event.text() << '\n';
      },
      [&](const xylem::FeedStatus& status) {
        if (status.state == xylem::FeedState::finished) exit_code = EXIT_SUCCESS;
        if (status.state == xylem::FeedState::failed) std::cerr << status.error->message() << '\n';
      });
  loop.run();
  return exit_code;
}
