// Interrupts: Ctrl-C and SIGTERM as a question that can be asked, so that a wait that holds money
// ends in an orderly way. To be made before any thread is. It must never swallow a second Ctrl-C.
#pragma once

#include <signal.h>

namespace obelisk::cli {

class Interrupts {
 public:
  Interrupts();
  // The signals do again what they did before.
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Whether one came; from the first on, the next one ends the program as usual.
  bool requested();

 private:
  int fd_ = -1;
  sigset_t before_{};
  bool requested_ = false;
};

}  // namespace obelisk::cli
