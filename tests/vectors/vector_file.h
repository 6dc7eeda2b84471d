// The files of test vectors, each made by one function. README.md says what their fields mean.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proto/errors.h"
#include "tests/vectors/describe.h"

namespace xylem::example {

using Json = nlohmann::ordered_json;

// Of a case that is taken "error" is null.
Json error_name(std::optional<ErrorCode> code);

// Names that come more than once ("versions") keep their order in an array.
Json to_json(const Values& values);

Json make_names();
Json make_cursors();
Json make_keys();
Json make_records();
Json make_chains();
Json make_manifests();
Json make_directories();
Json make_beacons();
Json make_notices();
Json make_frames();

struct VectorFile {
  std::string name;  // "records.json"
  Json (*make)();
};
std::vector<VectorFile> vector_files();

}  // namespace xylem::example
