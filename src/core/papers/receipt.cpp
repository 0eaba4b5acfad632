#include "core/papers/receipt.hpp"

#include <algorithm>

#include "core/escrow/codec.hpp"
#include "core/escrow/layout.hpp"
#include "core/index/log_reader.hpp"
#include "core/papers/opening.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::papers {
namespace {

using base::Code;
using base::Error;
using base::Lamports;
using escrow::Tag;

Error unreadable(const std::string& what) {
  return {Code::invalid_input, "The node's record of this lease does not add up: " + what + ".",
          "Ask another node with --rpc-url."};
}

Error incomplete() {
  return {Code::not_found, "The node no longer has the transaction that opened this lease.",
          "Ask a node with a longer memory with --rpc-url."};
}

bool add(Lamports& sum, std::uint64_t amount) {
  const auto total = base::checked_add(sum, Lamports{amount});
  if (total) sum = *total;
  return total.has_value();
}

class Reading {
 public:
  Reading(const base::PublicKey& lease, const base::PublicKey& program) {
    receipt_.lease = lease;
    receipt_.program = program;
  }

  base::Result<void> take(const solana::TransactionRecord& record) {
    auto decoded = solana::decode_transaction(record.wire);
    if (!decoded) return unreadable("a transaction cannot be read");
    const solana::Message& message = decoded->message();
    const auto instructions = solana::instructions_of(message);
    std::vector<escrow::Event> events;
    if (!record.error) events = own_events(record);
    for (const escrow::Event& event : events) {
      if (event.tag == Tag::open) begin(instructions);
    }
    if (!open_) return {};  // before this lease's life
    if (!message.keys.empty() && message.payer() == receipt_.renter &&
        !add(receipt_.network_fees, record.fee.count)) {
      return unreadable("the fees do not fit");
    }
    if (events.empty()) return {};
    TRY(const Lamports paid_in, inflow(message, record, events));
    for (const escrow::Event& event : events) add_step(event, record, message, instructions);
    return credit(paid_in, events);
  }

  base::Result<Receipt> done() {
    if (!open_) return incomplete();
    Receipt& r = receipt_;
    const ReceiptStep* closing = r.closing();
    r.closed = closing != nullptr;
    Lamports out;
    Lamports to_renter;
    for (const ReceiptStep& step : r.steps) {
      if (!add(r.host_got, step.to_host.count) || !add(r.fee, step.to_treasury.count) ||
          !add(to_renter, step.to_renter.count)) {
        return unreadable("the payments do not fit");
      }
    }
    r.bond = Lamports{escrow::kBondLamports};
    const auto paid = base::checked_sub(paid_in_, r.bond);
    if (!paid) return unreadable("less than the bond was paid in");
    r.paid = *paid;
    if (!add(out, r.host_got.count) || !add(out, r.fee.count) || !add(out, to_renter.count)) {
      return unreadable("the payments do not fit");
    }
    TRY_VOID(split_refund(out, to_renter));
    note_times(closing);
    return std::move(receipt_);
  }

 private:
  std::vector<escrow::Event> own_events(const solana::TransactionRecord& record) const {
    std::vector<escrow::Event> out;
    for (const escrow::Event& event : index::events_in(record.logs, receipt_.program)) {
      if (escrow::to_public_key(event.lease) == receipt_.lease) out.push_back(event);
    }
    return out;
  }

  void begin(const std::vector<solana::Instruction>& instructions) {
    Receipt fresh;
    fresh.lease = receipt_.lease;
    fresh.program = receipt_.program;
    receipt_ = std::move(fresh);
    paid_in_ = {};
    open_ = true;
    for (const solana::Instruction& instruction : instructions) {
      if (instruction.program != receipt_.program) continue;
      const auto opening = opening_in(instruction, receipt_.lease);
      if (!opening) continue;
      receipt_.renter = opening->open.renter;
      receipt_.host = opening->open.host;
      receipt_.lamports_per_hour = opening->open.rate_lamports_per_hour;
      receipt_.seconds = opening->open.seconds;
      receipt_.terms_hash = opening->open.terms_hash;
    }
  }

  // What the lease gained in this transaction, its own payments added back.
  base::Result<Lamports> inflow(const solana::Message& message,
                                const solana::TransactionRecord& record,
                                const std::vector<escrow::Event>& events) const {
    const auto at = std::find(message.keys.begin(), message.keys.end(), receipt_.lease);
    const auto index = static_cast<std::size_t>(at - message.keys.begin());
    if (index >= record.pre_balances.size() || index >= record.post_balances.size()) {
      return unreadable("the lease's balance is not in a transaction of it");
    }
    Lamports after = record.post_balances[index];
    for (const escrow::Event& event : events) {
      if (!add(after, event.to_host) || !add(after, event.to_treasury) ||
          !add(after, event.to_renter)) {
        return unreadable("a payment does not fit");
      }
    }
    const auto gained = base::checked_sub(after, record.pre_balances[index]);
    if (!gained) return unreadable("lamports left the lease that no event names");
    return *gained;
  }

