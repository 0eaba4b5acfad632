// IoThreads: the threads that carry bytes, shared by all relays and tunnels of a process. Built by
// main before them and destroyed after them. It must never run anything that waits.
#pragma once

#include <memory>

namespace obelisk::http {

class IoThreads {
 public:
  explicit IoThreads(unsigned threads = 1);  // 1 to 64
  ~IoThreads();                              // joins
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  class Impl;  // detail/lanes.hpp
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace obelisk::http
