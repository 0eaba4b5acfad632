#include "adapters/fake/fake_chain.hpp"

#include <algorithm>

#include "base/crypto.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::fake {

using base::Result;
using ports::Commitment;

namespace {

base::Error down_error() {
  return {base::Code::unreachable, "The node does not answer.", "Try again.", 0};
}

std::uint64_t read_number(const base::Bytes& data, std::size_t at, std::size_t bytes) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < bytes && at + i < data.size(); ++i) {
    out |= static_cast<std::uint64_t>(data[at + i]) << (8 * i);
  }
  return out;
}

// What the attestation in the Ed25519 instruction proves; nothing where it proves nothing.
std::optional<std::int64_t> proven_by(const solana::Instruction* before,
                                      const base::PublicKey& program, const base::PublicKey& lease,
                                      const escrow::Lease& account) {
  if (before == nullptr || before->program != escrow::ed25519_program()) return std::nullopt;
  const base::ByteView data(before->data);
  if (data.size() != escrow::kEd25519DataLength) return std::nullopt;
  const auto key = base::PublicKey::from(data.subspan(escrow::kEd25519KeyAt, 32));
  const auto signature = base::Signature::from(data.subspan(escrow::kEd25519SignatureAt, 64));
  const auto message = data.subspan(escrow::kEd25519MessageAt);
  const auto fields = escrow::parse_attestation(message);
  if (!key || !signature || !fields || !base::verify(*key, message, *signature)) {
    return std::nullopt;
  }
  const bool allowed = *key == escrow::to_public_key(account.attestor) ||
                       *key == escrow::to_public_key(account.renter);
  if (!allowed || fields->program != program || fields->lease != lease ||
      fields->opened_slot != account.opened_slot) {
    return std::nullopt;
  }
  return fields->alive_until;
}

}  // namespace

base::Error FakeChain::rejected(std::uint32_t code) {
  return {base::Code::rejected_on_chain, "The program said no: " + std::to_string(code) + ".",
          "Look at the code.", 0};
}

Result<void> FakeChain::check_up() const {
  if (down_) return down_error();
  return {};
}

const FakeChain::Accounts& FakeChain::at(Commitment commitment) const {
  return commitment == Commitment::processed ? processed_ : confirmed_;
}

void FakeChain::put_market(const base::PublicKey& address, const escrow::Market& market) {
  const std::lock_guard lock(mutex_);
  const ports::Account account{
      {escrow::kMarketRentLamports}, program_, escrow::encode_market(market)};
  processed_[address] = account;
  confirmed_[address] = account;
}

void FakeChain::log_event(const escrow::Event& event, Landed& landed) const {
  landed.record.logs.push_back("Program " + program_.to_string() + " invoke [1]");
  landed.record.logs.push_back("Program data: " + base::to_base64(escrow::encode_event(event)));
  landed.record.logs.push_back("Program " + program_.to_string() + " success");
}

void FakeChain::open(const base::PublicKey& address, escrow::Lease lease) {
  {
    const std::lock_guard lock(mutex_);
    ++slot_;
    lease.opened_slot = slot_;
    lease.opened_at = now_s_;
    std::uint64_t price = 0;
    CHECK(escrow::price(lease.rate, lease.seconds, price));
    processed_[address] = {{price + escrow::kBondLamports}, program_, escrow::encode_lease(lease)};
    Landed landed;
    base::random_bytes(landed.record.signature.bytes);
    landed.record.slot = slot_;
    landed.touched = {address};
    escrow::Open what;
    what.renter = escrow::to_public_key(lease.renter);
    what.lease = address;
    what.host = escrow::to_public_key(lease.host);
    what.market = escrow::to_public_key(lease.market);
    what.nonce = lease.nonce;
    what.rate_lamports_per_hour = lease.rate;
    what.seconds = lease.seconds;
    what.max_seconds = lease.max_seconds;
    what.terms_hash = escrow::to_hash(lease.terms_hash);
    auto transaction = settlement::transaction(what.renter, {escrow::encode_open(program_, what)},
                                               settlement::kOpenUnits, {});
    landed.record.wire = transaction->wire();
    escrow::Event event{};
    event.magic = escrow::kEventMagic;
    event.tag = escrow::Tag::open;
    event.state = escrow::State::funded;
    event.lease = escrow::to_key(address);
    log_event(event, landed);
    landed_.push_back(std::move(landed));
    pushes_.push_back({Commitment::processed, {address, processed_[address]}, slot_});
    settle_commitment();
  }
  deliver();
}

