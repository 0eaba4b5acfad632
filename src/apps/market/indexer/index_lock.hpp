// One writer a state folder: a market that indexes, or a reindex. It must never outlive its
// process: the kernel lets go of the lock.
#pragma once

#include <string>

#include "base/result.hpp"

namespace obelisk::indexer {

class IndexLock {
 public:
  // conflict: another process has it.
  static base::Result<IndexLock> take(const std::string& state_dir);
  IndexLock(IndexLock&& other) noexcept;
  IndexLock(const IndexLock&) = delete;
  IndexLock& operator=(const IndexLock&) = delete;
  IndexLock& operator=(IndexLock&&) = delete;
  ~IndexLock();

 private:
  explicit IndexLock(int file) : file_(file) {}
  int file_;
};

}  // namespace obelisk::indexer
