// What `obelisk top` shows, and how the lines of a log that goes on are told from those before.
// Pure. It must never call time or money left what the chain does not say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/types.hpp"
#include "apps/cli/lease_account.hpp"
#include "base/time.hpp"

namespace obelisk::cli {

struct TopFacts {
  base::PublicKey lease;
  std::string what;                     // "1 x NVIDIA GeForce RTX 4090"
  std::optional<LeaseAccount> account;  // nothing: it is not on the chain
  base::UnixSeconds chain_now_s = 0;
  api::Readings newest;               // but for its rows
  std::vector<api::Reading> rows;     // of the last hour, the oldest first
  std::vector<api::TrailEntry> news;  // trouble and idleness, the oldest first
};
std::vector<std::string> top_lines(const TopFacts& facts, std::size_t width);

// "1.2 kB/s".
std::string rate_text(std::uint64_t bytes_per_s);
// Figures from 0 to `most` as heights; what is not known is a space. The newest stand last.
std::string heights(const std::vector<std::optional<std::uint64_t>>& figures, std::uint64_t most,
                    std::size_t columns);
// What of `now` was not in `before`: both are the end of the same text at two times.
std::string_view fresh_part(std::string_view before, std::string_view now);

}  // namespace obelisk::cli
