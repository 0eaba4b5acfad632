#include "core/tunnel/public_ports.hpp"

#include <algorithm>

#include "base/canonical_json.hpp"
#include "core/market/canonical_reader.hpp"

namespace obelisk::tunnel {
namespace {

using base::CanonicalJson;
using base::Code;
using base::Error;

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kPassText = 108;

// Of two signed in the same second the one that closes counts.
bool is_later(const Pass& pass, const Pass& kept) {
  return pass.from_s > kept.from_s ||
         (pass.from_s == kept.from_s && pass.audience == Audience::nobody);
}

}  // namespace

base::Result<PublicPorts> PublicPorts::from(std::string_view text) {
  const Error bad{Code::invalid_input, "These are no public ports.", "Remove the file."};
  PublicPorts out;
  market::CanonicalReader reader(text);
  reader.begin_object();
  reader.field("ports");
  reader.begin_array();
  while (reader.next_item()) {
    reader.begin_object();
    reader.field("lease");
    const auto lease = reader.key();
    reader.field("pass");
    const auto pass = pass_from(reader.text(kPassText));
    reader.field("port");
    const auto port = static_cast<std::uint16_t>(reader.integer(1, UINT16_MAX));
    reader.end_object();
    const Key key{lease, port};
    const bool is_next = out.kept_.empty() || out.kept_.rbegin()->first < key;
    if (!reader.ok() || !pass || !is_next || out.kept_.size() == kMaxPublicPorts) return bad;
    out.kept_.emplace(key, *pass);
  }
  reader.field("version");
  reader.integer(kVersion, kVersion);
  reader.end_object();
  if (!reader.at_end()) return bad;
  return out;
}

std::string PublicPorts::text() const {
  CanonicalJson::Array ports;
  for (const auto& [key, pass] : kept_) {
    ports.push_back(CanonicalJson::Object{{"lease", key.first.to_string()},
                                          {"pass", to_text(pass)},
                                          {"port", std::uint32_t{key.second}}});
  }
  return CanonicalJson(CanonicalJson::Object{{"ports", std::move(ports)},
                                             {"version", static_cast<std::int64_t>(kVersion)}})
      .text();
}

base::Result<void> PublicPorts::keep(
    const base::PublicKey& lease, std::uint16_t port, const Pass& pass, base::UnixSeconds now_s,
    const std::function<bool(const base::PublicKey& lease)>& is_here) {
  drop_over(now_s);
  if (const auto at = kept_.find({lease, port}); at != kept_.end()) {
    if (at->second == pass) return {};
    if (!is_later(pass, at->second)) {
      return Error{Code::conflict, "A later word of the renter's is kept here.",
                   "Sign a new one; check this machine's clock."};
    }
    at->second = pass;
    return {};
  }
  const auto own =
      std::ranges::count_if(kept_, [&](const auto& one) { return one.first.first == lease; });
  if (static_cast<std::size_t>(own) >= kMaxPublicPortsPerLease) {
    return Error{Code::rate_limited, "A lease has at most 16 public ports.",
                 "Take one back, or use a link."};
  }
  if (kept_.size() >= kMaxPublicPorts) {
    std::erase_if(kept_, [&](const auto& one) { return !is_here(one.first.first); });
  }
  if (kept_.size() >= kMaxPublicPorts) {
    return Error{Code::rate_limited, "This gateway keeps no more public ports.", "Use a link."};
  }
  kept_.emplace(Key{lease, port}, pass);
  return {};
}

std::optional<Pass> PublicPorts::everybodys(const base::PublicKey& lease, std::uint16_t port,
                                            base::UnixSeconds now_s) const {
  const auto at = kept_.find({lease, port});
  const bool is_open =
      at != kept_.end() && at->second.audience == Audience::everybody && now_s < at->second.until_s;
  return is_open ? std::optional(at->second) : std::nullopt;
}

void PublicPorts::drop_over(base::UnixSeconds now_s) {
  std::erase_if(kept_, [&](const auto& one) { return now_s >= one.second.until_s; });
}

}  // namespace obelisk::tunnel
