#include "core/index/decode.hpp"

#include <algorithm>

#include "core/escrow/codec.hpp"
#include "core/escrow/instructions.hpp"
#include "core/index/log_reader.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::index {
namespace {

using escrow::Tag;
using solana::Instruction;

constexpr std::size_t kMaxErrorBytes = 1000;

std::int32_t version_of(solana::MessageVersion version) {
  switch (version) {
    case solana::MessageVersion::legacy: return kLegacy;
    case solana::MessageVersion::v0: return 0;
    case solana::MessageVersion::v1: return 1;
  }
  return kLegacy;
}

// Whether the program's own account was made in this transaction.
bool is_birth(const Landed& landed, const solana::Message& message,
              const base::PublicKey& program) {
  const auto at = std::find(message.keys.begin(), message.keys.end(), program);
  const auto i = static_cast<std::size_t>(at - message.keys.begin());
  if (at == message.keys.end() || i >= landed.pre_balances.size() ||
      i >= landed.post_balances.size()) {
    return false;
  }
  return landed.pre_balances[i].count == 0 && landed.post_balances[i].count > 0;
}

std::optional<base::PublicKey> account_at(const Instruction& instruction, std::size_t at) {
  if (at >= instruction.accounts.size() || instruction.accounts[at].unresolved) return std::nullopt;
  return instruction.accounts[at].key;
}

// PROTOCOL, section 5: where each instruction has whom.
struct Places {
  std::optional<std::size_t> lease = {};
  std::optional<std::size_t> renter = {};
  std::optional<std::size_t> host = {};
  std::optional<std::size_t> market = {};
};

Places places_of(Tag tag) {
  switch (tag) {
    case Tag::create_market:
    case Tag::update_market: return {.market = 1};
    case Tag::open: return {.lease = 1, .renter = 0, .host = 2, .market = 3};
    case Tag::ready: return {.lease = 1};
    case Tag::cancel: return {.lease = 0, .renter = 1};
    case Tag::extend: return {.lease = 1, .renter = 0};
    case Tag::claim:
    case Tag::stop:
    case Tag::finish: return {.lease = 0, .renter = 1, .host = 2};
  }
  return {};
}

void read_open(const escrow::Open& open, StepRow& step) {
  step.nonce = open.nonce;
  step.rate_per_hour = base::Lamports{open.rate_lamports_per_hour};
  step.seconds = open.seconds;
  step.max_seconds = open.max_seconds;
  step.terms_hash = open.terms_hash;
}

// What the instruction itself says. It succeeded, so the program found its form right.
void read_instruction(const Instruction& instruction, StepRow& step) {
  if (instruction.data.empty() || instruction.data[0] > static_cast<std::uint8_t>(Tag::finish)) {
    return;
  }
  const auto tag = static_cast<Tag>(instruction.data[0]);
  if (step.tag && *step.tag != tag) return;
  step.tag = tag;
  const Places places = places_of(tag);
  const auto set = [&](std::optional<base::PublicKey>& field, std::optional<std::size_t> place) {
    if (place && !field) field = account_at(instruction, *place);
  };
  set(step.lease, places.lease);
  set(step.renter, places.renter);
  set(step.host, places.host);
  set(step.market, places.market);
  if (const auto open = escrow::parse_open(instruction.data)) read_open(*open, step);
  if (tag == Tag::extend && instruction.data.size() == escrow::kExtendLength) {
    base::Reader reader(instruction.data);
    reader.take(1);
    step.seconds = reader.u32();
  }
  if (tag == Tag::stop && instruction.data.size() == escrow::kStopLength) {
    step.how = static_cast<escrow::StopHow>(instruction.data[1] & 3);
  }
  if (tag == Tag::cancel && instruction.accounts.size() == 2) {
    step.renter_signed = instruction.accounts[1].signer;
  }
}

void read_event(const escrow::Event& event, StepRow& step) {
  step.logged = true;
  step.tag = event.tag;
  step.lease = escrow::to_public_key(event.lease);
  step.state = event.state;
  step.to_host = base::Lamports{event.to_host};
  step.to_treasury = base::Lamports{event.to_treasury};
  step.to_renter = base::Lamports{event.to_renter};
  step.proven_until_s = event.proven_until;
  step.stopped_at_s = event.stopped_at;
}

class Steps {
 public:
  Steps(const Landed& landed, const base::PublicKey& program,
        const std::vector<Instruction>& instructions)
      : landed_(landed), program_(program), instructions_(instructions) {}

