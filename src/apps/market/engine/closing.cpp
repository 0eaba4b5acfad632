#include "apps/market/engine/closing.hpp"

#include <algorithm>

#include "core/escrow/codec.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::engine {
namespace {

constexpr std::string_view kProgram = "Program ";
constexpr std::string_view kData = "Program data: ";
// A rental has a handful of transactions; anybody may add to an address's history by sending dust
// to it, and pays a fee each time. What lies further back is shown as unknown; no money hangs on
// it.
constexpr std::size_t kMaxSignatures = 300;
constexpr std::size_t kMaxDepth = 64;

// What a transaction's own instructions say beside the events: CPI calls are not among them.
struct Call {
  escrow::Tag tag{};
  escrow::StopHow how{};
  bool renter_signed = false;
};

std::vector<Call> calls_in(const solana::Transaction& transaction, const base::PublicKey& program,
                           const base::PublicKey& lease) {
  std::vector<Call> out;
  for (const solana::Instruction& instruction : solana::instructions_of(transaction.message())) {
    if (instruction.program != program || instruction.data.empty()) continue;
    const auto touches = [&](const solana::AccountMeta& meta) { return meta.key == lease; };
    if (std::none_of(instruction.accounts.begin(), instruction.accounts.end(), touches)) continue;
    Call call;
    call.tag = static_cast<escrow::Tag>(instruction.data[0]);
    if (call.tag == escrow::Tag::stop && instruction.data.size() == escrow::kStopLength) {
      call.how = static_cast<escrow::StopHow>(instruction.data[1] & 3);
    }
    // cancel: lease, renter.
    call.renter_signed = call.tag == escrow::Tag::cancel && instruction.accounts.size() == 2 &&
                         instruction.accounts[1].signer;
    out.push_back(call);
  }
  return out;
}

}  // namespace

std::vector<escrow::Event> events_in(const std::vector<std::string>& logs,
                                     const base::PublicKey& program) {
  std::vector<escrow::Event> out;
  std::vector<std::string> stack;
  const std::string ours = program.to_string();
  for (const std::string& line : logs) {
    const std::string_view text(line);
    if (text.starts_with(kData)) {
      if (stack.empty() || stack.back() != ours) continue;
      const auto bytes = base::from_base64(text.substr(kData.size()));
      if (!bytes) continue;
      if (const auto event = escrow::parse_event(*bytes)) out.push_back(*event);
      continue;
    }
    if (!text.starts_with(kProgram)) continue;
    // "Program <id> invoke [1]", "Program <id> success", "Program <id> failed: ..."; a program
    // cannot write these itself: what it logs begins with "Program log:" or "Program data:".
    const std::string_view rest = text.substr(kProgram.size());
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) continue;
    const std::string_view what = rest.substr(space + 1);
    if (what.starts_with("invoke [") && stack.size() < kMaxDepth) {
      stack.emplace_back(rest.substr(0, space));
    } else if (!stack.empty() && stack.back() == rest.substr(0, space) &&
               (what == "success" || what.starts_with("failed"))) {
      stack.pop_back();
    }
  }
  return out;
}

std::vector<lease::ChainStep> steps_in(const ports::TransactionRecord& record,
                                       const base::PublicKey& program,
                                       const base::PublicKey& lease) {
  std::vector<lease::ChainStep> out;
  if (record.error) return out;
  const auto transaction = solana::decode_transaction(record.wire);
  if (!transaction) return out;
  const auto calls = calls_in(*transaction, program, lease);
  auto next = calls.begin();
  for (const escrow::Event& event : events_in(record.logs, program)) {
    if (escrow::to_public_key(event.lease) != lease) continue;
    lease::ChainStep step;
    step.signature = record.signature;
    step.slot = record.slot;
    step.event = event;
    const auto call =
        std::find_if(next, calls.end(), [&](const Call& c) { return c.tag == event.tag; });
    if (call != calls.end()) {
      step.how = call->how;
      step.renter_signed = call->renter_signed;
      next = call + 1;
    }
    out.push_back(step);
  }
  return out;
}

base::Result<History> read_history(ports::Chain& chain, const base::PublicKey& program,
                                   const base::PublicKey& lease, std::uint64_t opened_slot,
                                   const std::function<bool()>& stop) {
  TRY(auto signatures, chain.signatures_for(lease, kMaxSignatures));
  std::reverse(signatures.begin(), signatures.end());
  History out;
  out.whole = signatures.size() < kMaxSignatures;
  for (const base::Signature& signature : signatures) {
    if (stop()) {
      out.whole = false;
      return out;
    }
    TRY(const auto record, chain.transaction(signature));
    if (!record || record->slot < opened_slot) continue;
    for (lease::ChainStep& step : steps_in(*record, program, lease)) {
      if (out.steps.empty() && step.event.tag != escrow::Tag::open) continue;
      out.steps.push_back(step);
      if (step.event.state == escrow::State::closed) return out;
    }
  }
  return out;
}

}  // namespace obelisk::engine
