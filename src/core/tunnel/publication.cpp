#include "core/tunnel/publication.hpp"

#include <algorithm>

#include "base/crypto.hpp"
#include "core/market/terms.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::tunnel {
namespace {

base::Error refused(const char* why) {
  return {base::Code::refused, why, "Check which market this host and this gateway serve."};
}

}  // namespace

base::Result<PublishedLease> check_publish(const Publish& what, const base::PublicKey& host,
                                           const std::vector<base::PublicKey>& attestors,
                                           base::UnixSeconds now_s) {
  const auto terms = market::read_terms(what.terms);
  if (!terms) return refused("The terms are none.");
  if (std::ranges::find(attestors, terms->attestor) == attestors.end()) {
    return refused("The quote is of an attestor that this gateway does not serve.");
  }
  if (!market::verify_quote(what.terms, terms->attestor, what.quote_signature)) {
    return refused("The quote is not signed by its attestor.");
  }
  if (terms->host != host) return refused("The lease is another host's.");
  const auto lease = settlement::lease_address(terms->program, terms->renter, terms->nonce);
  if (lease.address != what.lease) return refused("The quote is another lease's.");
  const auto over_s =
      terms->expires_at + base::UnixSeconds{terms->max_seconds} + kAfterTheLastSecondS;
  if (now_s >= over_s) return refused("The lease of that quote is long over.");
  std::vector<std::uint16_t> ports{market::kSshPort};
  for (const std::uint16_t port : terms->ports) {
    if (std::ranges::find(ports, port) == ports.end()) ports.push_back(port);
  }
  return PublishedLease{terms->renter, std::move(ports), over_s};
}

std::optional<std::uint16_t> choose_port(const base::PublicKey& lease, std::uint16_t wanted,
                                         const PortRange& range,
                                         const std::function<bool(std::uint16_t)>& is_free) {
  const auto is_inside = wanted >= range.first && wanted <= range.last && wanted != 0;
  if (is_inside && is_free(wanted)) return wanted;
  const std::uint32_t count = std::uint32_t{range.last} - range.first + 1;
  const auto digest = base::sha256(lease.view());
  base::Reader reader(digest.view());
  const std::uint32_t start = reader.u32() % count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(range.first + (start + i) % count);
    if (!(is_inside && port == wanted) && is_free(port)) return port;
  }
  return std::nullopt;
}

}  // namespace obelisk::tunnel
