#include "apps/host/disk_speed.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

namespace obelisk::host {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlock = std::size_t{4} << 20;
constexpr std::size_t kAlignment = 4096;
constexpr std::size_t kMostBlocks = 32;
constexpr std::chrono::milliseconds kLongest{400};  // of each way
// Less than that says more of the cache than of the disk.
constexpr std::size_t kLeastBlocks = 2;

struct Free {
  void operator()(unsigned char* block) const { std::free(block); }
};
using Block = std::unique_ptr<unsigned char, Free>;

// Without a name from the first moment: however this ends, it leaves nothing behind.
class Unnamed {
 public:
  explicit Unnamed(const std::filesystem::path& folder) {
    std::string name = (folder / ".disk-speed-XXXXXX").string();
    file_ = ::mkostemp(name.data(), O_DIRECT | O_CLOEXEC);
    if (file_ >= 0) ::unlink(name.c_str());
  }
  ~Unnamed() {
    if (file_ >= 0) ::close(file_);
  }
  Unnamed(const Unnamed&) = delete;
  Unnamed& operator=(const Unnamed&) = delete;
  int get() const { return file_; }

 private:
  int file_ = -1;
};

// Moves blocks one after the other until they are `most` or time is up; how many a second.
template <class Move>
std::optional<std::uint64_t> rate(std::size_t most, std::size_t& blocks, Move move) {
  const auto began = Clock::now();
  for (blocks = 0; blocks < most && Clock::now() - began < kLongest; ++blocks) {
    if (move(static_cast<off_t>(blocks * kBlock)) != static_cast<ssize_t>(kBlock)) break;
  }
  if (blocks < kLeastBlocks) return std::nullopt;
  const std::chrono::duration<double> took = Clock::now() - began;
  return static_cast<std::uint64_t>(static_cast<double>(blocks * kBlock) / took.count());
}

}  // namespace

std::optional<std::uint64_t> measure_disk(const std::filesystem::path& folder) {
  const Unnamed file(folder);
  if (file.get() < 0) return std::nullopt;
  const Block block(static_cast<unsigned char*>(std::aligned_alloc(kAlignment, kBlock)));
  if (!block) return std::nullopt;
  // Not zeros: some disks keep those for nothing.
  std::uint64_t word = 0x9e3779b97f4a7c15;
  for (std::size_t i = 0; i < kBlock; ++i) {
    word = word * 6364136223846793005u + 1442695040888963407u;
    block.get()[i] = static_cast<unsigned char>(word >> 56);
  }
  std::size_t written = 0;
  const auto writing = rate(kMostBlocks, written, [&](off_t at) {
    return ::pwrite(file.get(), block.get(), kBlock, at);
  });
  if (!writing) return std::nullopt;
  std::size_t read = 0;
  const auto reading =
      rate(written, read, [&](off_t at) { return ::pread(file.get(), block.get(), kBlock, at); });
  if (!reading) return std::nullopt;
  return std::min(*writing, *reading);
}

}  // namespace obelisk::host
