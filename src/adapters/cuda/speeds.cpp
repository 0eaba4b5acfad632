#include "adapters/cuda/speeds.hpp"

#include <algorithm>

#include "adapters/cuda/failure.hpp"

namespace obelisk::cuda {

namespace {

constexpr int kPasses = 9;
constexpr int kBusPasses = 5;
// Many times any cache, and a few milliseconds of the slowest card.
constexpr std::uint64_t kReadBytes = std::uint64_t{4} << 30;
constexpr std::uint64_t kBusBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kItemBytes = 16;
// Eight blocks fill a multiprocessor: 2,048 threads.
constexpr std::uint64_t kBlocksEach = 8;
constexpr double kFastestBytesPerSecond = 1e15;

std::uint64_t threads_of(const Session& session) {
  return session.multiprocessors() * kBlocksEach * kBlockThreads;
}

// The median of what the passes took, as a speed.
base::Result<std::uint64_t> speed_of(std::vector<double> passes_ms, std::uint64_t bytes) {
  std::sort(passes_ms.begin(), passes_ms.end());
  const double ms = passes_ms[passes_ms.size() / 2];
  const double per_second = static_cast<double>(bytes) * 1000 / ms;
  if (ms <= 0 || per_second < 1 || per_second > kFastestBytesPerSecond) {
    return contradiction("moving " + std::to_string(bytes) + " bytes took " + std::to_string(ms) +
                         " ms");
  }
  return static_cast<std::uint64_t>(per_second);
}

base::Result<std::uint64_t> read_speed(Session& session, Address memory, std::uint64_t bytes,
                                       Address out) {
  Work work;
  work.memory = memory;
  work.out = out;
  work.count = bytes / kItemBytes;
  std::vector<std::uint64_t> folds(threads_of(session));
  std::vector<double> passes_ms;
  std::optional<std::uint64_t> first;
  for (int pass = 0; pass < kPasses; ++pass) {
    TRY(const double ms, session.run(kReadKernel, work, threads_of(session)));
    passes_ms.push_back(ms);
    TRY_VOID(session.fetch(folds.data(), out, fold_bytes(session)));
    std::uint64_t fold = 0;
    for (const std::uint64_t part : folds) fold ^= part;
    if (first && *first != fold) return contradiction("two passes over its memory read different");
    first = fold;
  }
  return speed_of(std::move(passes_ms), bytes);
}

base::Result<std::uint64_t> moving_speed(Session& session, const char* what, std::uint64_t bytes,
                                         const std::function<Return(Stream*)>& move) {
  std::vector<double> passes_ms;
  for (int pass = 0; pass < kBusPasses; ++pass) {
    TRY(const double ms, session.timed(what, move));
    passes_ms.push_back(ms);
  }
  return speed_of(std::move(passes_ms), bytes);
}

base::Result<void> bus_speeds(Session& session, Address memory, std::uint64_t bytes, Speeds& out) {
  const Library& library = session.library();
  if (library.host_allocate == nullptr || library.copy_to_card == nullptr) return {};
  auto pinned = session.allocate_pinned(bytes);
  // The host may not pin so much: then it has no figure, and the card no fault.
  if (!pinned && pinned.error().code == base::Code::conflict) return {};
  if (!pinned) return std::move(pinned).error();
  void* host = *pinned;
  TRY(out.from_card, moving_speed(session, "send over the bus", bytes, [&](Stream* stream) {
        return library.copy_to_host(host, memory, bytes, stream);
      }));
  TRY(out.to_card, moving_speed(session, "take over the bus", bytes, [&](Stream* stream) {
        return library.copy_to_card(memory, host, bytes, stream);
      }));
  return {};
}

}  // namespace

std::size_t fold_bytes(const Session& session) {
  return threads_of(session) * sizeof(std::uint64_t);
}

base::Result<Speeds> measure_speeds(Session& session, Address memory, std::uint64_t bytes,
                                    Address out) {
  Speeds speeds;
  const std::uint64_t read = std::min(bytes, kReadBytes);
  TRY(speeds.read, read_speed(session, memory, read, out));
  if (session.library().copy_on_card != nullptr) {
    TRY(speeds.copy, moving_speed(session, "copy", read / 2, [&](Stream* stream) {
          return session.library().copy_on_card(memory + read / 2, memory, read / 2, stream);
        }));
  }
  TRY_VOID(bus_speeds(session, memory, std::min(bytes, kBusBytes), speeds));
  return speeds;
}

}  // namespace obelisk::cuda
