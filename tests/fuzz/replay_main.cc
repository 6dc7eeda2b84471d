// Runs a fuzz target over the files of a folder, with any compiler: what fuzzing once found stays found. An empty input
// always goes first. The target itself ends the program when it finds something; the name printed last is the input.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// A copy of exactly the file's size, so that the address sanitizer sees a read past its end.
std::vector<std::uint8_t> read_whole(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return {bytes.begin(), bytes.end()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::fprintf(stderr, "usage: replay_NAME FOLDER\nThe folder with inputs must exist: tests/fuzz/corpus/NAME/\n");
    return 2;
  }
  const auto files = files_below(argv[1]);
  if (files.empty()) {
    std::fprintf(stderr, "%s is empty: put a few small inputs there, one per branch of the parser\n", argv[1]);
    return 1;
  }
  LLVMFuzzerTestOneInput(nullptr, 0);
  for (const auto& path : files) {
    std::printf("%s\n", path.filename().c_str());
    std::fflush(stdout);
    const auto bytes = read_whole(path);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  return 0;
}
