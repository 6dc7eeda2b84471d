// usage: bucket_of_feed FEED N. Prints the feed's id and its bucket of N.
#include <cstdio>
#include <cstdlib>

#include "proto/ids.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto feed = xylem::parse_feed(argv[1]);
  if (!feed) {
    std::fprintf(stderr, "%s\n", feed.error().message().c_str());
    return 1;
  }
  const auto buckets = static_cast<std::uint16_t>(std::atoi(argv[2]));
  std::printf("%s %u\n", to_string(feed->id).c_str(), unsigned{bucket_of(feed->id, buckets).value});
}
