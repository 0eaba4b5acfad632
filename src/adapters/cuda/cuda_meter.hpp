// CudaMeter: measures a card through NVIDIA's driver library, which it loads at run time; no
// toolkit is needed. Its kernels travel in the binary as PTX. It must never change a setting of a
// card, and leaves no context, memory or kernel on it, whatever happens. The driver may keep what
// it compiled in its own cache (~/.nv/ComputeCache).
#pragma once

#include <functional>
#include <string>

#include "ports/card_meter.hpp"
#include "ports/clock.hpp"

namespace obelisk::cuda {

struct CudaOptions {
  std::string library = "libcuda.so.1";
  // Between two looks at a card that is at work; empty: sleeps 100 microseconds.
  std::function<void()> pause;
};

class CudaMeter final : public ports::CardMeter {
 public:
  // The clock must outlive the meter.
  explicit CudaMeter(ports::Clock& clock, CudaOptions options = {});

  // Any thread; several cards at the same time, each from a thread of its own. Work on a card is
  // cut so that no kernel runs for long; the time limit is looked at between those pieces and while
  // waiting for one, so it may be overrun by one piece.
  base::Result<ports::CardFigures> measure(const ports::CardMeterRequest& request) override;

 private:
  ports::Clock& clock_;
  CudaOptions options_;
};

}  // namespace obelisk::cuda
