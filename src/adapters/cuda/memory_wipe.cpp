#include "adapters/cuda/memory_wipe.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "adapters/cuda/failure.hpp"
#include "adapters/cuda/find_card.hpp"
#include "adapters/cuda/proving.hpp"
#include "base/crypto.hpp"
#include "core/cards/memory_proof.hpp"

namespace obelisk::cuda {
namespace {

// Drivers give memory in pages of 2 MiB; what is less is left over between them.
constexpr std::size_t kLargest = std::size_t{1} << 30;
constexpr std::size_t kSmallest = std::size_t{1} << 20;
constexpr std::size_t kMostPieces = 8192;
constexpr std::size_t kItemBytes = 2 * cards::kCellBytes;

struct Piece {
  Address memory = 0;
  std::size_t bytes = 0;
};

// Everything there is, the large pieces first; a refusal means that no piece of that size is left.
std::vector<Piece> take_all(Session& session) {
  std::vector<Piece> out;
  std::size_t size = kLargest;
  while (size >= kSmallest && out.size() < kMostPieces) {
    if (const auto memory = session.allocate(size)) {
      out.push_back({*memory, size});
    } else {
      size /= 2;
    }
  }
  return out;
}

// First and last item of a piece are what the stream has there.
base::Result<void> look_at(Session& session, const Work& work, std::uint64_t items) {
  for (const std::uint64_t item : {std::uint64_t{0}, items - 1}) {
    cards::Cell found[2];
    static_assert(sizeof found == kItemBytes);
    TRY_VOID(session.fetch(found, work.memory + item * kItemBytes, sizeof found));
    const cards::CellPair made = cards::first_cells(work.seed, item);
    if (std::memcmp(&found[0], &made.low, sizeof made.low) != 0 ||
        std::memcmp(&found[1], &made.high, sizeof made.high) != 0) {
      return contradiction("its memory does not hold what was written");
    }
  }
  return {};
}

}  // namespace

base::Result<std::uint64_t> wipe_memory(ports::Clock& clock, const CudaOptions& options,
                                        const std::string& uuid, std::int64_t time_limit_ms) {
  const std::int64_t until_ms = clock.steady_ms() + time_limit_ms;
  const std::function<void()> pause = options.pause ? options.pause : [] {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  };
  TRY(const auto library, Library::open(options.library));
  TRY(const Device device, find_card(*library, uuid));
  std::size_t total = 0;
  if (Return code = library->total_memory(&total, device)) {
    return card_failure("say how much memory it has", code);
  }
  TRY(const auto session, Session::open(*library, device, {clock, until_ms, pause}));
  std::array<std::uint8_t, 32> seed{};
  base::random_bytes(seed);
  std::uint64_t out = 0;
  Pace pace(kFirstItems);
  for (const Piece& piece : take_all(*session)) {
    Work work;
    work.memory = piece.memory;
    work.out = piece.memory;  // nothing is handed back
    work.seed = cards::seed_words(seed);
    work.chunks = static_cast<std::uint32_t>(piece.bytes / cards::kChunkBytes);
    const std::uint64_t items = piece.bytes / kItemBytes;
    TRY_VOID(in_pieces(*session, kFillKernel, work, items, pace));
    TRY_VOID(look_at(*session, work, items));
    out += piece.bytes;
  }
  if (out >= total / 100 * kWipedPercent) return out;
  return base::Error{base::Code::conflict,
                     "Only " + std::to_string(out >> 20) + " of the card's " +
                         std::to_string(total >> 20) + " MiB could be written over.",
                     "End what uses the card: nvidia-smi shows it."};
}

}  // namespace obelisk::cuda
