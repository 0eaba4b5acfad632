// The trail of a lease: what happened to it, from the rows that nothing changes or removes.
#include <charconv>

#include "apps/market/handlers.hpp"
#include "apps/market/lease_view.hpp"
#include "base/time.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr std::uint64_t kUsualLimit = 100;
constexpr std::uint64_t kMostLimit = 500;

base::Result<std::uint64_t> number_or(const http::Request& request, const char* name,
                                      std::uint64_t otherwise, std::uint64_t least,
                                      std::uint64_t most) {
  const auto text = request.query_value(name);
  if (!text) return otherwise;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool whole = error == std::errc{} && end == text->data() + text->size();
  if (whole && value >= least && value <= most) return value;
  return Error{Code::invalid_input, std::string("`") + name + "` makes no sense here.",
               "limit is 1 to 500; cursor is `next` of the page before."};
}

// The transaction that made it so, as the record has it now.
std::optional<base::Signature> signature_of(const std::string& kind, const lease::Life& life) {
  if (kind == "open_seen" || kind == "open_confirmed") return life.open_signature;
  if (kind == "ready_confirmed") return life.ready_signature;
  if (kind == "closed" || kind == "ended") return life.stop_signature;
  return std::nullopt;
}

}  // namespace

Answer list_trail(const Desk& desk, const std::string& lease, const http::Request& request,
                  const Caller& caller) {
  TRY(const auto address, address_from(lease, "lease"));
  TRY(const auto limit, number_or(request, "limit", kUsualLimit, 1, kMostLimit));
  TRY(const auto after, number_or(request, "cursor", 0, 0, std::uint64_t{1} << 62));
  TRY(const auto record, desk.leases.record(address));
  if (!record) {
    return Error{Code::not_found, "This market knows no lease " + lease + ".",
                 "Check the address: a lease made elsewhere can be read from the chain."};
  }
  TRY_VOID(check_may_see_all(caller, record->quote.renter, record->quote.host));
  TRY(const auto rows, desk.store.events_after(address, after));
  api::Trail out;
  out.lease = address;
  for (const ports::LeaseEventRow& row : rows) {
    if (out.entries.size() == limit) {
      out.next = std::to_string(out.entries.back().seq);
      break;
    }
    out.entries.push_back({row.seq, base::to_rfc3339(row.at_ms), row.kind, row.message,
                           signature_of(row.kind, record->life)});
  }
  return json_response(200, api::to_json(out));
}

}  // namespace obelisk::market_app
