// What every server of ours is as a process: how it waits for its end, and how it speaks to who
// started it. It must never catch a signal in the middle of something.
#pragma once

#include <csignal>
#include <string>

#include "base/error.hpp"

namespace obelisk::process {

// SIGINT and SIGTERM are waited for instead of caught: then nothing can happen at a bad moment.
// Built before any thread, which inherit that they are blocked. SIGPIPE is ignored: a peer that has
// gone is an error of a write.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  // The one that came.
  int wait() const;

 private:
  sigset_t awaited_;
};

// One line on stderr with its time, whatever is in it: parts of it may be an outsider's words.
void log_line(std::string words);

// What happened, what to do and what it cost, on stderr; the exit code that goes with it.
int fail(const base::Error& error);

}  // namespace obelisk::process
