// The one source of chance in a simulated world: everything that happens follows from its seed. It
// must never read anything of this machine.
#pragma once

#include <array>
#include <cstdint>

namespace obelisk::sim {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // SplitMix64.
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // Both ends are possible.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(next() % span);
  }
  bool percent(std::int64_t chance) { return between(0, 99) < chance; }
  // So that each part of a world has chances of its own, whatever the others use up.
  Random split() { return Random(next()); }

  std::array<std::uint8_t, 32> bytes32() {
    std::array<std::uint8_t, 32> out{};
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(next());
    return out;
  }

 private:
  std::uint64_t state_;
};

// What base::random_bytes gives in this thread from now on.
void seed_crypto(std::uint64_t seed);

}  // namespace obelisk::sim