void FakeChain::settle_commitment() {
  if (held_) return;
  for (const auto& [address, account] : processed_) {
    const auto known = confirmed_.find(address);
    const bool same = known != confirmed_.end() && known->second.data == account.data &&
                      known->second.lamports == account.lamports;
    if (!same) pushes_.push_back({Commitment::confirmed, {address, account}, slot_});
  }
  confirmed_ = processed_;
  for (Landed& landed : landed_) landed.confirmed = true;
}

// Outside the lock: who hears of a change asks at once.
void FakeChain::deliver() {
  std::vector<Push> pushes;
  std::vector<Watch> watches;
  {
    const std::lock_guard lock(mutex_);
    pushes.swap(pushes_);
    if (muted_) return;
    for (const auto& [id, watch] : watches_) watches.push_back(watch);
  }
  for (const Push& push : pushes) {
    for (const Watch& watch : watches) {
      if (watch.commitment == push.commitment) watch.callback(push.account, push.slot);
    }
  }
}

void FakeChain::mute() {
  const std::lock_guard lock(mutex_);
  muted_ = true;
}

void FakeChain::reconnect() {
  std::vector<Watch> watches;
  {
    const std::lock_guard lock(mutex_);
    muted_ = false;
    for (const auto& [id, watch] : watches_) watches.push_back(watch);
  }
  for (const Watch& watch : watches) watch.callback(std::nullopt, 0);
}

void FakeChain::advance_s(base::UnixSeconds by) {
  const std::lock_guard lock(mutex_);
  now_s_ += by;
  slot_ += static_cast<std::uint64_t>(by) * 5;
}

void FakeChain::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void FakeChain::confirm() {
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
    slot_ += 2;
    settle_commitment();
  }
  deliver();
}

void FakeChain::finalize() {
  const std::lock_guard lock(mutex_);
  for (Landed& landed : landed_) landed.finalized = landed.confirmed;
}

void FakeChain::drop_fork() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  processed_ = confirmed_;
  std::erase_if(landed_, [](const Landed& landed) { return !landed.confirmed; });
  slot_ += 40;
}

void FakeChain::set_down(bool down) {
  const std::lock_guard lock(mutex_);
  down_ = down;
}

void FakeChain::hide_transactions(int calls) {
  const std::lock_guard lock(mutex_);
  hidden_ = calls;
}

std::optional<escrow::Lease> FakeChain::lease(const base::PublicKey& address) const {
  const std::lock_guard lock(mutex_);
  const auto found = processed_.find(address);
  if (found == processed_.end()) return std::nullopt;
  return escrow::parse_lease(found->second.data);
}

std::size_t FakeChain::sent() const {
  const std::lock_guard lock(mutex_);
  return landed_.size();
}

