#include "apps/market/engine/closing.hpp"

#include <algorithm>

#include "ports/landed.hpp"

namespace obelisk::engine {
namespace {

// A rental has a handful of transactions; anybody may add to an address's history by sending dust
// to it, and pays a fee each time. What lies further back is shown as unknown; no money hangs on
// it.
constexpr std::size_t kMaxSignatures = 300;

// Of an `open` that another program called the data is not known; nor is it another one then.
bool is_another(const index::StepRow& open, const lease::Quote& quote) {
  const auto differs = [](const auto& known, const auto& quoted) {
    return known && *known != quoted;
  };
  return differs(open.renter, quote.renter) || differs(open.host, quote.host) ||
         differs(open.market, quote.market) || differs(open.nonce, quote.nonce) ||
         differs(open.rate_per_hour, base::Lamports{quote.rate_lamports_per_hour}) ||
         differs(open.seconds, quote.seconds) || differs(open.max_seconds, quote.max_seconds) ||
         (open.terms_hash && base::to_hex(open.terms_hash->view()) != quote.id);
}

// Takes the steps of one opening after the other, until the one that is looked for is closed.
class Openings {
 public:
  Openings(const base::PublicKey& program, const HistoryAsk& ask, History& out)
      : program_(program), ask_(ask), out_(out) {}

  // True once it is whole.
  bool take(const ports::TransactionRecord& record) {
    // A lease's steps are in their order already: the place in the block does not matter here.
    const auto decoded = index::decode(ports::landed_of(record), program_);
    if (!decoded) return false;
    for (const index::StepRow& row : decoded->steps) {
      const auto event = index::event_of(row);
      if (row.lease != ask_.quote.lease) continue;
      const bool is_open = event && event->tag == escrow::Tag::open;
      out_.unexplained = out_.unexplained || !event || (!is_open && !any_open_);
      if (!event) continue;
      if (is_open) begin(row);
      if (!is_it_) continue;
      lease::ChainStep step;
      step.signature = record.signature;
      step.slot = record.slot;
      step.event = *event;
      step.how = row.how.value_or(step.how);
      step.renter_signed = row.renter_signed.value_or(false);
      step.time_s = record.block_time.value_or(0);
      out_.steps.push_back(step);
      if (step.event.state == escrow::State::closed) return true;
    }
    return false;
  }

 private:
  void begin(const index::StepRow& open) {
    any_open_ = true;
    const bool is_slot = ask_.opened_slot == 0 || open.slot == ask_.opened_slot;
    is_it_ = is_slot && !is_another(open, ask_.quote);
    if (is_it_) out_.steps.clear();
  }

  const base::PublicKey& program_;
  const HistoryAsk& ask_;
  History& out_;
  bool any_open_ = false;
  bool is_it_ = false;
};

}  // namespace

base::Result<History> read_history(ports::Chain& chain, const base::PublicKey& program,
                                   const HistoryAsk& ask, const std::function<bool()>& stop) {
  const base::PublicKey& lease = ask.quote.lease;
  History out;
  ports::HistoryPage page{.limit = 1, .commitment = ask.commitment, .at_least_slot = ask.gone_slot};
  if (ask.opened_slot == 0) {
    // Most quotes are never paid, so that is found out by as little as possible.
    TRY(const auto any, chain.history(lease, page));
    if (any.empty()) return out;
  }
  page.limit = kMaxSignatures;
  TRY(auto entries, chain.history(lease, page));
  std::reverse(entries.begin(), entries.end());
  out.whole = entries.size() < kMaxSignatures;
  Openings openings(program, ask, out);
  for (const ports::HistoryEntry& entry : entries) {
    if (stop()) {
      out.whole = false;
      return out;
    }
    if (entry.failed || entry.slot < ask.opened_slot) continue;
    TRY(const auto record, chain.transaction(entry.signature));
    if (!record) {
      // Another node than the one that listed it may be behind.
      out.missing = true;
      continue;
    }
    if (openings.take(*record)) return out;
  }
  return out;
}

}  // namespace obelisk::engine
