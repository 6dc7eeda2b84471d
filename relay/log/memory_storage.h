// Files in memory, with a model of a machine that loses power and of calls that fail. For tests and the simulator; one
// thread.
//
// cut_power(seed) leaves what a disk may hold afterwards; the seed chooses:
//   - each page of 4 KiB that was not synced is the new one, the old one or zeros; synced bytes stay;
//   - a file that was not synced ends anywhere between its old and its new size;
//   - each create, rename, remove or make_folder that no sync_folder followed has happened or not, in any combination.
// What a killed program leaves is simply the present content: open the storage again.
#pragma once

#include <map>
#include <optional>

#include "relay/log/storage.h"

namespace xylem {

class MemoryStorage : public Storage {
 public:
  MemoryStorage();
  ~MemoryStorage() override;

  Result<std::unique_ptr<File>> create(const std::string& name) override;
  Result<std::unique_ptr<File>> open(const std::string& name) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folder(const std::string& folder) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& name) override;
  Result<void> sync_folder(const std::string& folder) override;

  // Files that are open stay usable, but belong to the machine before the cut: nobody sees what they write.
  void cut_power(std::uint64_t seed);
  // The same machine a second time: names, contents, and what of both is durable. Without open files and faults.
  std::unique_ptr<MemoryStorage> copy() const;

  // Calls of files and storage are operations, also those that only read; size() and descriptor() are none.
  std::uint64_t operations() const;
  // What a call that fails does all the same: nothing, everything, or (append) its first half. A sync that fails
  // without effect leaves its file's pages unwritten for good, as Linux does, though later syncs succeed.
  enum class Effect { none, half, whole };
  // The nth operation from now (1 = the next) fails with `code`.
  void fail_operation(std::uint64_t nth, ErrorCode code, Effect effect = Effect::none);
  // From the nth operation on all fail with kIo and do nothing: the program has stopped there.
  void stop_operation(std::uint64_t nth);
  void clear_faults();

  std::uint64_t bytes() const;  // of all files
  // Changes a byte under everybody's feet, as a bad disk does. False where there is none.
  bool flip(const std::string& name, std::uint64_t offset, std::uint8_t mask);

 private:
  struct Inode;
  struct Faults;
  class OpenFile;
  // What was done to names since the last sync_folder; `from` is empty but for a rename, `inode` null for a folder.
  struct NameChange {
    enum class Kind { add, remove, rename } kind;
    std::string from;
    std::string name;
    std::shared_ptr<Inode> inode;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;  // a folder has no inode

  static void apply(const NameChange& change, Names& names);
  void change_names(NameChange change);
  std::shared_ptr<Inode> find(const std::string& name) const;

  Names names_;
  Names durable_names_;
  std::vector<NameChange> unsynced_;
  std::shared_ptr<Faults> faults_;
};

}  // namespace xylem
