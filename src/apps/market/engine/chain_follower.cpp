#include "apps/market/engine/chain_follower.hpp"

#include <algorithm>

#include "core/escrow/codec.hpp"

namespace obelisk::engine {
namespace {

using ports::Commitment;

constexpr std::chrono::milliseconds kPollEvery{300};
constexpr std::size_t kAccountsAtOnce = 100;
constexpr std::int64_t kReadAllEveryMs = 60'000;

}  // namespace

ChainFollower::~ChainFollower() { stop(); }

void ChainFollower::subscribe() {
  const auto watch = [this](Commitment commitment) {
    return parts_.chain.watch_program(
        parts_.program, commitment,
        [this, commitment](const std::optional<ports::ProgramAccount>& pushed, std::uint64_t slot) {
          on_push(commitment, pushed, slot);
        });
  };
  processed_ = watch(Commitment::processed);
  confirmed_ = watch(Commitment::confirmed);
}

void ChainFollower::start() {
  thread_ = std::thread([this] { run(); });
}

void ChainFollower::stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  processed_.reset();
  confirmed_.reset();
}

void ChainFollower::run() {
  for (;;) {
    poll_once();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPollEvery, [this] { return ending_ || read_all_; });
    if (ending_) return;
    if (!read_all_) continue;
    // A node that does not answer is not asked without a pause.
    if (complained_) changed_.wait_for(lock, kPollEvery, [this] { return ending_; });
    if (ending_) return;
  }
}

void ChainFollower::on_push(Commitment commitment,
                            const std::optional<ports::ProgramAccount>& pushed,
                            std::uint64_t slot) {
  if (!pushed) {
    {
      const std::lock_guard lock(mutex_);
      read_all_ = true;
    }
    changed_.notify_all();
    return;
  }
  const auto lease = escrow::parse_lease(pushed->account.data);
  if (!lease || escrow::to_public_key(lease->market) != parts_.market) return;
  if (commitment == Commitment::processed) {
    parts_.post(pushed->address, lease::Seen{*lease, slot});
  } else {
    parts_.post(pushed->address, lease::Confirmed{*lease, slot});
  }
}

void ChainFollower::poll_once() {
  if (!poll_time()) return;
  if (is_read_all_due() && !read_all()) {
    const std::lock_guard lock(mutex_);
    read_all_ = true;
    return;
  }
  poll_accounts();
  parts_.tick();
}

// After every (re)connect, and now and then for what no push ever told.
bool ChainFollower::is_read_all_due() {
  const std::int64_t now_ms = parts_.clock.steady_ms();
  const std::lock_guard lock(mutex_);
  const bool asked = std::exchange(read_all_, false);
  if (!asked && now_ms - read_all_ms_ < kReadAllEveryMs) return false;
  read_all_ms_ = now_ms;
  return true;
}

bool ChainFollower::poll_time() {
  const auto time = parts_.chain.now(Commitment::confirmed);
  if (time) {
    if (complained_) parts_.log("The chain answers again.");
    complained_ = false;
    parts_.view.saw_time(*time, parts_.clock.steady_ms());
    return true;
  }
  if (!complained_) parts_.log("The chain does not answer: " + time.error().message);
  complained_ = true;
  return false;
}

// What happened at addresses that nobody asks for. The answer does not say how old it is, so
// nothing that is known may go back by it: those addresses are asked for right after, with their
// slots.
bool ChainFollower::read_all() {
  const ports::DataFilter ours{offsetof(escrow::Lease, market),
                               {parts_.market.bytes.begin(), parts_.market.bytes.end()}};
  const auto accounts = parts_.chain.program_accounts(parts_.program, sizeof(escrow::Lease), {ours},
                                                      Commitment::confirmed);
  if (!accounts) {
    parts_.log("The leases on chain could not be read: " + accounts.error().message);
    return false;
  }
  const auto live = parts_.live_addresses();
  const std::set<base::PublicKey> asked_for(live.begin(), live.end());
  for (const ports::ProgramAccount& found : *accounts) {
    if (!asked_for.contains(found.address)) take(found.address, {0, found.account});
  }
  return true;
}

void ChainFollower::poll_accounts() {
  std::vector<base::PublicKey> addresses = parts_.live_addresses();
  addresses.insert(addresses.begin(), parts_.market);
  for (std::size_t from = 0; from < addresses.size(); from += kAccountsAtOnce) {
    const std::size_t end = std::min(addresses.size(), from + kAccountsAtOnce);
    const std::vector<base::PublicKey> some(addresses.begin() + static_cast<std::ptrdiff_t>(from),
                                            addresses.begin() + static_cast<std::ptrdiff_t>(end));
    const auto answers = parts_.chain.accounts(some, Commitment::confirmed);
    if (!answers) {
      poll_one_by_one(some);
      continue;
    }
    if (answers->size() != some.size()) continue;
    for (std::size_t i = 0; i < some.size(); ++i) take(some[i], (*answers)[i]);
  }
}

// Of several nodes two have to agree that an account is gone. While they cannot, what the others of
// its batch show is not held up.
void ChainFollower::poll_one_by_one(const std::vector<base::PublicKey>& addresses) {
  if (!parts_.chain.account(parts_.market, Commitment::confirmed)) return;  // nobody answers
  for (const base::PublicKey& address : addresses) {
    const auto answer = parts_.chain.account(address, Commitment::confirmed);
    if (answer) take(address, *answer);
  }
}

void ChainFollower::take(const base::PublicKey& address, const ports::AccountAt& answer) {
  const bool ours = answer.account && answer.account->owner == parts_.program;
  if (address == parts_.market) {
    const auto market = ours ? escrow::parse_market(answer.account->data) : std::nullopt;
    if (market) parts_.view.saw_market({*market, answer.slot, parts_.clock.now_ms()});
    return;
  }
  // Lamports that somebody sent to the address are not a lease.
  if (!ours) return parts_.post(address, lease::Absent{answer.slot});
  // Also one of another market, if it stands where a lease of ours was quoted.
  const auto lease = escrow::parse_lease(answer.account->data);
  if (lease) parts_.post(address, lease::Confirmed{*lease, answer.slot});
}

}  // namespace obelisk::engine