  void add(const Invocation& invocation) {
    StepRow step = next();
    step.depth = invocation.depth;
    if (invocation.event) read_event(*invocation.event, step);
    step.instruction = nth_call_of(invocation.outer, invocation.outer_nth);
    if (invocation.depth == 1) {
      ++seen_;
      if (step.instruction) read_instruction(instructions_[*step.instruction], step);
    }
    out_.push_back(step);
  }

  // Calls at top level that the log does not show: the transaction succeeded, so they ran.
  void add_unseen() {
    while (const auto at = nth_call_of(program_, seen_)) {
      ++seen_;
      StepRow step = next();
      step.instruction = *at;
      read_instruction(instructions_[*at], step);
      out_.push_back(step);
    }
  }

  std::vector<StepRow> take() && { return std::move(out_); }

 private:
  StepRow next() const {
    StepRow step;
    step.signature = landed_.signature;
    step.slot = landed_.slot;
    step.block_index = landed_.block_index;
    step.number = static_cast<std::uint32_t>(out_.size());
    step.block_time_s = landed_.block_time_s;
    return step;
  }

  std::optional<std::uint32_t> nth_call_of(const base::PublicKey& outer, std::size_t nth) const {
    for (std::size_t i = 0; i < instructions_.size(); ++i) {
      if (instructions_[i].program != outer) continue;
      if (nth == 0) return static_cast<std::uint32_t>(i);
      --nth;
    }
    return std::nullopt;
  }

  const Landed& landed_;
  const base::PublicKey& program_;
  const std::vector<Instruction>& instructions_;
  std::size_t seen_ = 0;  // of our calls at top level
  std::vector<StepRow> out_;
};

}  // namespace

base::Result<Decoded> decode(const Landed& landed, const base::PublicKey& program) {
  TRY(const auto transaction, solana::decode_transaction(landed.wire));
  const LogReading log = read_log(landed.logs, program);
  Decoded out;
  TransactionRow& row = out.transaction;
  row.signature = landed.signature;
  row.slot = landed.slot;
  row.block_index = landed.block_index;
  row.block_time_s = landed.block_time_s;
  row.version = version_of(transaction.message().version);
  row.payer = transaction.message().payer();
  row.fee = landed.fee;
  row.compute_units = landed.compute_units;
  if (landed.error) row.error = landed.error->substr(0, kMaxErrorBytes);
  row.logs = log.state;
  row.program_born = is_birth(landed, transaction.message(), program);
  if (row.error) return out;
  const auto instructions = solana::instructions_of(transaction.message(), landed.loaded_keys);
  Steps steps(landed, program, instructions);
  for (const Invocation& invocation : log.invocations) steps.add(invocation);
  steps.add_unseen();
  out.steps = std::move(steps).take();
  return out;
}

std::optional<escrow::Event> event_of(const StepRow& step) {
  if (!step.logged || !step.tag || !step.lease || !step.state) return std::nullopt;
  escrow::Event out{};
  out.magic = escrow::kEventMagic;
  out.tag = *step.tag;
  out.state = *step.state;
  out.lease = escrow::to_key(*step.lease);
  out.to_host = step.to_host.value_or(base::Lamports{}).count;
  out.to_treasury = step.to_treasury.value_or(base::Lamports{}).count;
  out.to_renter = step.to_renter.value_or(base::Lamports{}).count;
  out.proven_until = step.proven_until_s.value_or(0);
  out.stopped_at = step.stopped_at_s.value_or(0);
  return out;
}

}  // namespace obelisk::index
