#include "core/market/terms.hpp"

#include <algorithm>
#include <set>

#include "base/canonical_json.hpp"
#include "base/crypto.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/escrow/bounds.hpp"
#include "core/market/canonical_reader.hpp"
#include "core/market/ssh_fingerprint.hpp"

namespace obelisk::market {
namespace {

using base::CanonicalJson;
using Object = CanonicalJson::Object;

constexpr std::uint32_t kTermsVersion = 1;
constexpr std::uint64_t kMaxExact = (std::uint64_t{1} << 53) - 1;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 50;
constexpr std::size_t kMaxPorts = 16;

CanonicalJson number(std::uint64_t value) { return static_cast<std::int64_t>(value); }
CanonicalJson amount(base::Lamports value) { return base::to_decimal(value); }

base::Error bad(std::string_view what) {
  return {base::Code::invalid_input, "These terms are not valid: " + std::string(what) + ".",
          "Ask for a new quote; do not sign this one."};
}

CanonicalJson cards_json(const std::vector<TermsCard>& cards) {
  CanonicalJson::Array out;
  for (const TermsCard& card : cards) {
    Object one{{"memory_bytes", number(card.memory_bytes)}, {"uuid", card.uuid}};
    if (card.proven_bytes != 0) one.emplace("proven_bytes", number(card.proven_bytes));
    out.emplace_back(std::move(one));
  }
  return out;
}

CanonicalJson debit_json(const Breakdown& debit) {
  return Object{
      {"bond_lamports", amount(debit.bond)},
      {"cards_lamports", amount(debit.cards)},
      {"disk_lamports", amount(debit.disk)},
      {"network_fees_lamports", amount(debit.network_fees)},
      {"price_lamports", amount(debit.price)},
      {"total_lamports", amount(debit.total)},
      {"traffic_lamports", amount(debit.traffic)},
  };
}

std::vector<TermsCard> read_cards(CanonicalReader& in) {
  std::vector<TermsCard> out;
  in.begin_array();
  while (in.next_item() && out.size() <= kMaxCardsPerLease) {
    TermsCard& card = out.emplace_back();
    in.begin_object();
    in.field("memory_bytes");
    card.memory_bytes = in.integer(0, kMaxExact);
    if (in.has_field("proven_bytes")) card.proven_bytes = in.integer(1, kMaxExact);
    in.field("uuid");
    card.uuid = in.text(80);
    in.end_object();
  }
  return out;
}

Breakdown read_debit(CanonicalReader& in) {
  Breakdown out;
  in.begin_object();
  const auto read = [&](std::string_view name, base::Lamports& value) {
    in.field(name);
    value = in.lamports();
  };
  read("bond_lamports", out.bond);
  read("cards_lamports", out.cards);
  read("disk_lamports", out.disk);
  read("network_fees_lamports", out.network_fees);
  read("price_lamports", out.price);
  read("total_lamports", out.total);
  read("traffic_lamports", out.traffic);
  in.end_object();
  return out;
}

// In the order of the fields' names, as canonical JSON has them.
Terms read_fields(CanonicalReader& in) {
  Terms out;
  const auto integer = [&](std::string_view name, auto& value, std::uint64_t low,
                           std::uint64_t high) {
    in.field(name);
    value = static_cast<std::remove_reference_t<decltype(value)>>(in.integer(low, high));
  };
  const auto key = [&](std::string_view name, base::PublicKey& value) {
    in.field(name);
    value = in.key();
  };
  const auto text = [&](std::string_view name, std::string& value, std::size_t max_length) {
    in.field(name);
    value = in.text(max_length);
  };
  in.begin_object();
  key("attestor", out.attestor);
  text("card", out.card, 40);
  in.field("cards");
  out.cards = read_cards(in);
  integer("cpu_milli", out.cpu_milli, 0, 10'000'000);
  in.field("debit");
  out.debit = read_debit(in);
  integer("disk_bytes", out.disk_bytes, 0, kMaxBytes);
  integer("expires_at", out.expires_at, 1, kMaxExact);
  integer("fee_bps", out.fee_bps, 0, escrow::kMaxFeeBps);
  key("host", out.host);
  text("image", out.image, 80);
  in.field("lamports_per_hour");
  out.lamports_per_hour = in.decimal();
  key("market", out.market);
  integer("market_rev", out.market_rev, 1, kMaxExact);
  integer("max_seconds", out.max_seconds, escrow::kMinSeconds, escrow::kMaxSeconds);
  in.field("nonce");
  out.nonce = in.decimal();
  text("offer", out.offer, 64);
  in.field("ports");
  in.begin_array();
  while (in.next_item() && out.ports.size() <= kMaxPorts) {
    out.ports.push_back(static_cast<std::uint16_t>(in.integer(1, 65'535)));
  }
  key("program", out.program);
  integer("ram_bytes", out.ram_bytes, 0, kMaxBytes);
  key("renter", out.renter);
  integer("seconds", out.seconds, escrow::kMinSeconds, escrow::kMaxSeconds);
  in.field("simulated");
  out.simulated = in.boolean();
  in.field("sol_price");
  in.begin_object();
  integer("at_ms", out.sol_price_at_ms, 0, kMaxExact);
  integer("micro_usd_per_sol", out.micro_usd_per_sol, 1, kMaxExact);
  text("source", out.sol_price_source, 200);
  in.end_object();
  text("ssh_key", out.ssh_key, 50);
  if (in.has_field("template")) out.template_name = in.text(40);
  integer("unproven_limit_s", out.unproven_limit_s, 60, 86'400);
  std::uint32_t version = 0;
  integer("version", version, kTermsVersion, kTermsVersion);
  in.end_object();
  return out;
}

}  // namespace

bool valid_uuid(std::string_view uuid) {
  return !uuid.empty() && uuid.size() <= 80 && std::ranges::all_of(uuid, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

std::string terms_text(const Terms& terms) {
  CanonicalJson::Array ports;
  for (const std::uint16_t port : terms.ports) ports.emplace_back(std::uint32_t{port});
  Object out{
      {"attestor", terms.attestor.to_string()},
      {"card", terms.card},
      {"cards", cards_json(terms.cards)},
      {"cpu_milli", terms.cpu_milli},
      {"debit", debit_json(terms.debit)},
      {"disk_bytes", number(terms.disk_bytes)},
      {"expires_at", terms.expires_at},
      {"fee_bps", std::uint32_t{terms.fee_bps}},
      {"host", terms.host.to_string()},
      {"image", terms.image},
      {"lamports_per_hour", std::to_string(terms.lamports_per_hour)},
      {"market", terms.market.to_string()},
      {"market_rev", number(terms.market_rev)},
      {"max_seconds", terms.max_seconds},
      {"nonce", std::to_string(terms.nonce)},
      {"offer", terms.offer},
      {"ports", ports},
      {"program", terms.program.to_string()},
      {"ram_bytes", number(terms.ram_bytes)},
      {"renter", terms.renter.to_string()},
      {"seconds", terms.seconds},
      {"simulated", terms.simulated},
      {"sol_price", Object{{"at_ms", terms.sol_price_at_ms},
                           {"micro_usd_per_sol", number(terms.micro_usd_per_sol)},
                           {"source", terms.sol_price_source}}},
      {"ssh_key", terms.ssh_key},
      {"unproven_limit_s", terms.unproven_limit_s},
      {"version", kTermsVersion},
  };
  if (!terms.template_name.empty()) out.emplace("template", terms.template_name);
  return CanonicalJson(std::move(out)).text();
}

base::Result<void> check_terms(const Terms& terms) {
  const std::set<base::PublicKey> parties{terms.program, terms.market, terms.attestor, terms.renter,
                                          terms.host};
  if (parties.size() != 5 || parties.contains(base::PublicKey{})) {
    return bad("program, market, attestor, renter and host are not five keys");
  }
  if (terms.cards.empty() || terms.cards.size() > kMaxCardsPerLease) {
    return bad("they name no card, or more than 16");
  }
  std::set<std::string_view> uuids;
  for (const TermsCard& card : terms.cards) {
    if (!valid_uuid(card.uuid) || !uuids.insert(card.uuid).second) {
      return bad("a card's UUID is malformed or there twice");
    }
  }
  if (!valid_image_digest(terms.image)) return bad("the image is not named by its digest");
  if (!terms.template_name.empty() && !valid_template_name(terms.template_name)) {
    return bad("the template's name is malformed");
  }
  if (!valid_ssh_fingerprint(terms.ssh_key)) return bad("the SSH key is not named by its digest");
  if (terms.ports.empty() || terms.ports.size() > kMaxPorts) return bad("no port, or over 16");
  if (!escrow::within_bounds(terms.lamports_per_hour, terms.seconds, terms.max_seconds)) {
    return bad("rate or time is out of the program's bounds");
  }
  if (terms.fee_bps > escrow::kMaxFeeBps || terms.market_rev == 0 || terms.expires_at <= 0) {
    return bad("fee, market_rev or expires_at is out of its bounds");
  }
  base::Lamports price;
  const Breakdown& debit = terms.debit;
  if (!escrow::price(terms.lamports_per_hour, terms.seconds, price.count) || debit.price != price) {
    return bad("the price is not rate x time");
  }
  const auto sum = [](base::Lamports a, base::Lamports b, base::Lamports c) {
    const auto two = base::checked_add(a, b);
    return two ? base::checked_add(*two, c) : std::nullopt;
  };
  if (sum(debit.cards, debit.disk, debit.traffic) != debit.price ||
      debit.bond.count != escrow::kBondLamports ||
      sum(debit.price, debit.bond, debit.network_fees) != debit.total) {
    return bad("the parts of the debit do not add up");
  }
  return {};
}

base::Result<Terms> read_terms(std::string_view text) {
  if (text.size() > kMaxTermsBytes) return bad("they are longer than 16 KiB");
  CanonicalReader in(text);
  Terms out = read_fields(in);
  if (!in.at_end()) return bad("something is wrong at '" + std::string(in.where()) + "'");
  TRY_VOID(check_terms(out));
  // The reader is strict already; this makes it a property instead of a hope.
  if (terms_text(out) != text) return bad("they are not canonical");
  return out;
}

base::Hash terms_hash(std::string_view text) { return base::sha256(base::view_of(text)); }

base::Bytes quote_message(const base::Hash& terms_hash) {
  base::Writer out;
  out.put(std::string_view("OBELISKQ"));
  out.put(terms_hash.view());
  return std::move(out).take();
}

bool verify_quote(std::string_view text, const base::PublicKey& attestor,
                  const base::Signature& signature) {
  return base::verify(attestor, quote_message(terms_hash(text)), signature);
}

}  // namespace obelisk::market
