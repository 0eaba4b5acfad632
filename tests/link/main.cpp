// obelisk-link A B [--seed N] [--mtu-frames]: joins two network namespaces by a device in each, and
// delays, drops and reorders the packets between them. A and B are SPACE:DEVICE (tun.hpp). It says
// `ready`, then obeys the lines of carrier.hpp until standard input ends. A test tool: no part of
// the product knows it.
#include <malloc.h>
#include <sched.h>
#include <sys/prctl.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>

#include "carrier.hpp"
#include "tun.hpp"

namespace obelisk::link {
namespace {

using base::Code;
using base::Error;
using base::Result;

struct Words {
  std::string a, b;
  std::uint64_t seed = 1;
  bool mtu_frames = false;
};

Result<Words> parse(int count, char** words) {
  const Error usage{Code::usage, "obelisk-link A B [--seed N] [--mtu-frames]",
                    "A and B are SPACE:DEVICE."};
  if (count < 3) return usage;
  Words out{words[1], words[2]};
  for (int i = 3; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--mtu-frames") {
      out.mtu_frames = true;
      continue;
    }
    if (word != "--seed" || ++i == count) return usage;
    const char* end = words[i] + std::strlen(words[i]);
    const auto [read_to, failed] = std::from_chars(words[i], end, out.seed);
    if (failed != std::errc() || read_to != end) return usage;
  }
  return out;
}

// A link that is late is another link than was asked for: it wakes when it is due, before whoever
// has no deadline, and keeps the memory that it had once. It does without what it is not given.
void be_punctual() {
  ::prctl(PR_SET_TIMERSLACK, 1);
  const sched_param first{.sched_priority = 1};
  ::sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &first);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

Result<void> run(int count, char** words) {
  TRY(const Words wanted, parse(count, words));
  TRY(const TunPlace place_a, parse_place(wanted.a));
  TRY(const TunPlace place_b, parse_place(wanted.b));
  TRY(Fd a, open_tun(place_a, !wanted.mtu_frames));
  TRY(Fd b, open_tun(place_b, !wanted.mtu_frames));
  be_punctual();
  std::puts("ready");
  std::fflush(stdout);
  Carrier(std::move(a), std::move(b), wanted.seed).run();
  return {};
}

}  // namespace
}  // namespace obelisk::link

int main(int count, char** words) {
  const auto done = obelisk::link::run(count, words);
  if (done) return 0;
  std::fprintf(stderr, "%s %s\n", done.error().message.c_str(), done.error().action.c_str());
  return obelisk::base::exit_code(done.error().code);
}
