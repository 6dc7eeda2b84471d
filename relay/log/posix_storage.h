// Files of the machine, below one folder that stays open (openat), so that a renamed root or a changed working
// directory changes nothing. With write access it holds a lock on `lock` in the root as long as it lives: two programs
// never write one folder, and a killed one leaves no lock behind.
//
// ENOSPC and EDQUOT give kDiskFull, a missing name kNotFound, all else kIo; each says which file and what the system
// said.
#pragma once

#include "relay/log/storage.h"

namespace xylem {

// Closes on destruction.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();
  int number() const { return number_; }
  int release();  // the caller closes it

 private:
  int number_;
};

class PosixStorage : public Storage {
 public:
  enum class Access {
    write,      // makes the root where it is missing; kIo when another program holds the lock
    read_only,  // no lock; whatever would change a file gives kIo
  };
  static Result<std::unique_ptr<PosixStorage>> open(const std::string& root, Access access);
  // Whether a program holds the folder with write access just now; for who has it for reading only.
  bool in_use() const;

  Result<std::unique_ptr<File>> create(const std::string& name) override;
  Result<std::unique_ptr<File>> open(const std::string& name) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folder(const std::string& folder) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& name) override;
  Result<void> sync_folder(const std::string& folder) override;

 private:
  PosixStorage(std::string root, Access access, FileDescriptor folder, FileDescriptor lock)
      : root_(std::move(root)), access_(access), folder_(std::move(folder)), lock_(std::move(lock)) {}
  Result<void> check_writable(const std::string& name) const;

  std::string root_;
  Access access_;
  FileDescriptor folder_;
  FileDescriptor lock_;
};

}  // namespace xylem
