// Session: one card for the time of one measurement: a context, our kernels, a stream and two
// events. Everything it made is given back at its end, on every path; nothing else on the card is
// touched. It belongs to the thread that opened it. It must never wait without looking at the time:
// a card that hangs has to be noticed. (What the driver does inside a call of its own, and that may
// hang with a dead card, nobody can bound from within the process.)
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "adapters/cuda/kernels/work.hpp"
#include "adapters/cuda/library.hpp"
#include "ports/clock.hpp"

namespace obelisk::cuda {

// Until when, and how to wait a little.
struct Patience {
  ports::Clock& clock;
  std::int64_t until_steady_ms = 0;
  const std::function<void()>& pause;

  bool over() const { return clock.steady_ms() >= until_steady_ms; }
};

class Session {
 public:
  static base::Result<std::unique_ptr<Session>> open(const Library& library, Device device,
                                                     Patience patience);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Library& library() const { return library_; }
  const Patience& patience() const { return patience_; }
  unsigned multiprocessors() const { return multiprocessors_; }

  // Memory of the card, or pinned memory of the host; given back with the session.
  base::Result<Address> allocate(std::size_t bytes);
  base::Result<void*> allocate_pinned(std::size_t bytes);

  // One launch of one of our kernels with that many threads, waited for; what it took, in ms.
  base::Result<double> run(const char* kernel, const Work& work, std::uint64_t threads);
  // Anything that `start` puts on the stream, waited for; what it took, in ms.
  base::Result<double> timed(const char* what, const std::function<Return(Stream*)>& start);
  base::Result<void> fetch(void* to, Address from, std::size_t bytes);

 private:
  Session(const Library& library, Patience patience) : library_(library), patience_(patience) {}
  base::Result<void> begin(Device device);
  base::Result<void> load_kernels();
  base::Result<void> wait(const char* what, Event* event);

  struct Kernel {
    const char* name = nullptr;
    Function* function = nullptr;
  };

  const Library& library_;
  Patience patience_;
  unsigned multiprocessors_ = 0;
  Context* context_ = nullptr;
  Module* module_ = nullptr;
  Stream* stream_ = nullptr;
  Event* before_ = nullptr;
  Event* after_ = nullptr;
  std::array<Kernel, 4> kernels_{};
  std::vector<Address> memory_;
  std::vector<void*> pinned_;
};

}  // namespace obelisk::cuda
