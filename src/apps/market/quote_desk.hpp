// Makes quotes: finds the offer, builds and signs the terms, holds the cards, and puts a fresh
// transaction beside them. Any thread may call. It must never hand out a quote that the engine does
// not know of, nor hold more cards for one person than a person needs.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/types.hpp"
#include "apps/market/engine/attestors.hpp"
#include "apps/market/engine/seams.hpp"
#include "apps/market/offer_desk.hpp"
#include "apps/market/quote_draft.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"
#include "ports/price_source.hpp"
#include "ports/store.hpp"

namespace obelisk::market_app {

inline constexpr std::size_t kMaxQuotesPerRenter = 3;
inline constexpr std::size_t kMaxQuotesPerAddress = 20;
// That an address gives up within a minute: no more than it could leave unpaid.
inline constexpr std::size_t kMaxGivenUpPerAddress = 20;
inline constexpr base::UnixSeconds kLeastTimeToPayS = 20;
// A wallet's first unpaid quote of a kind of card is always made. With those that follow it holds
// no more than this part of what would be free without them; an address, whoever asks from there,
// no more than that one.
inline constexpr std::uint64_t kWalletsPart = 4;
inline constexpr std::uint64_t kAddressesPart = 2;

// Whether so many more cards of a kind may be held, unpaid, beside those that are.
bool may_hold(std::uint64_t held, std::uint64_t more, std::uint64_t free, std::uint64_t part);

// Which accounts of which program this market stands on.
struct Identity {
  base::PublicKey program;
  base::PublicKey market;
  bool local = false;
};

class QuoteDesk {
 public:
  // Everything must outlive it.
  struct Parts {
    engine::Leases& leases;
    ports::Store& store;
    ports::Chain& chain;
    ports::PriceSource& prices;
    engine::Attestors attestors;
    ports::Clock& clock;
    OfferDesk& offers;
    const Refusals* refusals = nullptr;  // without it nobody is refused
  };
  QuoteDesk(Parts parts, Identity identity) : parts_(std::move(parts)), identity_(identity) {}

  base::Result<api::Quote> create(api::QuoteRequest request, const std::string& remote_address);
  // The same quote over a fresh blockhash.
  base::Result<api::Quote> again(const std::string& quote_id);
  // Its cards are free again. Only for its renter (`wallet`), or from the address that asked for
  // it: a quote's id stands in the payment, which others see before it lands. conflict where it was
  // given to two who asked the same; rate_limited where an address gives up too many. No error
  // where it had ended unpaid already.
  base::Result<void> give_up(const std::string& quote_id,
                             const std::optional<base::PublicKey>& wallet,
                             const std::string& remote_address);

 private:
  // What a wallet and an address hold unpaid, where that is less than they may.
  base::Result<std::vector<ports::OpenQuote>> check_caps(const base::PublicKey& renter,
                                                         const std::string& remote_address);
  base::Result<void> check_part(const std::vector<ports::OpenQuote>& open,
                                const QuoteInputs& inputs);
  base::Result<QuoteInputs> prepare(api::QuoteRequest request, const std::string& remote_address);
  using Offers = std::vector<market::search::EntryPointer>;
  // What fits, by what it costs in all: the disk has a price too. Without hosts that this renter
  // cannot rent from: parties of the lease, and wallets that were found too empty just now.
  Offers by_price(const market::Search& search, const QuoteInputs& inputs);
  // The first whose host has a wallet that can be paid; nothing where none of them has.
  base::Result<std::optional<market::Offer>> first_payable(const Offers& offers,
                                                           const QuoteInputs& inputs);
  base::Result<api::Quote> hold(const QuoteInputs& inputs);
  // The quotes of one wallet and those of one address are written one after the other, so that two
  // at once cannot both be within the bounds.
  base::Result<void> write(const QuoteInputs& inputs, const lease::Quote& quote);
  base::Result<void> add_transaction(api::Quote& quote, const escrow::Open& open);
  // A person who looks at the price and then pays asks twice: the same request gets the same quote
  // as long as there is time to pay it, instead of holding a second card.
  std::optional<std::string> quoted_already(const api::QuoteRequest& request);
  // The same after a restart, when nobody remembers how it was asked: by what the quote says.
  std::optional<std::string> quoted_before(const api::QuoteRequest& request);
  bool can_be_served(const lease::Record& record);
  void mark_shared(const std::string& quote_id, const base::PublicKey& renter);
  void remember(const lease::Quote& quote, const api::QuoteRequest& request);

  Parts parts_;
  const Identity identity_;
  std::array<std::mutex, 64> turns_;
  std::mutex mutex_;
  struct OpenQuote {
    std::string id;
    base::UnixSeconds expires_at_s = 0;
    std::string asked;    // the request, as it was understood
    bool shared = false;  // handed out more than once
  };
  bool may_give_up(const lease::Quote& quote, const std::optional<base::PublicKey>& wallet,
                   const std::string& remote_address) const;
  base::Result<void> check_given_up(const lease::Quote& quote, const std::string& remote_address);

  // What each renter was quoted in the last minute. Guarded by mutex_.
  std::map<base::PublicKey, std::vector<OpenQuote>> latest_;
  // Hosts whose wallet held too little to be paid, and when that was seen. Else a few hosts without
  // a lamport, cheaper than everybody, would stand before all others. Guarded by mutex_.
  std::map<base::PublicKey, std::int64_t> empty_;
  // When each address gave up quotes in the last minute: each left a record. Guarded by mutex_.
  std::map<std::string, std::deque<std::int64_t>> given_up_ms_;
};

}  // namespace obelisk::market_app
