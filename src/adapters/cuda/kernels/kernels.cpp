// The kernels: compiled for cards into PTX that is embedded in our programs, and natively into the
// scripted stand-in. Each item belongs to exactly one thread, so that nothing has to be locked and
// a launch can be cut anywhere. Cells are copied whole: then they move 16 bytes at a time.
#include "adapters/cuda/kernels/thread.hpp"

using namespace obelisk::cuda;  // NOLINT: a kernel's name is its contract, without a namespace
namespace cards = obelisk::cards;
using cards::Cell;
using cards::u32;
using cards::u64;

// NOLINTBEGIN(readability-identifier-naming)

// An item is two neighbouring cells of round 0.
OBELISK_KERNEL obelisk_fill(Work work) {
  const u64 thread = thread_number();
  if (thread >= work.count) return;
  const u64 block = work.first + thread;
  Cell* cells = reinterpret_cast<Cell*>(work.memory) + block * 2;
  const cards::CellPair made = cards::first_cells(work.seed, block);
  cells[0] = made.low;
  cells[1] = made.high;
}

// An item is a cell of the lower half, and the one it meets.
OBELISK_KERNEL obelisk_meet(Work work) {
  const u64 thread = thread_number();
  if (thread >= work.count) return;
  const u64 place = work.first + thread;
  Cell* lower = reinterpret_cast<Cell*>(work.memory);
  Cell* upper = lower + static_cast<u64>(work.chunks) * cards::kHalfChunk;
  Cell* other = upper + cards::shuffled(work.seed, work.round, work.chunks, place);
  const Cell low = lower[place];
  const Cell high = *other;
  const cards::CellPair made = cards::met_cells(work.seed, work.round, place, low, high);
  lower[place] = made.low;
  *other = made.high;
}

// An item is a chunk; its digest goes to its place in `out`.
OBELISK_KERNEL obelisk_digest(Work work) {
  const u64 thread = thread_number();
  if (thread >= work.count) return;
  const u64 chunk = work.first + thread;
  const Cell* cells = reinterpret_cast<const Cell*>(work.memory) + chunk * cards::kChunkCells;
  reinterpret_cast<cards::Digest*>(work.out)[chunk] = cards::chunk_digest(cells);
}

// An item is 16 bytes; all threads read all items once, each folds its own into 8 bytes of `out`.
// Four reads are on their way at once: one alone would measure how long memory takes to answer.
OBELISK_KERNEL obelisk_read(Work work) {
  struct alignas(16) Sixteen {
    u64 half[2];
  };
  const u64 step = thread_count();
  const Sixteen* items = reinterpret_cast<const Sixteen*>(work.memory) + work.first;
  u64 fold = 0;
  u64 at = thread_number();
  for (; at + 3 * step < work.count; at += 4 * step) {
    const Sixteen a = items[at];
    const Sixteen b = items[at + step];
    const Sixteen c = items[at + 2 * step];
    const Sixteen d = items[at + 3 * step];
    fold ^= a.half[0] ^ a.half[1] ^ b.half[0] ^ b.half[1];
    fold ^= c.half[0] ^ c.half[1] ^ d.half[0] ^ d.half[1];
  }
  for (; at < work.count; at += step) fold ^= items[at].half[0] ^ items[at].half[1];
  reinterpret_cast<u64*>(work.out)[thread_number()] = fold;
}
// NOLINTEND(readability-identifier-naming)
