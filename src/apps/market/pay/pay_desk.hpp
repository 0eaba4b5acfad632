// PayDesk: wishes that a phone's wallet pays (Solana Pay, transaction requests). A page that has no
// wallet says what it wants and shows a QR code; the wallet that scans it gets a quote of its own
// and signs it; whoever has the wish's secret sees what became of it. Any thread may call. It must
// never hold a card before a wallet asked, nor tell of a lease without the secret.
//
// The secret shows the way into one lease. Who has it is who put the ssh key into the wish, so it
// opens nothing that they could not open anyway; it moves no money and names no other lease.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "api/types.hpp"
#include "apps/market/quote_desk.hpp"
#include "base/bytes.hpp"
#include "core/identity/origins.hpp"

namespace obelisk::market_app {

inline constexpr std::int64_t kPayLifeMs = 600'000;         // for a wallet to answer
inline constexpr std::int64_t kPayKeptMs = 24 * 3'600'000;  // for the page to look
inline constexpr std::size_t kMaxPays = 4'000;
inline constexpr std::size_t kPaysPerAddress = 20;  // that are not over
inline constexpr std::size_t kWalletsPerPay = 3;    // that get a quote for one wish

class PayDesk {
 public:
  // Everything must outlive it.
  PayDesk(QuoteDesk& quotes, engine::Leases& leases, ports::Store& store, ports::Clock& clock)
      : quotes_(quotes), leases_(leases), store_(store), clock_(clock) {}

  // `origin`: how the page reached us, and the phone will. rate_limited beyond the bounds.
  base::Result<api::PayTicket> begin(api::PayRequest wish, const identity::Origin& origin,
                                     const std::string& remote_address);
  // Whether a wallet may still ask; not_found or expired otherwise.
  base::Result<void> check(const std::string& pay);
  // For the wallet that scanned: its quote over a fresh blockhash. conflict once one has paid.
  base::Result<api::PayTransaction> build(const std::string& pay, const base::PublicKey& account,
                                          const std::string& remote_address);
  // forbidden without the secret.
  base::Result<api::PayState> state(const std::string& pay, std::string_view secret);
  // To be called every second or so.
  void sweep();

 private:
  struct Asked {
    base::PublicKey account;
    std::string quote;  // its newest
  };
  struct Wish {
    api::PayRequest wanted;
    base::Hash secret_hash;
    std::string address;        // who asked for it, as a group
    std::int64_t begun_ms = 0;  // steady
    std::vector<Asked> asked;
    bool is_paid = false;
  };
  base::Result<Wish> find(const std::string& pay);
  base::Result<api::Quote> quote_for(const Wish& wish, const base::PublicKey& account,
                                     const std::string& remote_address);
  base::Result<std::optional<lease::Record>> paid(const Wish& wish);

  QuoteDesk& quotes_;
  engine::Leases& leases_;
  ports::Store& store_;
  ports::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Wish> wishes_;  // by id; guarded by mutex_
};

}  // namespace obelisk::market_app
