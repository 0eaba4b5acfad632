// The dice of the differential test: a stream of numbers that one seed decides, the same on every
// machine. Never for keys or anything that has to be secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace obelisk::differential {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // An own stream for each step, so that leaving one step out does not change the dice of the rest.
  Random(std::uint64_t seed, std::uint64_t stream) : state_(seed) {
    state_ = next() ^ (stream * 0xd1342543de82ef95);
    next();
  }

  // splitmix64: a counter, scrambled.
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }
  // 0 to `count` - 1. The bias of the remainder is far below what a test could see.
  std::uint64_t below(std::uint64_t count) { return next() % count; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool percent(unsigned chance) { return below(100) < chance; }

  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[below(values.size())];
  }
  // Any container with size() and [].
  template <class Container>
  auto& pick(Container& values) {
    return values[below(values.size())];
  }
  // The index of a weight, as often as it is heavy.
  template <std::size_t N>
  std::size_t weighted(const unsigned (&weights)[N]) {
    std::uint64_t sum = 0;
    for (const unsigned weight : weights) sum += weight;
    std::uint64_t left = below(sum);
    std::size_t index = 0;
    while (left >= weights[index]) left -= weights[index++];
    return index;
  }

 private:
  std::uint64_t state_;
};

}  // namespace obelisk::differential
