#include "core/trust/outcome.hpp"

#include <algorithm>

#include "core/escrow/arithmetic.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::trust {
namespace {

using escrow::StopHow;
using escrow::Tag;
using index::StepRow;

// One opening, step by step.
class Life {
 public:
  explicit Life(const StepRow& open) {
    if (!open.lease || !open.host || !open.block_time_s || !open.rate_per_hour || !open.seconds) {
      return;
    }
    is_whole_ = true;
    out_.lease = *open.lease;
    out_.host = *open.host;
    out_.opened_at_s = *open.block_time_s;
    rate_ = *open.rate_per_hour;
    seconds_ = *open.seconds;
  }

  void take(const StepRow& step) {
    if (!step.tag || !step.logged || !step.proven_until_s || !step.to_host || !step.to_treasury) {
      is_whole_ = false;
      return;
    }
    if (*step.tag == Tag::ready) out_.started_at_s = *step.proven_until_s;
    if (*step.tag == Tag::extend && step.seconds) seconds_ = *step.seconds;
    if (*step.tag == Tag::stop) stopped(step);
    if (*step.tag == Tag::cancel) renter_cancelled_ = step.renter_signed.value_or(false);
    earned_ += step.to_host->count + step.to_treasury->count;
    if (step.state == escrow::State::closed) close(step);
  }

  std::optional<Outcome> done() const {
    return is_whole_ && is_closed_ ? std::optional(out_) : std::nullopt;
  }

 private:
  // The first word counts: what is said in the claim window only ends the waiting.
  void stopped(const StepRow& step) {
    if (!step.how) {
      is_whole_ = false;
      return;
    }
    if (is_stopped_) return;
    is_stopped_ = true;
    how_ = *step.how;
    if (step.block_time_s) ended_at_s_ = *step.block_time_s;
  }

  void close(const StepRow& step) {
    is_closed_ = true;
    std::uint64_t price = 0;
    is_whole_ = is_whole_ && escrow::price(rate_.count, seconds_, price);
    out_.paid = base::Lamports{price};
    out_.refunded = base::Lamports{out_.paid.count - std::min(out_.paid.count, earned_)};
    if (!out_.started_at_s) {
      out_.ending = renter_cancelled_ ? Ending::withdrawn : Ending::missed;
      return;
    }
    out_.ending = ending();
    const base::UnixSeconds proven = *step.proven_until_s;
    base::UnixSeconds until = std::max(proven, step.stopped_at_s.value_or(0));
    // A dark host's time is over at its last proof; what it owed went on until somebody saw it.
    if (out_.ending == Ending::dark) until = std::max(until, ended_at_s_);
    out_.served_s =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, proven - *out_.started_at_s));
    out_.due_s = static_cast<std::uint64_t>(std::max<std::int64_t>(0, until - *out_.started_at_s));
    // The host showed what it had served after all.
    if (out_.ending == Ending::disputed && out_.served_s == out_.due_s) out_.ending = Ending::kept;
  }

  Ending ending() const {
    switch (how_) {
      case StopHow::served: return Ending::kept;
      case StopHow::dispute: return Ending::disputed;
      case StopHow::waive: return Ending::left;
      case StopHow::dark: return Ending::dark;
    }
    return Ending::kept;  // a number that is none of these is no event of ours
  }

  Outcome out_;
  base::Lamports rate_;
  std::uint32_t seconds_ = 0;
  std::uint64_t earned_ = 0;
  bool is_stopped_ = false;
  StopHow how_ = StopHow::served;  // of one that ran to its end too
  base::UnixSeconds ended_at_s_ = 0;
  bool renter_cancelled_ = false;
  bool is_closed_ = false;
  bool is_whole_ = false;
};

}  // namespace

std::optional<std::uint64_t> Outcome::wait_s() const {
  if (!started_at_s) return std::nullopt;
  return static_cast<std::uint64_t>(std::max<base::UnixSeconds>(0, *started_at_s - opened_at_s));
}

std::vector<Outcome> outcomes_of(std::vector<StepRow> steps) {
  std::ranges::sort(steps, {}, &StepRow::key);
  std::vector<Outcome> out;
  std::optional<Life> life;
  const auto finish = [&] {
    if (!life) return;
    if (auto outcome = life->done()) out.push_back(*outcome);
    life.reset();
  };
  for (const StepRow& step : steps) {
    if (step.tag == Tag::open) {
      finish();
      life.emplace(step);
    } else if (life) {
      life->take(step);
    }
  }
  finish();
  return out;
}

}  // namespace obelisk::trust
