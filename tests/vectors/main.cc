// Writes the test vectors, and the examples into the specification.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/vectors/examples.h"
#include "tests/vectors/vector_file.h"

namespace {

using namespace xylem;

int write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return 0;
  fmt::print(stderr, "xylem-vectors: cannot write {}\n", path.string());
  return 1;
}

int write_vectors(const std::filesystem::path& folder) {
  int failed = 0;
  for (const example::VectorFile& file : example::vector_files()) {
    failed |= write(folder / file.name, file.make().dump(1) + "\n");
  }
  return failed;
}

int fill_in_examples(const std::filesystem::path& source, const std::filesystem::path& target) {
  std::ifstream file(source, std::ios::binary);
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  if (!file || document.empty()) {
    fmt::print(stderr, "xylem-vectors: cannot read {}\n", source.string());
    return 1;
  }
  return write(target, example::with_examples(document));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "vectors") return write_vectors(arguments[1]);
  if (arguments.size() == 3 && arguments[0] == "examples") return fill_in_examples(arguments[1], arguments[2]);
  fmt::print(stderr,
             "usage: xylem-vectors vectors FOLDER      writes all *.json there\n"
             "       xylem-vectors examples IN OUT     writes IN (docs/spec.md) with its examples filled in to OUT\n");
  return 2;
}