escrow::Error FakeChain::execute(const solana::Instruction& instruction,
                                 const solana::Instruction* before, Accounts& accounts,
                                 Landed& landed) {
  using escrow::Error;
  using escrow::Tag;
  if (instruction.data.empty()) return Error::bad_data;
  escrow::Action action{};
  action.tag = static_cast<Tag>(instruction.data[0]);
  const bool lease_second = action.tag == Tag::ready || action.tag == Tag::extend;
  if (instruction.accounts.size() <= (lease_second ? 1u : 0u)) return Error::bad_count;
  const base::PublicKey address = instruction.accounts[lease_second ? 1 : 0].key;
  const auto found = accounts.find(address);
  if (found == accounts.end()) return Error::wrong_owner;
  auto lease = escrow::parse_lease(found->second.data);
  if (!lease) return Error::wrong_kind;
  if (action.tag == Tag::ready) {
    if (escrow::to_public_key(lease->attestor) != instruction.accounts[0].key) {
      return Error::wrong_key;
    }
    action.opened_slot = read_number(instruction.data, 1, 8);
  }
  if (action.tag == Tag::cancel) action.renter_signed = instruction.accounts[1].signer;
  if (action.tag == Tag::stop) action.how = static_cast<escrow::StopHow>(instruction.data[1]);
  if (action.tag == Tag::extend) {
    action.total_seconds = static_cast<std::uint32_t>(read_number(instruction.data, 1, 4));
  }
  if (action.tag == Tag::claim) {
    const auto proven = proven_by(before, program_, address, *lease);
    if (!proven) return Error::wrong_message;
    action.alive_until = *proven;
  }
  constexpr std::uint64_t kSome = base::kLamportsPerSol;  // every wallet can be paid
  const escrow::Scene scene{now_s_, found->second.lamports.count, kSome, kSome, kSome};
  escrow::Payments payments{};
  const Error error = escrow::step(*lease, action, scene, payments);
  if (error != Error::none) return error;
  escrow::Event event{};
  event.magic = escrow::kEventMagic;
  event.tag = action.tag;
  const bool closes = lease->state == escrow::State::closed;
  event.state = lease->state;
  event.lease = escrow::to_key(address);
  event.to_host = payments.to_host;
  event.to_treasury = payments.to_treasury;
  event.to_renter = payments.to_renter;
  event.proven_until = lease->proven_until;
  event.stopped_at = lease->stopped_at;
  log_event(event, landed);
  landed.touched.insert(address);
  if (closes) {
    accounts.erase(found);
    return Error::none;
  }
  found->second.lamports.count += payments.from_renter;
  found->second.lamports.count -= payments.to_host + payments.to_treasury + payments.to_renter;
  found->second.data = escrow::encode_lease(*lease);
  return Error::none;
}

base::Signature FakeChain::land(const solana::Transaction& transaction) {
  ++slot_;
  Landed landed;
  landed.record.signature = transaction.id();
  if (landed.record.signature.is_zero()) base::random_bytes(landed.record.signature.bytes);
  for (const Landed& known : landed_) {
    if (known.record.signature == landed.record.signature) return landed.record.signature;
  }
  landed.record.slot = slot_;
  landed.record.block_time = now_s_;
  landed.record.wire = transaction.wire();
  landed.record.fee = {5000};
  Accounts next = processed_;
  const auto instructions = solana::instructions_of(transaction.message());
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    if (instructions[i].program != program_) continue;
    const auto* before = i == 0 ? nullptr : &instructions[i - 1];
    const escrow::Error error = execute(instructions[i], before, next, landed);
    if (error == escrow::Error::none) continue;
    landed.custom = static_cast<std::uint32_t>(error);
    landed.record.error = "{\"InstructionError\":[" + std::to_string(i) +
                          ",{\"Custom\":" + std::to_string(*landed.custom) + "}]}";
    break;
  }
  if (!landed.record.error) {
    for (const auto& [address, account] : next) {
      if (processed_[address].data == account.data) continue;
      pushes_.push_back({Commitment::processed, {address, account}, slot_});
    }
    processed_ = std::move(next);
  }
  const base::Signature signature = landed.record.signature;
  landed_.push_back(std::move(landed));
  settle_commitment();
  return signature;
}

Result<base::Signature> FakeChain::submit(const base::PublicKey& payer,
                                          const std::vector<escrow::Call>& calls) {
  base::Signature signature;
  {
    const std::lock_guard lock(mutex_);
    base::Hash blockhash;
    blockhash.bytes[0] = static_cast<std::uint8_t>(++nonce_);
    TRY(const auto transaction, settlement::transaction(payer, calls, 10'000, blockhash));
    signature = land(transaction);
    if (landed_.back().custom) return rejected(*landed_.back().custom);
  }
  deliver();
  return signature;
}

}  // namespace obelisk::fake
