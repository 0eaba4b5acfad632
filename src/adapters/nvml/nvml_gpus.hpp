// NvmlGpus: this machine's NVIDIA cards, by the library that comes with their driver. No library
// means no cards. What it says is bounded and cleaned; a card that cannot even say its UUID, name
// and memory is left out. The instances of a cut card follow it. It must never change a setting of
// a card.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "ports/gpus.hpp"

namespace obelisk::nvml {

class Library;

struct NvmlOptions {
  // A name is looked for where the system keeps libraries; then a missing one is no error. A path
  // (with a slash) was asked for by name and must be there.
  std::string library = "libnvidia-ml.so.1";
  std::function<void(std::string_view line)> log;  // may be empty
};

class NvmlGpus final : public ports::Gpus {
 public:
  explicit NvmlGpus(NvmlOptions options = {});
  ~NvmlGpus() override;

  // Any thread. Cards come sorted by PCI bus id.
  base::Result<std::vector<ports::Gpu>> list() override;

 private:
  base::Result<std::vector<ports::Gpu>> read(const Library& library) const;

  NvmlOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Library> library_;
};

}  // namespace obelisk::nvml
