// What a request asks of the offers: `q` and `sort`, read in the language of docs/search.md. Where
// they cannot be read, the answer says in which of them and where.
#pragma once

#include <variant>
#include <vector>

#include "adapters/http/message.hpp"
#include "api/types.hpp"
#include "base/result.hpp"
#include "core/market/search/entry.hpp"

namespace obelisk::market_app {

struct OfferQuery {
  market::search::Query query;
  std::vector<market::search::SortKey> sort;
};

// The query, or the problem to answer with.
base::Result<std::variant<OfferQuery, http::Response>> read_offer_query(
    const http::Request& request);

// What is found, as the API shows it.
api::Offer to_api(const market::search::Entry& entry, std::uint64_t micro_usd_per_sol);

}  // namespace obelisk::market_app
