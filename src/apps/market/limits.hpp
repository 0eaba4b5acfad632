// Limits: what a stranger may make this market do, keep or wait for, as numbers that an operator
// can change. One table has their names, bounds and defaults; docs/limits.md is held to it by a
// test.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::market_app {

struct Limits {
  // One request.
  std::uint64_t header_bytes = 16 << 10;
  std::uint64_t headers = 64;
  std::uint64_t url_bytes = 8 << 10;
  std::uint64_t body_bytes = 64 << 10;
  std::uint64_t request_ms = 15'000;
  std::uint64_t write_ms = 30'000;
  std::uint64_t idle_ms = 60'000;
  // All requests together.
  std::uint64_t bodies_bytes = 32 << 20;
  std::uint64_t waiting = 1024;
  std::uint64_t connections = 2048;
  std::uint64_t connections_per_address = 256;
  // What stays open.
  std::uint64_t streams = 1024;
  std::uint64_t streams_per_address = 64;
  std::uint64_t hosts = 10'000;
  std::uint64_t hosts_per_address = 1000;
  std::uint64_t hellos = 256;  // connections of hosts that proved no key yet
  std::uint64_t hellos_per_address = 16;
  std::uint64_t queued_bytes = 256 << 10;
  // Rates; 0 a second: as often as anybody likes.
  std::uint64_t reads_per_s = 100;
  std::uint64_t reads_burst = 1000;
  std::uint64_t writes_per_s = 20;
  std::uint64_t writes_burst = 200;
  std::uint64_t wallet_writes_per_s = 5;
  std::uint64_t wallet_writes_burst = 50;
  std::uint64_t rates_kept = 65'536;

  bool operator==(const Limits&) const = default;
};

struct Limit {
  const char* name;
  std::uint64_t Limits::* value;
  std::uint64_t least;
  std::uint64_t most;
};
std::span<const Limit> limits_known();

// "hosts=20000 reads_per_s=0", parted by blanks; what is not named has its default.
base::Result<Limits> limits_from(std::string_view text);

// How many files and connections this process may have open at these limits.
std::uint64_t open_files_for(const Limits& limits);
// Raises this process's bound to so many. missing_dependency where the system does not let it.
base::Result<void> allow_open_files(std::uint64_t count);

}  // namespace obelisk::market_app
