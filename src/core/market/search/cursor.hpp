// Cursor: where a page ended, as text that goes out and comes back. It names values and an id,
// never a position, so that what appears or vanishes between two pages moves nothing else. Texts
// from outside: it must never be believed further than that it is a place in this very order.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/market/search/entry.hpp"

namespace obelisk::market::search {

inline constexpr std::size_t kMaxCursorBytes = 1200;

std::string cursor_text(const Place& place, const std::vector<SortKey>& sort);
// Nothing for a text that is no cursor of that sort order.
std::optional<Place> read_cursor(std::string_view text, const std::vector<SortKey>& sort);

}  // namespace obelisk::market::search
