// The parameters of a request's query, read once and the same way everywhere; and pages of lists
// that are ordered by time. It must never leave out a parameter that it cannot read: that would
// answer another question.
#pragma once

#include <optional>
#include <string>

#include "adapters/http/message.hpp"
#include "base/result.hpp"
#include "ports/list_place.hpp"

namespace obelisk::market_app {

inline constexpr std::size_t kUsualPage = 100;
inline constexpr std::size_t kMostPage = 500;

// Nothing where it is absent; invalid_input where it is there and cannot be decoded.
base::Result<std::optional<std::string>> parameter(const http::Request& request,
                                                   const std::string& name);
// From 1 to `most`.
base::Result<std::optional<std::size_t>> number_from(const http::Request& request,
                                                     const std::string& name, std::size_t most);

// `limit` and `cursor`.
struct PageAsked {
  std::size_t limit = kUsualPage;
  std::optional<ports::ListPlace> after;
};
base::Result<PageAsked> page_from(const http::Request& request);
std::string cursor_of(const ports::ListPlace& place);

}  // namespace obelisk::market_app
