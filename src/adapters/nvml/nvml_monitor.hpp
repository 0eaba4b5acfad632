// NvmlMonitor: what this machine's NVIDIA cards do now and what their driver reports, by the
// driver's own library. A card is looked up by its UUID each time, so that one that was pulled out
// is seen as gone. It must never change a setting of a card.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "adapters/nvml/nvml_gpus.hpp"
#include "ports/card_monitor.hpp"

namespace obelisk::nvml {

class Listening;

class NvmlMonitor final : public ports::CardMonitor {
 public:
  explicit NvmlMonitor(NvmlOptions options = {});
  ~NvmlMonitor() override;

  base::Result<ports::CardReading> read(const std::string& uuid) override;
  // What the driver held back comes at once and together; no more than 64 at a time.
  base::Result<std::vector<ports::CardEvent>> wait(std::chrono::milliseconds most) override;

 private:
  base::Result<std::shared_ptr<Library>> library();
  // The next call starts over.
  void drop_library();
  base::Result<void> listen();

  NvmlOptions options_;
  std::mutex mutex_;
  std::shared_ptr<Library> library_;
  std::unique_ptr<Listening> listening_;  // of the thread that waits
};

}  // namespace obelisk::nvml
