// What this host offers and what the market shows of it, for a terminal and as JSON. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/types.hpp"
#include "base/time.hpp"
#include "core/host/advice.hpp"

namespace obelisk::host {

struct OfferReport {
  bool running = false;
  std::uint64_t micro_usd_per_hour = 0;  // 0: not known
  bool is_set = false;                   // by `list`, not by the settings
  std::uint32_t min_seconds = 60;
  std::uint32_t max_seconds = 0;
  std::optional<base::UnixSeconds> until_s;
  bool is_drained = false;  // that time has come
  // Of this host, with a free card; nothing: the market was not asked, or `trouble` says why not.
  std::optional<std::vector<api::Offer>> shown;
  std::string trouble;
  std::optional<Advice> advice;  // of what others ask
};

std::vector<std::string> to_lines(const OfferReport& report);
// {running, micro_usd_per_hour, set_by, min_seconds, max_seconds, until, market[{offer, card, free,
// listed, micro_usd_per_hour, min_seconds, max_seconds}], advice{others, least_micro_usd,
// most_micro_usd, rented, median_lamports, median_micro_usd, listed, taken}}; what is not known is
// null.
std::string to_json(const OfferReport& report);

}  // namespace obelisk::host
