#include "adapters/cuda/scripted/card.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "adapters/cuda/kernels/thread.hpp"

// NOLINTBEGIN(readability-identifier-naming)
extern "C" {
void obelisk_fill(obelisk::cuda::Work work);
void obelisk_meet(obelisk::cuda::Work work);
void obelisk_digest(obelisk::cuda::Work work);
void obelisk_read(obelisk::cuda::Work work);
}
// NOLINTEND(readability-identifier-naming)

namespace obelisk::cuda::scripted {

namespace {

constexpr std::uint64_t kPage = 4096;

std::uint64_t whole_pages(std::uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

// Maps the file again and again, until the whole range is covered.
bool map_repeated(char* range, std::uint64_t bytes, std::uint64_t real_bytes) {
  const int file = ::memfd_create("obelisk-card", MFD_CLOEXEC);
  if (file < 0) return false;
  bool fine = ::ftruncate(file, static_cast<off_t>(real_bytes)) == 0;
  for (std::uint64_t at = 0; fine && at < bytes; at += real_bytes) {
    fine = ::mmap(range + at, std::min(real_bytes, bytes - at), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED;
  }
  ::close(file);
  return fine;
}

}  // namespace

CardMemory::~CardMemory() {
  while (!sizes_.empty()) free(sizes_.begin()->first);
}

std::uint64_t CardMemory::allocate(std::uint64_t bytes, std::uint64_t real_bytes) {
  bytes = whole_pages(bytes);
  real_bytes = real_bytes == 0 ? bytes : std::min(bytes, whole_pages(real_bytes));
  void* range = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (range == MAP_FAILED) return 0;
  if (!map_repeated(static_cast<char*>(range), bytes, real_bytes)) {
    ::munmap(range, bytes);
    return 0;
  }
  const auto address = reinterpret_cast<std::uint64_t>(range);
  sizes_[address] = bytes;
  return address;
}

bool CardMemory::free(std::uint64_t address) {
  const auto found = sizes_.find(address);
  if (found == sizes_.end()) return false;
  ::munmap(reinterpret_cast<void*>(address), found->second);
  sizes_.erase(found);
  return true;
}

std::uint64_t CardMemory::bytes_from(std::uint64_t address) const {
  auto after = sizes_.upper_bound(address);
  if (after == sizes_.begin()) return 0;
  --after;
  const std::uint64_t end = after->first + after->second;
  return address < end ? end - address : 0;
}

bool CardMemory::holds(std::uint64_t address, std::uint64_t bytes) const {
  return bytes_from(address) >= bytes;
}

std::uint64_t CardMemory::used() const {
  std::uint64_t sum = 0;
  for (const auto& [address, bytes] : sizes_) sum += bytes;
  return sum;
}

KernelFn* native_kernel(const std::string& name) {
  if (name == kFillKernel) return obelisk_fill;
  if (name == kMeetKernel) return obelisk_meet;
  if (name == kDigestKernel) return obelisk_digest;
  return name == kReadKernel ? obelisk_read : nullptr;
}

void run_grid(KernelFn* kernel, const Work& work, std::uint64_t blocks) {
  the_place.count = blocks * kBlockThreads;
  for (the_place.number = 0; the_place.number < the_place.count; ++the_place.number) kernel(work);
}

}  // namespace obelisk::cuda::scripted
