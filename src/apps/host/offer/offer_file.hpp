// What `obelisk-host list` set: a small file in the state folder that the running host looks at. It
// goes before the settings and outlives restarts. When it takes nothing more is a drain's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::host {

struct OfferWords {
  std::optional<std::uint64_t> micro_usd_per_hour;  // for one card; nothing: the settings'
  std::optional<std::uint32_t> min_seconds;         // of a lease when it is bought; nothing: 60

  bool operator==(const OfferWords&) const = default;
};

// "1" to "525600": whole minutes, as seconds.
base::Result<std::uint32_t> min_seconds_from(std::string_view minutes);

base::Result<void> write_offer(const std::filesystem::path& state_dir, const OfferWords& words);
// All nothing where there is no file. One that cannot be read is an error: a floor must not go
// unseen.
base::Result<OfferWords> read_offer(const std::filesystem::path& state_dir);

}  // namespace obelisk::host
