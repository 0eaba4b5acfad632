// PublicPorts: what a gateway keeps of the renters' word that everybody may visit a port, or may
// not any more. Whoever hands a pass in has checked it. A word that was signed later stands in the
// place of an earlier one; "nobody" is kept as well, so that the earlier one cannot be handed in
// again. It must never grow beyond its bounds.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "core/tunnel/pass.hpp"

namespace obelisk::tunnel {

inline constexpr std::size_t kMaxPublicPortsPerLease = 16;
inline constexpr std::size_t kMaxPublicPorts = 4'096;

class PublicPorts {
 public:
  // What was written before; invalid_input for any other text.
  static base::Result<PublicPorts> from(std::string_view text);
  std::string text() const;  // canonical JSON

  // conflict where a later word is kept, rate_limited beyond the bounds. Where it is full, ports of
  // leases that are not here make room.
  base::Result<void> keep(const base::PublicKey& lease, std::uint16_t port, const Pass& pass,
                          base::UnixSeconds now_s,
                          const std::function<bool(const base::PublicKey& lease)>& is_here);
  // The pass that lets everybody in.
  std::optional<Pass> everybodys(const base::PublicKey& lease, std::uint16_t port,
                                 base::UnixSeconds now_s) const;
  std::size_t size() const { return kept_.size(); }

 private:
  using Key = std::pair<base::PublicKey, std::uint16_t>;
  void drop_over(base::UnixSeconds now_s);
  std::map<Key, Pass> kept_;
};

}  // namespace obelisk::tunnel
