#include "tests/vectors/vector_file.h"

#include <nlohmann/json.hpp>

namespace xylem::example {

Json error_name(std::optional<ErrorCode> code) {
  if (!code) return nullptr;
  return std::string(error_info(*code).name);
}

Json to_json(const Values& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) {
    if (!object.contains(name)) {
      object[name] = value;
      continue;
    }
    Json& slot = object[name];
    if (!slot.is_array()) slot = Json::array({slot});
    slot.push_back(value);
  }
  return object;
}

std::vector<VectorFile> vector_files() {
  return {{"names.json", make_names},
          {"cursors.json", make_cursors},
          {"keys.json", make_keys},
          {"records.json", make_records},
          {"chains.json", make_chains},
          {"manifests.json", make_manifests},
          {"directories.json", make_directories},
          {"beacons.json", make_beacons},
          {"notices.json", make_notices},
          {"frames.json", make_frames}};
}

}  // namespace xylem::example
