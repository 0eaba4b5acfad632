#include "apps/host/measure/measure_verb.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "adapters/clock/system_clock.hpp"
#include "adapters/cuda/cuda_meter.hpp"
#include "adapters/cuda/memory_wipe.hpp"
#include "adapters/podman/process.hpp"
#include "apps/host/proving/prove_child.hpp"
#include "base/crypto.hpp"

namespace obelisk::host {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kChildLongest =
    std::chrono::milliseconds{kMeasureLongestMs} + 30s;
// Scripted cards take it from there.
constexpr const char* kScript = "OBELISK_CUDA_SCRIPT";

base::Result<CardRow> measure_one(ports::CardMeter& meter, const std::string& uuid) {
  ports::CardMeterRequest request;
  request.uuid = uuid;
  for (std::size_t i = 0; i < request.seed.size(); i += 8) {
    const std::uint64_t random = base::random_u64();
    for (std::size_t j = 0; j < 8; ++j) {
      request.seed[i + j] = static_cast<std::uint8_t>(random >> (8 * j));
    }
  }
  request.time_limit_ms = kMeasureLongestMs;
  TRY(const auto figures, meter.measure(request));
  return row_of(uuid, figures);
}

// The driver shows an instance of a cut card only to a process that was told of it before it began.
void tell_driver(const std::string& uuid) {
  if (uuid.starts_with("MIG-")) ::setenv("CUDA_VISIBLE_DEVICES", uuid.c_str(), 1);
}

// One that needs a process of its own has it.
base::Result<CardRow> measure_apart(const Config& config, const std::string& uuid) {
  TRY(const std::string line, run_measure_child(config, uuid, {}));
  if (auto row = row_from_json(line)) return *std::move(row);
  return base::Error{base::Code::internal, "The card's process said nothing that makes sense.",
                     "Measure it alone: obelisk-host measure --gpu " + uuid + "."};
}

}  // namespace

base::Result<void> measure(const Asked& asked, ports::Gpus& gpus) {
  tell_driver(asked.gpu);
  if (!asked.proof_nonce.empty()) return prove(asked);
  if (asked.wipe_memory) {
    clock::SystemClock clock;
    TRY_VOID(cuda::wipe_memory(clock, cuda_options(asked.config), asked.gpu, kMeasureLongestMs));
    return {};
  }
  std::vector<std::string> uuids;
  if (asked.gpu.empty()) {
    TRY(const auto cards, gpus.list());
    for (const ports::Gpu& card : cards) {
      if (!card.is_cut) uuids.push_back(card.uuid);
    }
  } else {
    uuids.push_back(asked.gpu);
  }
  if (uuids.empty()) {
    return base::Error{base::Code::not_found, "There is no card to measure.",
                       "Install the NVIDIA driver; nvidia-smi -L lists the cards."};
  }
  clock::SystemClock clock;
  cuda::CudaMeter meter(clock, cuda_options(asked.config));
  for (const std::string& uuid : uuids) {
    const bool is_apart = asked.gpu.empty() && uuid.starts_with("MIG-");
    TRY(const CardRow row, is_apart ? measure_apart(asked.config, uuid) : measure_one(meter, uuid));
    std::printf("%s\n", (asked.json ? to_json(row) : to_text(row)).c_str());
  }
  return {};
}

cuda::CudaOptions cuda_options(const Config& config) {
  cuda::CudaOptions options;
  if (!config.cuda_library.empty()) options.library = config.cuda_library.string();
  return options;
}

base::Result<std::string> run_measure_child(const Config& config, const std::string& uuid,
                                            const std::vector<std::string>& words) {
  podman::Command command;
  command.program = "/proc/self/exe";
  command.argv = {"obelisk-host", "measure", "--json", "--gpu", uuid};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  if (!config.cuda_library.empty()) {
    command.argv.insert(command.argv.end(), {"--cuda-library", config.cuda_library.string()});
  }
  if (const char* script = std::getenv(kScript)) {
    command.environment.push_back(std::string(kScript) + "=" + script);
  }
  command.timeout = kChildLongest;
  return podman::run_checked(command);
}

base::Result<void> wipe_in_child(const Config& config, const std::string& uuid) {
  TRY_VOID(run_measure_child(config, uuid, {"--wipe-memory"}));
  return {};
}

MeasureCard measure_in_child(const Config& config) {
  return [library = config.cuda_library](const std::string& uuid) {
    Config only;
    only.cuda_library = library;
    return run_measure_child(only, uuid, {});
  };
}

}  // namespace obelisk::host
