#include "apps/cli/await_ready.hpp"

#include <algorithm>
#include <thread>

#include "apps/cli/lease_records.hpp"
#include "apps/cli/lease_text.hpp"
#include "apps/cli/text/dial.hpp"
#include "apps/cli/transact.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using std::chrono::milliseconds;

constexpr milliseconds kNearPoll{40};  // our own machine's node
constexpr milliseconds kFarPoll{400};
// The watch and the host may send `cancel` themselves; we give them this long.
constexpr std::int64_t kOthersFirstMs = 1'500;
constexpr std::int64_t kNodePatienceMs = 120'000;
constexpr int kBackTries = 100;
constexpr milliseconds kBackPause{100};

bool is_near(const std::vector<std::string>& rpc_urls) {
  return std::all_of(rpc_urls.begin(), rpc_urls.end(), [](const std::string& url) {
    return url.find("//127.") != std::string::npos ||
           url.find("//localhost") != std::string::npos || url.find("//[::1]") != std::string::npos;
  });
}

Error not_ready(const PaidLease& paid) {
  return {Code::refunded,
          "Not ready in " + std::to_string(paid.ready_deadline_s) + " s. Your " +
              base::to_sol_text(paid.paid) + " is back.",
          "Try another offer: obelisk offers"};
}

// Nobody has to wait for a deadline that cannot be met any more: the renter may cancel at once.
Error failed(const PaidLease& paid, const std::string& why) {
  return {Code::refunded, why + " Your " + base::to_sol_text(paid.paid) + " is back.",
          "Try another offer: obelisk offers"};
}

Error interrupted(const PaidLease& paid) {
  return {Code::declined, "Cancelled. Your " + base::to_sol_text(paid.paid) + " is back.", ""};
}

// `reason`, once the chain shows all that was paid in the hands of the renter; else what is wrong.
Error refund_of(Session& session, ports::Chain& chain, const PaidLease& paid, Error reason) {
  for (int tries = 1;; ++tries) {
    const auto receipt = read_receipt(chain, paid.address, paid.program);
    if (receipt && receipt->closed) {
      if (receipt->refunded != receipt->paid) {
        return {Code::conflict, "The lease is over, and not all of it came back.",
                "See what was paid: obelisk receipt " + paid.address.to_string()};
      }
      reason.charged_lamports = receipt->network_fees.count;
      return reason;
    }
    if (tries == kBackTries) {
      if (!receipt) return receipt.error();
      return {Code::timeout, "The refund does not show on your node yet.",
              "Look again: obelisk receipt " + paid.address.to_string()};
    }
    session.out().status("Waiting for the refund.");
    std::this_thread::sleep_for(kBackPause);
  }
}

class Waiting {
 public:
  Waiting(Session& session, ports::Chain& chain, LeaseFollower& follower, Interrupts& interrupts,
          const PaidLease& paid)
      : session_(session),
        chain_(chain),
        follower_(follower),
        interrupts_(interrupts),
        paid_(paid),
        poll_(is_near(session.settings().rpc_urls) ? kNearPoll : kFarPoll) {}

  base::Result<ReadyLease> run() {
    for (;;) {
      const auto found = read_lease(chain_, paid_.address, ports::Commitment::confirmed);
      if (!found && elapsed_ms() > limit_ms() + kNodePatienceMs) return lost(found.error());
      if (found && *found && (*found)->data.state != escrow::State::funded) {
        if (interrupts_.requested()) return too_late(**found);
        return ReadyLease{**found, session_.clock().steady_ms()};
      }
      seen_ = seen_ || (found && *found);
      // Gone after it was there: somebody cancelled it, as anybody may after the deadline.
      if (found && !*found && seen_) {
        return refund_of(session_, chain_, paid_,
                         failure_ ? failed(paid_, *failure_) : not_ready(paid_));
      }
      const bool stop = interrupts_.requested();
      if (stop || failure_ || is_late()) {
        auto ended = take_back(stop       ? interrupted(paid_)
                               : failure_ ? failed(paid_, *failure_)
                                          : not_ready(paid_));
        if (ended) return std::move(*ended);
        continue;  // it became ready meanwhile
      }
      show();
    }
  }

 private:
  std::int64_t limit_ms() const { return std::int64_t{paid_.ready_deadline_s} * 1000; }
  // Nothing more can be said from here: the money is still where the rules are.
  Error lost(Error error) const {
    error.action = "The lease is paid. Look at it: obelisk show " + paid_.address.to_string() +
                   ". End it: obelisk stop";
    error.charged_lamports = paid_.paid.count;
    return error;
  }

  Error too_late(const LeaseAccount& lease) {
    const auto now = chain_.now(ports::Commitment::confirmed);
    const base::Lamports used = now ? earned_so_far(lease, now->unix_s) : base::Lamports{};
    return {Code::declined, "It was ready before it could be cancelled: the lease runs.",
            "End it: obelisk stop " + paid_.address.to_string(), used.count};
  }

  // Cancels and waits until the chain shows the money back: `reason`, or what went wrong. Nothing
  // where `ready` came first.
  std::optional<Error> take_back(Error reason) {
    const auto lease = read_lease(chain_, paid_.address, ports::Commitment::confirmed);
    if (!lease) return lost(lease.error());
    if (*lease) {
      const auto cancelled = sign_and_send(
          session_, {{escrow::encode_cancel(paid_.program, (*lease)->accounts(), true)},
                     settlement::kCancelUnits});
      // Somebody else's `cancel` may have come first, or `ready`: the chain says which.
      if (!cancelled && cancelled.error().code != Code::rejected_on_chain) {
        return lost(cancelled.error());
      }
    }
    for (int tries = 0; tries < kBackTries; ++tries) {
      const auto after = read_lease(chain_, paid_.address, ports::Commitment::confirmed);
      if (after && !*after) return refund_of(session_, chain_, paid_, std::move(reason));
      if (after && (*after)->data.state != escrow::State::funded) return std::nullopt;
      std::this_thread::sleep_for(kBackPause);
    }
    return lost({Code::timeout, "The cancellation does not show on your node yet.", ""});
  }

  std::int64_t elapsed_ms() { return session_.clock().steady_ms() - paid_.confirmed_ms; }

  void show() {
    const auto news = follower_.wait(version_, poll_);
    version_ = news.version;
    failure_ = news.failure;
    session_.out().status(dial(elapsed_ms(), limit_ms()) + "  " + news.message);
  }

  // By the chain's clock, which decides whether `ready` can still land.
  bool is_late() {
    if (elapsed_ms() < limit_ms() + kOthersFirstMs) return false;
    const auto found = read_lease(chain_, paid_.address, ports::Commitment::confirmed);
    const auto now = chain_.now(ports::Commitment::confirmed);
    if (!found || !*found || !now) return false;
    return now->unix_s > (*found)->data.opened_at +
                             static_cast<base::UnixSeconds>((*found)->data.ready_deadline_s);
  }

  Session& session_;
  ports::Chain& chain_;
  LeaseFollower& follower_;
  Interrupts& interrupts_;
  const PaidLease& paid_;
  const milliseconds poll_;
  std::uint64_t version_ = 0;
  std::optional<std::string> failure_;
  bool seen_ = false;
};

}  // namespace

base::Result<ReadyLease> await_ready(Session& session, LeaseFollower& follower,
                                     Interrupts& interrupts, const PaidLease& paid) {
  TRY(ports::Chain * chain, session.chain());
  return Waiting(session, *chain, follower, interrupts, paid).run();
}

}  // namespace obelisk::cli
