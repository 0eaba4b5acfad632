#include "apps/host/status/lease_row.hpp"

#include <algorithm>

#include "base/canonical_json.hpp"
#include "base/time.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/market/terms.hpp"

namespace obelisk::host {
namespace {

const char* words_of(escrow::State state) {
  switch (state) {
    case escrow::State::funded: return "paid";
    case escrow::State::active: return "running";
    case escrow::State::closing: return "contested";
    case escrow::State::closed: return "closed";
  }
  return "";
}

const char* words_of(api::Wanted want) {
  switch (want) {
    case api::Wanted::running: return "running";
    case api::Wanted::open: return "open";
    case api::Wanted::gone: return "gone";
  }
  return "";
}

// What the program would pay this host if the lease ended with what is proven.
std::optional<base::Lamports> earned_by(const escrow::Lease& lease, base::UnixSeconds proven_s) {
  const base::UnixSeconds served = proven_s - lease.started_at;
  if (lease.started_at == 0 || served <= 0) return base::Lamports{0};
  std::uint64_t all = 0;
  std::uint64_t fee = 0;
  if (!escrow::earned(lease.rate, static_cast<std::uint64_t>(served), all) ||
      !escrow::fee(all, lease.fee_bps, fee)) {
    return std::nullopt;
  }
  return base::Lamports{all - fee};
}

std::string line_of(const LeaseRow& row) {
  std::string out = "  " + row.lease.to_string() + "  " + std::to_string(row.count) + " x " +
                    (row.card.empty() ? "?" : row.card);
  if (!row.state) return out + ", not read from the chain";
  out += std::string(", ") + words_of(*row.state);
  if (row.earned) out += ", earned " + base::to_sol_text(*row.earned);
  if (row.proven_until_s) out += ", proven until " + base::to_rfc3339_seconds(*row.proven_until_s);
  if (row.ends_at_s) out += ", ends " + base::to_rfc3339_seconds(*row.ends_at_s);
  return out;
}

}  // namespace

LeaseRow row_of(const LeaseRecord& record, const std::optional<escrow::Lease>& account) {
  LeaseRow out;
  out.lease = record.wish.lease;
  out.want = record.wish.want;
  if (const auto terms = market::read_terms(record.wish.terms.value_or(""))) {
    out.card = terms->card;
    out.count = static_cast<std::uint32_t>(terms->cards.size());
  }
  if (record.attestation) {
    out.proven_until_s = static_cast<base::UnixSeconds>(record.attestation->alive_until);
  }
  if (!account) return out;
  out.state = account->state;
  if (account->started_at == 0) {
    out.earned = base::Lamports{0};
    return out;
  }
  out.started_at_s = account->started_at;
  out.ends_at_s = account->started_at + account->seconds;
  const base::UnixSeconds limit =
      account->state == escrow::State::closing ? account->stopped_at : *out.ends_at_s;
  const base::UnixSeconds proven_s =
      std::min(limit, std::max(account->proven_until, out.proven_until_s.value_or(0)));
  out.proven_until_s = proven_s;
  out.earned = earned_by(*account, proven_s);
  return out;
}

std::string to_json(const Status& status) {
  std::vector<std::string> fields;
  using base::CanonicalJson;
  const auto text = [](const std::string& value) { return CanonicalJson(value).text(); };
  const auto text_or_null = [&](const std::string& value) {
    return value.empty() ? std::string("null") : text(value);
  };
  const auto time = [&](const std::optional<base::UnixSeconds>& value) {
    return value ? text(base::to_rfc3339_seconds(*value)) : std::string("null");
  };
  std::string rows;
  for (const LeaseRow& row : status.leases) {
    rows +=
        std::string(rows.empty() ? "" : ",") + "{\"lease\":" + text(row.lease.to_string()) +
        ",\"card\":" + text_or_null(row.card) + ",\"count\":" + std::to_string(row.count) +
        ",\"want\":" + text(words_of(row.want)) +
        ",\"state\":" + (row.state ? text(words_of(*row.state)) : "null") +
        ",\"started_at\":" + time(row.started_at_s) +
        ",\"proven_until\":" + time(row.proven_until_s) + ",\"ends_at\":" + time(row.ends_at_s) +
        ",\"earned_lamports\":" + (row.earned ? text(std::to_string(row.earned->count)) : "null") +
        "}";
  }
  std::string cards;
  for (const CardNow& card : status.cards) cards += (cards.empty() ? "" : ",") + to_json(card);
  return std::string("{\"running\":") + (status.running ? "true" : "false") +
         ",\"program\":" + text_or_null(status.program) +
         ",\"market\":" + text_or_null(status.market) +
         ",\"drain_from\":" + time(status.drain_from_s) + ",\"leases\":[" + rows + "],\"cards\":[" +
         cards + "]}";
}

std::vector<std::string> to_lines(const Status& status) {
  std::vector<std::string> out;
  out.push_back(status.running ? "Running." : "Not running. Start it: obelisk-host run");
  if (!status.market.empty()) out.push_back("Market " + status.market + ".");
  if (status.drain_from_s) {
    out.push_back("Takes nothing new that runs past " +
                  base::to_rfc3339_seconds(*status.drain_from_s) + ".");
  }
  if (!status.cards.empty()) out.push_back("Cards: " + std::to_string(status.cards.size()));
  for (const CardNow& card : status.cards) out.push_back("  " + to_text(card));
  if (status.leases.empty()) {
    out.push_back("No leases.");
    return out;
  }
  out.push_back("Leases: " + std::to_string(status.leases.size()));
  base::Lamports sum;
  for (const LeaseRow& row : status.leases) {
    out.push_back(line_of(row));
    if (row.earned) sum.count += row.earned->count;
  }
  if (status.node_asked) out.push_back("Earned by these so far: " + base::to_sol_text(sum) + ".");
  if (!status.node_asked) out.push_back("What they earned is on the chain: give --rpc URL.");
  return out;
}

}  // namespace obelisk::host
