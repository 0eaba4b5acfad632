// Wanted: what a quote looks for, as a query of the index, so that among many offers the cheapest
// that fits is found without a look at each. It must never find what market::matching would not.
#pragma once

#include "core/market/book.hpp"
#include "core/market/search/query.hpp"

namespace obelisk::market::search {

Query query_of(const Search& wanted);

}  // namespace obelisk::market::search