  void add_step(const escrow::Event& event, const solana::TransactionRecord& record,
                const solana::Message& message,
                const std::vector<solana::Instruction>& instructions) {
    ReceiptStep step;
    step.tag = event.tag;
    step.after = event.state;
    step.signature = record.signature;
    step.slot = record.slot;
    step.time_s = record.block_time;
    step.to_host = {event.to_host};
    step.to_treasury = {event.to_treasury};
    step.to_renter = {event.to_renter};
    step.proven_until = event.proven_until;
    step.stopped_at = event.stopped_at;
    for (std::size_t i = 0; i < message.signers && i < message.keys.size(); ++i) {
      step.renter_signed = step.renter_signed || message.keys[i] == receipt_.renter;
    }
    for (const solana::Instruction& call : instructions) {
      if (event.tag != Tag::stop || call.program != receipt_.program || call.data.size() != 2 ||
          call.data[0] != static_cast<std::uint8_t>(Tag::stop) || call.data[1] > 3 ||
          call.accounts.empty() || call.accounts[0].key != receipt_.lease) {
        continue;
      }
      step.how = static_cast<escrow::StopHow>(call.data[1]);
    }
    receipt_.steps.push_back(step);
  }

  // Money comes in with `open` and `extend`; anything else that arrived is a surplus, which shows
  // at the end.
  base::Result<void> credit(Lamports paid_in, const std::vector<escrow::Event>& events) {
    const auto buys = [](Tag tag) { return tag == Tag::open || tag == Tag::extend; };
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (!buys(events[i].tag)) continue;
      receipt_.steps[receipt_.steps.size() - events.size() + i].paid_in = paid_in;
      if (!add(paid_in_, paid_in.count)) return unreadable("the payments do not fit");
      return {};
    }
    return {};
  }

  base::Result<void> split_refund(Lamports out, Lamports to_renter) {
    Receipt& r = receipt_;
    if (!r.closed) {
      r.refunded = to_renter;
      const auto held = base::checked_sub(r.paid, out);
      if (!held) return unreadable("more was paid out than in");
      r.held = *held;
      return {};
    }
    const auto surplus = base::checked_sub(out, paid_in_);
    const auto back = surplus ? base::checked_sub(to_renter, *surplus) : std::nullopt;
    const auto refunded = back ? base::checked_sub(*back, r.bond) : std::nullopt;
    if (!refunded) return unreadable("the refund and the bond do not add up");
    r.surplus = *surplus;
    r.refunded = *refunded;
    return {};
  }

  void note_times(const ReceiptStep* closing) {
    Receipt& r = receipt_;
    if (const ReceiptStep* open = r.find(Tag::open)) r.opened_at = open->time_s;
    const ReceiptStep* ready = r.find(Tag::ready);
    if (ready == nullptr) return;
    r.started_at = ready->proven_until;
    if (r.lamports_per_hour != 0) {
      // What was paid tells how long was bought, extensions included.
      std::uint64_t product = 0;
      if (!__builtin_mul_overflow(r.paid.count, std::uint64_t{3600}, &product)) {
        r.seconds = static_cast<std::uint32_t>(product / r.lamports_per_hour);
      }
    }
    const ReceiptStep& last = r.steps.back();
    r.served_s = std::max<std::int64_t>(last.proven_until - *r.started_at, 0);
    if (last.stopped_at != 0) r.stopped_at = last.stopped_at;
    if (!r.stopped_at && closing != nullptr) r.stopped_at = closing->time_s;
  }

  Receipt receipt_;
  Lamports paid_in_;  // bond included
  bool open_ = false;
};

// How the lease was first stopped, where the last transaction only settled it.
std::string_view stop_outcome(const Receipt& receipt) {
  const ReceiptStep* stop = receipt.find(Tag::stop);
  if (stop == nullptr) return "ran_to_the_end";
  if (!stop->how) return stop->renter_signed ? "stopped_by_renter" : "none";
  switch (*stop->how) {
    case escrow::StopHow::served:
    case escrow::StopHow::dispute: return "stopped_by_renter";
    case escrow::StopHow::waive: return "stopped_by_host";
    case escrow::StopHow::dark: return "host_dark";
  }
  return "none";
}

}  // namespace

const ReceiptStep* Receipt::find(Tag tag) const {
  for (const ReceiptStep& step : steps) {
    if (step.tag == tag) return &step;
  }
  return nullptr;
}

const ReceiptStep* Receipt::closing() const {
  if (steps.empty() || steps.back().after != escrow::State::closed) return nullptr;
  return &steps.back();
}

base::Result<Receipt> make_receipt(const base::PublicKey& lease, const base::PublicKey& program,
                                   const std::vector<solana::TransactionRecord>& records) {
  Reading reading(lease, program);
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    TRY_VOID(reading.take(*record));
  }
  return reading.done();
}

std::string_view outcome_of(const Receipt& receipt, std::optional<std::uint32_t> ready_deadline_s) {
  const ReceiptStep* closing = receipt.closing();
  if (closing == nullptr) return "none";
  if (closing->tag != Tag::cancel) return stop_outcome(receipt);
  if (!closing->renter_signed) return "not_ready";
  const bool late = ready_deadline_s && receipt.opened_at && closing->time_s &&
                    *closing->time_s > *receipt.opened_at + *ready_deadline_s;
  return late ? "not_ready" : "cancelled";
}

}  // namespace obelisk::papers
