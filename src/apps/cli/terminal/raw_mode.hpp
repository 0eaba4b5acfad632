// RawMode: a person's terminal as a bare line of bytes, for as long as this lives. It must never
// leave the terminal so: it is put back at the end, and also where a signal that means a bug ends
// the program. One at a time.
#pragma once

#include <termios.h>

#include "base/result.hpp"

namespace obelisk::cli {

class RawMode {
 public:
  static base::Result<RawMode> begin(int fd);
  RawMode(RawMode&& other) noexcept;
  RawMode& operator=(RawMode&&) = delete;
  ~RawMode();  // as it was

  // Again, where somebody else has changed it: after a stop and `fg`.
  void again() const;

 private:
  RawMode(int fd, const termios& before) : fd_(fd), before_(before) {}
  int fd_ = -1;
  termios before_{};
};

}  // namespace obelisk::cli
