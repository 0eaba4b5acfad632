// Reaper: starts a program that starts another one and goes, and hears how that other one ended.
// Only a parent hears that, so a small copy of this process stays between, as the one to whom the
// orphans of the first fall (prctl(2), PR_SET_CHILD_SUBREAPER); it holds no file of ours. It must
// never keep anything running: it ends with what it waits for.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "adapters/podman/files.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

struct Starting {
  std::string program;  // absolute path
  std::vector<std::string> argv;
  std::string directory;  // where it starts; what it says of errors is in the file `errors` there
};

class Reaper {
 public:
  static base::Result<Reaper> start(const Starting& what);
  Reaper(Reaper&& other) noexcept;
  Reaper& operator=(Reaper&&) = delete;
  ~Reaper();  // ends the first program, and hears of the other no more; end that before

  // Readable once there is something new to look at.
  int news() const { return news_.get(); }
  // Reads what is there. True: something was.
  bool look();
  // How the first program ended, and the one that it left; 128 and a signal's number.
  std::optional<int> starter_status() const { return starter_; }
  std::optional<int> status() const { return left_; }
  // Nothing more will be heard.
  bool is_over() const { return is_over_; }

 private:
  Reaper() = default;
  UniqueFd news_;
  pid_t helper_ = -1;
  std::optional<int> starter_;
  std::optional<int> left_;
  bool is_over_ = false;
};

}  // namespace obelisk::podman
