#include "core/lease/close.hpp"

namespace obelisk::lease {
namespace {

using escrow::StopHow;
using escrow::Tag;

Outcome outcome_of_stop(StopHow how) {
  switch (how) {
    case StopHow::served: return Outcome::stopped_by_renter;
    case StopHow::dispute: return Outcome::stopped_by_renter;
    case StopHow::waive: return Outcome::stopped_by_host;
    case StopHow::dark: return Outcome::host_dark;
  }
  return Outcome::none;
}

// Nothing where this instruction does not end a lease. What ended it first is what it ended by: a
// contested lease that is closed later keeps its reason.
Outcome outcome_of(const ChainStep& step) {
  switch (step.event.tag) {
    case Tag::create_market: return Outcome::none;
    case Tag::update_market: return Outcome::none;
    case Tag::open: return Outcome::none;
    case Tag::ready: return Outcome::none;
    case Tag::cancel: return step.renter_signed ? Outcome::cancelled : Outcome::not_ready;
    case Tag::extend: return Outcome::none;
    case Tag::claim: return Outcome::none;
    case Tag::stop: return outcome_of_stop(step.how);
    case Tag::finish: return Outcome::ran_to_the_end;
  }
  return Outcome::none;
}

}  // namespace

CloseFacts summarize(const std::vector<ChainStep>& steps) {
  CloseFacts facts;
  base::Lamports host;
  base::Lamports treasury;
  base::Lamports renter;
  bool fits = true;
  const auto add = [&fits](base::Lamports& sum, std::uint64_t more) {
    const auto next = base::checked_add(sum, base::Lamports{more});
    fits = fits && next.has_value();
    if (next) sum = *next;
  };
  for (const ChainStep& step : steps) {
    if (facts.outcome == Outcome::none) facts.outcome = outcome_of(step);
    if (step.event.tag == Tag::open) {
      facts.open_signature = step.signature;
      facts.opened_slot = step.slot;
      facts.opened_at_s = step.time_s;
    }
    if (step.event.tag == Tag::ready) {
      facts.ready_signature = step.signature;
      facts.started_at_s = step.event.proven_until;
    }
    if (step.event.state == escrow::State::closed) facts.close_signature = step.signature;
    add(host, step.event.to_host);
    add(treasury, step.event.to_treasury);
    add(renter, step.event.to_renter);
    if (step.event.proven_until != 0) facts.proven_until_s = step.event.proven_until;
    if (step.event.stopped_at != 0) facts.stopped_at_s = step.event.stopped_at;
  }
  if (fits && facts.open_signature && facts.close_signature) {
    facts.to_host = host;
    facts.to_treasury = treasury;
    facts.to_renter = renter;
  }
  return facts;
}

}  // namespace obelisk::lease
