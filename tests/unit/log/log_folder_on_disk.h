// A folder of the machine for one test, removed with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "proto/result.h"

namespace xylem {

class FolderOnDisk {
 public:
  FolderOnDisk() {
    std::string pattern = (std::filesystem::temp_directory_path() / "xylem-log-XXXXXX").string();
    XYLEM_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~FolderOnDisk() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  FolderOnDisk(const FolderOnDisk&) = delete;
  FolderOnDisk& operator=(const FolderOnDisk&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace xylem
