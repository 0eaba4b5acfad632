#include "apps/market/receipts/receipt_desk.hpp"

#include "core/papers/receipt.hpp"
#include "ports/address_records.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

Error unpaid() {
  return {Code::conflict, "Nothing was paid for this lease: it has no receipt.",
          "Rent, and ask again."};
}

std::string from_a_node(const std::string& lease) {
  return "Read it from a node: obelisk receipt " + lease + " --save FILE";
}

Error busy() {
  return {Code::rate_limited, "This market reads other receipts just now.",
          "Ask again in a second."};
}

// Whoever asks over the API asked nothing wrong, and can name no other node here.
Error not_whole(const Error& why, const std::string& lease) {
  return {Code::unreachable, "The market's node does not show all of this lease: " + why.message,
          "Ask again in a minute. " + from_a_node(lease)};
}

// A nonce whose lease is closed may be used again.
Error of_another_lease(const std::string& lease) {
  return {Code::conflict, "Another lease was opened at this address since.", from_a_node(lease)};
}

Error too_much(const std::string& lease) {
  return {Code::refused,
          "More than " + std::to_string(kMostTransactionsRead) +
              " transactions name this lease's address; the market does not read them all.",
          from_a_node(lease)};
}

}  // namespace

base::Result<papers::ReceiptFile> ReceiptDesk::receipt(const lease::Record& record, bool whole) {
  const lease::Life& life = record.life;
  if (life.opened_slot == 0 && !life.open_signature) return unpaid();
  TRY(const auto kept, kept_or_begin(record, whole));
  const Read found = kept ? *kept : read(record);
  if (!kept) keep(record, found);
  if (!found) return found.error();
  papers::ReceiptFile file = *found;
  if (whole) {
    file.terms = record.quote.terms;
    file.quote_signature = record.quote.signature;
    file.attestor = record.quote.attestor;
  }
  if (life.attestation) {
    file.attestations = {{record.quote.attestor, life.opened_slot, life.attestation->alive_until,
                          life.attestation->signature}};
  }
  return file;
}

base::Result<std::optional<ReceiptDesk::Read>> ReceiptDesk::kept_or_begin(
    const lease::Record& record, bool whole) {
  const std::lock_guard lock(mutex_);
  const auto at = kept_.find(record.quote.id);
  if (at != kept_.end()) {
    const bool is_fresh = at->second.version == record.life.version &&
                          clock_.steady_ms() - at->second.at_ms < kReceiptFreshMs;
    if (at->second.is_final || is_fresh) return std::optional(at->second.read);
  }
  const std::size_t most = whole ? kMostReceiptsAtOnce : kMostReceiptsAtOnce / 2;
  if (reading_.size() >= most || !reading_.insert(record.quote.id).second) return busy();
  return std::optional<Read>();
}

void ReceiptDesk::keep(const lease::Record& record, const Read& read) {
  const bool is_final = read && read->closed && record.life.state == lease::State::ended;
  const std::lock_guard lock(mutex_);
  reading_.erase(record.quote.id);
  Kept kept{read, record.life.version, clock_.steady_ms(), is_final};
  const bool is_new = kept_.insert_or_assign(record.quote.id, std::move(kept)).second;
  if (!is_new) return;
  order_.push_back(record.quote.id);
  if (order_.size() <= kMostReceiptsKept) return;
  kept_.erase(order_.front());
  order_.pop_front();
}

ReceiptDesk::Read ReceiptDesk::read(const lease::Record& record) {
  const std::string name = record.quote.lease.to_string();
  TRY(const auto signatures, chain_.signatures_for(record.quote.lease, kMostTransactionsRead + 1));
  if (signatures.size() > kMostTransactionsRead) return too_much(name);
  const auto records = ports::records_of(chain_, signatures);
  if (!records) return not_whole(records.error(), name);
  const auto receipt = papers::make_receipt(record.quote.lease, program_, *records);
  if (!receipt) return not_whole(receipt.error(), name);
  if (base::to_hex(receipt->terms_hash.view()) != record.quote.id) return of_another_lease(name);
  papers::PaperExtras extras;
  TRY(extras.network, network());
  const auto file = papers::make_receipt_file(*receipt, *records, std::move(extras));
  if (!file) return not_whole(file.error(), name);
  return *file;
}

base::Result<base::Hash> ReceiptDesk::network() {
  {
    const std::lock_guard lock(mutex_);
    if (network_) return *network_;
  }
  TRY(const base::Hash found, ask_network_());
  const std::lock_guard lock(mutex_);
  network_ = found;
  return found;
}

}  // namespace obelisk::market_app
