// Script: what a scripted driver and its cards pretend, read from a small text file. One thing a
// line, '#' starts a comment:
//   card uuid=GPU-... memory_mib=64 used_mib=0 real_mib=16 multiprocessors=2
//                                     real_mib: only so much is there, and it repeats; else all
//   fail cuLaunchKernel 719 5         the function answers 719 after it has worked 5 times
//   lose 40                           the card is gone after 40 calls of any function: all say 999
//   busy 3                            work is done when it was asked for the fourth time
//   elapsed 500                       microseconds between two events, or "nan", or below zero
//   flip obelisk_digest 1024          after each launch of that kernel, one bit of every 1024th
//   byte
//                                     of its memory is another
// It is for tests and for demo hosts whose offers say "simulated"; it must never be part of a real
// host.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace obelisk::cuda::scripted {

struct Card {
  std::string uuid;
  std::uint64_t memory_bytes = 0;
  std::uint64_t used_bytes = 0;
  std::uint64_t real_bytes = 0;  // 0: all of it
  int multiprocessors = 2;
};

struct Failure {
  int code = 0;
  std::uint64_t after = 0;  // calls that work before
};

struct Script {
  std::vector<Card> cards;
  std::map<std::string, Failure> failures;     // by function
  std::map<std::string, std::uint64_t> flips;  // by kernel: how far apart the bytes are
  std::uint64_t lost_after = UINT64_MAX;
  std::uint64_t busy = 0;
  float elapsed_ms = 1;
  bool valid = true;  // a line that cannot be read makes the whole script fail
};

Script parse_script(std::string_view text);

}  // namespace obelisk::cuda::scripted
