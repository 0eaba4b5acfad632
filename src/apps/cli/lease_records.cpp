#include "apps/cli/lease_records.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/papers/opening.hpp"
#include "core/papers/receipt_file.hpp"
#include "ports/address_records.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr int kTries = 50;
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

base::Result<std::vector<ports::TransactionRecord>> lease_records(ports::Chain& chain,
                                                                  const base::PublicKey& lease) {
  TRY(const auto signatures, chain.signatures_for(lease, papers::kMaxReceiptTransactions));
  return ports::records_of(chain, signatures);
}

base::Result<papers::Receipt> receipt_from(const base::PublicKey& lease,
                                           const std::vector<ports::TransactionRecord>& records,
                                           const std::optional<base::PublicKey>& program) {
  if (records.empty()) {
    return Error{Code::not_found, "The node knows no transaction of " + lease.to_string() + ".",
                 "Check the address and --rpc-url."};
  }
  const auto opening = papers::latest_opening(lease, records);
  if (!program && !opening) {
    return Error{Code::not_found, "No transaction here opens a lease at " + lease.to_string() + ".",
                 "Check the address, or name its program: --program"};
  }
  return papers::make_receipt(lease, program ? *program : opening->program, records);
}

base::Result<papers::Receipt> read_receipt(ports::Chain& chain, const base::PublicKey& lease,
                                           const std::optional<base::PublicKey>& program) {
  TRY(const auto records, lease_records(chain, lease));
  return receipt_from(lease, records, program);
}

base::Result<papers::Receipt> read_receipt_with(Session& session, const base::PublicKey& lease,
                                                const base::PublicKey& program,
                                                const base::Signature& expected) {
  TRY(ports::Chain * chain, session.chain());
  for (int tries = 1;; ++tries) {
    const auto records = lease_records(*chain, lease);
    const bool whole =
        records && std::any_of(records->begin(), records->end(),
                               [&](const auto& record) { return record.signature == expected; });
    if (!records && tries == kTries) return records.error();
    if (whole || tries == kTries) return receipt_from(lease, *records, program);
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace obelisk::cli
