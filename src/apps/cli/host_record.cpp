#include "apps/cli/host_record.hpp"

#include <algorithm>

#include "ports/landed.hpp"

namespace obelisk::cli {
namespace {

// A history that never ends is not read for ever: so many transactions of the host's address.
constexpr std::size_t kMostTransactions = 20'000;
// Of one lease: an open, a ready, a stop, and a claim a minute at the very most.
constexpr std::size_t kMostOfOne = 2'000;

struct Steps {
  std::vector<index::StepRow> steps;
  bool is_whole = true;  // false: there is more, or a transaction could not be shown
};

// What our program did in the transactions of one address, the newest first.
base::Result<Steps> steps_of(ports::Chain& chain, const base::PublicKey& program,
                             const base::PublicKey& address, std::size_t most,
                             const std::function<bool(const Steps&)>& is_enough) {
  Steps out;
  ports::HistoryPage page;
  std::size_t read = 0;
  while (true) {
    TRY(const auto entries, chain.history(address, page));
    for (const ports::HistoryEntry& entry : entries) {
      if (++read > most || is_enough(out)) {
        out.is_whole = false;
        return out;
      }
      if (entry.failed) continue;
      TRY(const auto record, chain.transaction(entry.signature));
      // A node lists the newest first, also within a slot: that is the order there.
      const auto place = static_cast<std::uint32_t>(kMostTransactions - read);
      const auto decoded = record ? index::decode(ports::landed_of(*record, place), program)
                                  : base::Result<index::Decoded>(index::Decoded{});
      if (!record || !decoded) {
        out.is_whole = false;
        continue;
      }
      out.steps.insert(out.steps.end(), decoded->steps.begin(), decoded->steps.end());
    }
    if (entries.size() < page.limit) return out;
    page.before = entries.back().signature;
  }
}

// The addresses that were opened on this host, the newest first, each once.
std::vector<base::PublicKey> leases_in(const std::vector<index::StepRow>& steps,
                                       const base::PublicKey& host) {
  std::vector<base::PublicKey> out;
  for (const index::StepRow& step : steps) {
    if (step.tag != escrow::Tag::open || step.host != host || !step.lease) continue;
    if (std::ranges::find(out, *step.lease) == out.end()) out.push_back(*step.lease);
  }
  return out;
}

std::size_t openings(const std::vector<index::StepRow>& steps, const base::PublicKey& lease) {
  return static_cast<std::size_t>(std::ranges::count_if(steps, [&](const index::StepRow& step) {
    return step.tag == escrow::Tag::open && step.lease == lease;
  }));
}

}  // namespace

base::Result<HostRecord> read_host_record(
    ports::Chain& chain, const base::PublicKey& program, const base::PublicKey& host,
    std::size_t most, const std::function<void(std::size_t done, std::size_t of)>& progress) {
  TRY(const Steps own, steps_of(chain, program, host, kMostTransactions, [&](const Steps& so_far) {
        return leases_in(so_far.steps, host).size() >= most;
      }));
  HostRecord out;
  out.is_cut = !own.is_whole;
  const auto leases = leases_in(own.steps, host);
  for (std::size_t i = 0; i < leases.size(); ++i) {
    progress(i, leases.size());
    TRY(Steps life,
        steps_of(chain, program, leases[i], kMostOfOne, [](const Steps&) { return false; }));
    std::erase_if(life.steps, [&](const index::StepRow& step) { return step.lease != leases[i]; });
    auto all = trust::outcomes_of(life.steps);
    std::erase_if(all, [&](const trust::Outcome& one) { return one.host != host; });
    TRY(const auto now, chain.account(leases[i], ports::Commitment::confirmed));
    const std::size_t still = now.account ? 1 : 0;
    out.open += still;
    const std::size_t known = all.size() + still;
    out.unclear += openings(life.steps, leases[i]) > known || !life.is_whole ? 1 : 0;
    std::ranges::reverse_copy(all, std::back_inserter(out.outcomes));
  }
  return out;
}

}  // namespace obelisk::cli
