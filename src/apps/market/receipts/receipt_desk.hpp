// ReceiptDesk: what a lease came to, as the file that `obelisk receipt --verify` checks, read from
// the market's node. Each is read by one thread at a time and kept: a final one for good, another
// for seconds. It must never take a figure from the market's own record, nor read more for anybody
// than the bounds below. Any thread may call.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/result.hpp"
#include "core/lease/record.hpp"
#include "core/papers/receipt_file.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"

namespace obelisk::market_app {

// Anybody may send dust to an address: a rental has a handful of transactions of its own.
inline constexpr std::size_t kMostTransactionsRead = 100;
inline constexpr std::size_t kMostReceiptsKept = 200;
// Of these, strangers to the lease get half: renters and hosts are never kept out by them.
inline constexpr std::size_t kMostReceiptsAtOnce = 4;
// What may still change, or could not be made, is not asked for again before that.
inline constexpr std::int64_t kReceiptFreshMs = 5'000;

class ReceiptDesk {
 public:
  // The genesis hash of the node's network.
  using Network = std::function<base::Result<base::Hash>()>;

  // `chain` and `clock` must outlive it.
  ReceiptDesk(ports::Chain& chain, ports::Clock& clock, const base::PublicKey& program,
              Network network)
      : chain_(chain), clock_(clock), program_(program), ask_network_(std::move(network)) {}

  // `whole`: for who may see all, with the terms and their signature. conflict where nothing was
  // paid; refused where too much happened at the address; rate_limited where it is being read for
  // somebody else, or too many are; unreachable where the node does not have all of it.
  base::Result<papers::ReceiptFile> receipt(const lease::Record& record, bool whole);

 private:
  using Read = base::Result<papers::ReceiptFile>;  // without terms
  struct Kept {
    Read read;
    std::uint64_t version = 0;  // of the record
    std::int64_t at_ms = 0;     // steady
    bool is_final = false;
  };
  // Nothing: it is to be read, and a place for that is taken.
  base::Result<std::optional<Read>> kept_or_begin(const lease::Record& record, bool whole);
  void keep(const lease::Record& record, const Read& read);
  Read read(const lease::Record& record);
  base::Result<base::Hash> network();

  ports::Chain& chain_;
  ports::Clock& clock_;
  const base::PublicKey program_;
  const Network ask_network_;
  std::mutex mutex_;
  std::optional<base::Hash> network_;  // guarded by mutex_, as all below
  std::map<std::string, Kept> kept_;   // by quote
  std::deque<std::string> order_;      // of kept_, the oldest first
  std::set<std::string> reading_;      // by quote
};

}  // namespace obelisk::market_app
