#include "program/differential/spoil.hpp"

#include "program/differential/shape.hpp"

namespace obelisk::differential {
namespace {

using base::PublicKey;
using escrow::CallAccount;

const char* other_data(Random& random, Act& act) {
  base::Bytes& data = act.call.data;
  switch (random.below(5)) {
    case 0: data.clear(); return "no data";
    case 1: data.pop_back(); return "data cut";
    case 2: data.push_back(static_cast<std::uint8_t>(random.next())); return "data padded";
    case 3: data[0] = static_cast<std::uint8_t>(9 + random.below(247)); return "unknown tag";
    default:
      if (data[0] != 7) break;
      data[1] = static_cast<std::uint8_t>(4 + random.below(252));
      return "unknown how";
  }
  data.resize(data.size() + 8);
  return "data padded by 8";
}

const char* other_count(Random& random, const Cast& cast, Act& act) {
  auto& accounts = act.call.accounts;
  switch (random.below(3)) {
    case 0: accounts.pop_back(); return "an account less";
    case 1: accounts.push_back(accounts[random.below(accounts.size())]); return "one twice more";
    default: break;
  }
  accounts.push_back({random.pick(cast.hosts), false, random.percent(50)});
  return "an account more";
}

// The flags of a place stay, as far as the new key can sign.
void put(const Cast& cast, CallAccount& account, const PublicKey& key) {
  account.key = key;
  account.is_signer = account.is_signer && cast.can_sign(key);
}

const char* duplicate(Random& random, const Cast& cast, Act& act) {
  auto& accounts = act.call.accounts;
  const std::size_t from = random.below(accounts.size());
  const std::size_t to = (from + 1 + random.below(accounts.size() - 1)) % accounts.size();
  put(cast, accounts[to], accounts[from].key);
  return "one twice";
}

const char* read_only(Random& random, Act& act) {
  auto& accounts = act.call.accounts;
  const std::size_t first = random.below(accounts.size());
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    CallAccount& account = accounts[(first + i) % accounts.size()];
    if (!account.is_writable) continue;
    account.is_writable = false;
    break;
  }
  return "one read-only";
}

const char* no_signature(Act& act) {
  for (CallAccount& account : act.call.accounts) account.is_signer = false;
  return "unsigned";
}

// The fixed account at the end: the System program or the sysvar.
const char* other_fixed(Random& random, const Cast& cast, Act& act) {
  for (CallAccount& account : act.call.accounts) {
    const bool fixed =
        account.key == escrow::system_program() || account.key == escrow::instructions_sysvar();
    if (!fixed) continue;
    account.key = random.one_of(
        {cast.stranger, escrow::ed25519_program(), cast.blank,
         account.key.is_zero() ? escrow::instructions_sysvar() : escrow::system_program()});
    return "another program";
  }
  return "as it was";
}

// The lease or the market that it is about becomes something else.
const char* other_subject(Random& random, const Cast& cast, Act& act) {
  const Shape& shape = shape_of(act.row);
  const bool has_both = act.row == Row::open;
  const bool lease = has_both ? random.percent(50) : shape.place_of(Part::lease).has_value();
  CallAccount& account =
      act.call.accounts[shape.place_of(lease ? Part::lease : Part::market).value()];
  switch (random.below(5)) {
    case 0:
      account.key = lease ? cast.forged_lease : cast.forged_market;
      return "another program's account";
    case 1:
      account.key =
          lease ? random.pick(cast.leases).address.key : random.pick(cast.markets).address.key;
      return "another of its kind";
    case 2:
      account.key =
          lease ? random.pick(cast.markets).address.key : random.pick(cast.leases).address.key;
      return "another kind";
    default: break;
  }
  account.key = random.one_of({cast.blank_lease, cast.blank_market, cast.blank});
  return "junk";
}

// A party becomes somebody else.
const char* other_party(Random& random, const Cast& cast, Act& act) {
  const Shape& shape = shape_of(act.row);
  const Part part =
      random.one_of({Part::renter, Part::host, Part::treasury, Part::attestor, Part::operator_key});
  auto place = shape.place_of(part);
  if (!place) place = shape.place_of(Part::renter);
  if (!place) place = shape.place_of(Part::attestor);
  if (!place) place = shape.place_of(Part::operator_key);
  put(cast, act.call.accounts[place.value()], random.pick(cast.everyone));
  return "another party";
}

// Where an address of ours belongs, one that has a key and signs.
const char* signing_subject(Random& random, const Cast& cast, Act& act) {
  if (act.row != Row::open && act.row != Row::create_market) return other_party(random, cast, act);
  CallAccount& account = act.call.accounts[1];
  account.key = cast.stranger;
  account.is_signer = true;
  return "an address that signs";
}

const char* wild(Random& random, const Cast& cast, Act& act) {
  auto& accounts = act.call.accounts;
  base::Bytes& data = act.call.data;
  for (std::uint64_t i = 0; i < 1 + random.below(3); ++i) {
    CallAccount& account = accounts[random.below(accounts.size())];
    switch (random.below(4)) {
      case 0: account.is_writable = !account.is_writable; break;
      case 1: account.is_signer = !account.is_signer && cast.can_sign(account.key); break;
      case 2:
        if (data.size() > 1) {
          data[1 + random.below(data.size() - 1)] ^= static_cast<std::uint8_t>(random.next());
        }
        break;
      default: put(cast, account, random.pick(cast.everyone));
    }
  }
  return "wild";
}

}  // namespace

const char* spoil(Random& random, const Cast& cast, Act& act) {
  // What has been cut already is left as it is.
  const bool whole = act.call.accounts.size() >= shape_of(act.row).parts.size();
  if (!whole || act.call.data.empty()) return "no more";
  constexpr unsigned kWeights[] = {11, 13, 15, 12, 12, 10, 24, 20, 4, 12};
  switch (random.weighted(kWeights)) {
    case 0: return other_data(random, act);
    case 1: return other_count(random, cast, act);
    case 2: return duplicate(random, cast, act);
    case 3: return read_only(random, act);
    case 4: return no_signature(act);
    case 5: return other_fixed(random, cast, act);
    case 6: return other_subject(random, cast, act);
    case 7: return other_party(random, cast, act);
    case 8: return signing_subject(random, cast, act);
    default: return wild(random, cast, act);
  }
}

}  // namespace obelisk::differential
