#include "sim/hosts.hpp"

#include <algorithm>

#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::sim {
namespace {

using api::HostLeaseState;

constexpr std::uint64_t kWallet = 2'000'000'000;
// The last payment lands within so long after a quote expired.
constexpr base::UnixSeconds kOpenLandingS = 60;
constexpr std::int64_t kKeepAfterCloseMs = 10'000;

bool is_up(HostLeaseState state) {
  return state == HostLeaseState::running || state == HostLeaseState::open;
}

}  // namespace

Hosts::Hosts(Stage& stage, SimStore& store, Payments& payments, std::size_t count)
    : stage_(stage), store_(store), payments_(payments), random_(stage.random.split()) {
  for (std::size_t i = 0; i < count; ++i) {
    Host host;
    host.key = std::make_unique<KeySigner>(base::Keypair::from_seed(random_.bytes32()));
    host.cards = static_cast<std::size_t>(random_.between(1, 3));
    const bool slow = random_.percent(20);
    host.make_ms = slow ? random_.between(20'000, 90'000) : random_.between(1'000, 9'000);
    if (random_.percent(15)) host.lies = random_.between(10, 60);
    if (random_.percent(30)) host.flaps = random_.between(5, 60);
    if (random_.percent(40)) host.darkens = random_.between(5, 50);
    host.is_careless = random_.percent(50);
    host.claims_itself = random_.percent(70);
    host.line_ms = random_.between(0, 5'000);
    host.whim_ms = random_.between(0, 600'000);
    const std::uint64_t wallet = random_.percent(90) ? kWallet : 1'500'000;
    stage.chain.put_account(host.key->public_key(), {{wallet}, escrow::system_program(), {}});
    hosts_.push_back(std::move(host));
  }
}

Hosts::Host* Hosts::find(const base::PublicKey& key) {
  for (Host& host : hosts_) {
    if (host.key->public_key() == key) return &host;
  }
  return nullptr;
}

void Hosts::meet(engine::Leases* leases, market_app::OfferDesk* offers) {
  leases_ = leases;
  offers_ = offers;
  for (Host& host : hosts_) {
    host.connected = false;
    host.inbox.clear();
    host.line_ms = stage_.now_ms() + random_.between(200, 6'000);
  }
}

void Hosts::list(Host& host) {
  api::Listing listing;
  listing.host = host.key->public_key();
  listing.seq = static_cast<std::uint64_t>(stage_.now_ms()) + 1;
  for (std::size_t i = 0; i < host.cards; ++i) {
    listing.cards.push_back(
        {"GPU-" + std::to_string(i), "rtx-4090", "NVIDIA GeForce RTX 4090", 24'564ull << 20});
  }
  listing.micro_usd_per_hour = static_cast<std::uint64_t>(random_.between(200'000, 2'000'000));
  listing.disk_bytes_max = std::uint64_t{200} << 30;
  listing.ram_bytes = std::uint64_t{128} << 30;
  listing.cpu_milli = 32'000;
  listing.max_seconds = 30 * 86'400;
  listing.images = {{"sha256:" + std::string(64, 'a'), "ssh", 400'000'000}};
  api::HostListing message{"listing", api::to_json(listing), {}};
  base::Writer text;
  text.put(std::string_view("OBELISKL"));
  text.put(base::sha256(base::view_of(message.listing)).view());
  message.signature = host.key->sign(text.bytes());
  (void)offers_->take_listing(listing.host, message);
}

void Hosts::connect(Host& host) {
  host.connected = true;
  list(host);
  offers_->host_connected(host.key->public_key());
  leases_->host_connected(host.key->public_key());
  for (const auto& [lease, box] : host.boxes) say(host, lease, box.state);
}

void Hosts::disconnect(Host& host) {
  host.connected = false;
  host.inbox.clear();
  offers_->host_gone(host.key->public_key());
  leases_->host_gone(host.key->public_key());
}

void Hosts::calm_down() {
  calm_ = true;
  for (Host& host : hosts_) {
    host.dark_to_ms = 0;
    if (!host.connected) host.line_ms = stage_.now_ms() + random_.between(200, 6'000);
    host.lies = host.flaps = host.darkens = 0;
  }
}

void Hosts::have_whims(Host& host) {
  const std::int64_t now_ms = stage_.now_ms();
  if (leases_ != nullptr && now_ms >= host.line_ms) {
    host.line_ms = now_ms + random_.between(30'000, 3'600'000);
    if (!host.connected) {
      if (is_dark(host)) return void(host.line_ms = now_ms + 3'000);
      connect(host);
    } else if (random_.percent(host.flaps)) {
      disconnect(host);
      host.line_ms = now_ms + random_.between(500, 40'000);
    }
  }
  if (calm_ || now_ms < host.whim_ms) return;
  host.whim_ms = now_ms + random_.between(60'000, 3'600'000);
  if (!random_.percent(host.darkens)) return;
  ++stage_.totals.events;
  if (random_.percent(15)) {
    // It was started again: what runs now is another machine.
    for (auto& [lease, box] : host.boxes) box.boot += "+";
    return;
  }
  const bool is_long = random_.percent(50);
  host.dark_to_ms =
      now_ms + (is_long ? random_.between(60'000, 3'600'000) : random_.between(1'000, 59'000));
  if (leases_ != nullptr && host.connected && random_.percent(60)) {
    disconnect(host);
    host.line_ms = host.dark_to_ms;
  }
}

void Hosts::step() {
  for (Host& host : hosts_) {
    have_whims(host);
    auto inbox = std::exchange(host.inbox, {});
    for (const api::MarketLease& wish : inbox) obey(host, wish);
    go_on(host);
    claim(host);
  }
}

bool Hosts::is_busy() const {
  for (const Host& host : hosts_) {
    if (!host.inbox.empty()) return true;
    for (const auto& [lease, box] : host.boxes) {
      if (box.state == HostLeaseState::starting) return true;
    }
  }
  return false;
}

std::int64_t Hosts::next_ms() const {
  std::int64_t out = INT64_MAX;
  for (const Host& host : hosts_) {
    out = std::min(out, host.line_ms);
    if (!calm_) out = std::min(out, host.whim_ms);
  }
  return out;
}

bool Hosts::send_lease(const base::PublicKey& key, const api::MarketLease& wish) {
  Host* host = find(key);
  if (host == nullptr || !host->connected) return false;
  ++stage_.totals.events;
  api::MarketLease heard = wish;
  if (stage_.is_planted(Plant::drops_gone_wish) && wish.want == api::Wanted::gone) return true;
  if (stage_.is_planted(Plant::opens_too_early) && wish.want == api::Wanted::running) {
    heard.want = api::Wanted::open;
  }
  host->inbox.push_back(heard);
  return true;
}

bool Hosts::send_attestation(const base::PublicKey& key,
                             const api::MarketAttestation& attestation) {
  Host* host = find(key);
  if (host == nullptr || !host->connected) return false;
  const auto until = static_cast<base::UnixSeconds>(attestation.attestation.alive_until);
  Truth& truth = stage_.truth[attestation.lease];
  truth.given_until_s = std::max(truth.given_until_s, until);
  if (until > truth.alive_s) {
    stage_.wrong.push_back({"what_is_attested_was_seen",
                            "an attestation of " + attestation.lease.to_string() + " reaches " +
                                std::to_string(until - truth.alive_s) + " s past the last login"});
  }
  host->proofs[attestation.lease] = attestation;
  return true;
}

void Hosts::obey(Host& host, const api::MarketLease& wish) {
  const auto at = host.boxes.find(wish.lease);
  switch (wish.want) {
    case api::Wanted::gone:
      if (at != host.boxes.end()) host.boxes.erase(at);
      return say(host, wish.lease, HostLeaseState::gone);
    case api::Wanted::running:
      if (at == host.boxes.end()) return make(host, wish.lease);
      return say(host, wish.lease, at->second.state);
    case api::Wanted::open: break;
  }
  if (!stage_.truth[wish.lease].was_active) {
    stage_.wrong.push_back({"the_way_in_opens_after_ready",
                            "the way into " + wish.lease.to_string() + " opened before it"});
  }
  if (at == host.boxes.end()) return make(host, wish.lease);
  if (at->second.state == HostLeaseState::running) at->second.state = HostLeaseState::open;
  say(host, wish.lease, at->second.state);
}

void Hosts::make(Host& host, const base::PublicKey& lease) {
  const auto record = store_.records().find(lease);
  if (record == store_.records().end()) return;
  Box box;
  const auto& cards = record->second.quote.card_uuids;
  box.cards = {cards.begin(), cards.end()};
  box.payable_to_s = record->second.quote.expires_at_s + kOpenLandingS;
  for (const auto& [other, used] : host.boxes) {
    for (const std::string& card : cards) {
      if (!host.is_careless && used.cards.contains(card)) box.state = HostLeaseState::failed;
    }
  }
  if (random_.percent(3)) box.state = HostLeaseState::failed;
  box.exists = !random_.percent(host.lies);
  box.boot = std::to_string(random_.next());
  box.made_ms = stage_.now_ms() + (box.exists ? host.make_ms : 500);
  host.boxes[lease] = box;
  say(host, lease, box.state);
}

// As a host's collector does, whatever the market says or forgets: what is closed goes, and what
// nobody paid in time.
void Hosts::drop_what_is_over(Host& host) {
  if (host.boxes.empty() || stage_.is_planted(Plant::drops_gone_wish)) return;
  const auto& accounts = stage_.chain.accounts_at(ports::Commitment::confirmed);
  const std::int64_t now_ms = stage_.now_ms();
  for (auto at = host.boxes.begin(); at != host.boxes.end();) {
    Box& box = at->second;
    if (accounts.contains(at->first)) {
      box.was_paid = true;
      box.absent_since_ms = 0;
    } else if (box.absent_since_ms == 0) {
      box.absent_since_ms = now_ms;
    }
    const bool cannot_come = box.was_paid || stage_.chain.true_time_s() > box.payable_to_s;
    const bool is_over =
        box.absent_since_ms != 0 && cannot_come && now_ms - box.absent_since_ms > kKeepAfterCloseMs;
    at = is_over ? host.boxes.erase(at) : std::next(at);
  }
}

void Hosts::go_on(Host& host) {
  drop_what_is_over(host);
  for (auto& [lease, box] : host.boxes) {
    if (box.state != HostLeaseState::starting || stage_.now_ms() < box.made_ms) continue;
    box.state = HostLeaseState::running;
    say(host, lease, box.state);
  }
}

void Hosts::say(Host& host, const base::PublicKey& lease, HostLeaseState state) {
  if (leases_ == nullptr || !host.connected) return;
  ++stage_.totals.events;
  api::HostLease out;
  out.type = "lease";
  out.lease = lease;
  out.state = state;
  if (state == HostLeaseState::failed) out.message = "no room";
  if (is_up(state)) {
    api::SshAccess ssh{"127.0.0.1", 2222, "root", "ssh-ed25519 AAAAHOST", {}};
    base::Writer message;
    message.put("OBELISKS");
    message.put(lease.view());
    message.put(ssh.host_key);
    ssh.host_key_signature = host.key->sign(message.bytes());
    out.ssh = ssh;
    out.boot_id = "boot";
  }
  leases_->host_said(host.key->public_key(), out);
}

// A host that lies about its cards is seen through by the check; one that has no machine at all
// does not answer.
watch::LoginAnswer Hosts::log_in(const lease::Quote& quote, const lease::SshAccess&,
                                 bool check_card) {
  ++stage_.totals.events;
  if (stage_.strikes(Ill::watch_cut_off)) {
    stage_.pass(500);
    return {false, lease::LoginProblem::unreachable, "no answer", {}};
  }
  stage_.pass(random_.between(60, 300));
  Truth& truth = stage_.truth[quote.lease];
  const base::UnixSeconds now_s = stage_.chain.true_time_s();
  Host* host = find(quote.host);
  const auto at = host->boxes.find(quote.lease);
  const bool answers = at != host->boxes.end() && is_up(at->second.state) && !is_dark(*host);
  const bool real = answers && at->second.exists;
  // What is looked at before `ready` is what every later login is held against.
  const auto seen = stage_.chain.account(quote.lease, ports::Commitment::confirmed);
  const auto account =
      seen && seen->account ? escrow::parse_lease(seen->account->data) : std::nullopt;
  const bool before_ready = check_card && account && account->state == escrow::State::funded;
  const bool same = real && (at->second.boot_at_check.empty() || before_ready ||
                             at->second.boot_at_check == at->second.boot);
  if (real && before_ready) {
    truth.checks_s.push_back(now_s);
    at->second.boot_at_check = at->second.boot;
  }
  if (same) {
    truth.alive_s = now_s;
    truth.failing_since_s = 0;
  } else if (truth.failing_since_s == 0) {
    truth.failing_since_s = now_s;
  }
  if (check_card && !real && stage_.is_planted(Plant::bills_before_ready)) {
    return {true, {}, {}, "boot"};
  }
  if (stage_.is_planted(Plant::dark_too_soon) && real && quote.nonce % 8 == 0 && !before_ready) {
    return {false, lease::LoginProblem::unreachable, "planted", {}};
  }
  if (real) return {true, {}, {}, at->second.boot};
  if (answers && random_.percent(50)) {
    return {false, lease::LoginProblem::wrong_card, "it has other cards", {}};
  }
  if (random_.percent(30)) stage_.pass(random_.between(1'000, 8'000));
  return {false, lease::LoginProblem::unreachable, "no answer", {}};
}

// A contested lease ends at once where the host can prove it to its stop.
void Hosts::claim(Host& host) {
  if (!host.claims_itself || is_dark(host)) return;
  for (const auto& [lease, proof] : host.proofs) {
    const auto& accounts = stage_.chain.accounts_at(ports::Commitment::confirmed);
    const auto at = accounts.find(lease);
    if (at == accounts.end()) continue;
    const auto account = escrow::parse_lease(at->second.data);
    if (!account || account->state != escrow::State::closing) continue;
    if (account->opened_slot != proof.attestation.opened_slot || host.claimed.contains(lease)) {
      continue;
    }
    host.claimed.insert(lease);
    const settlement::Proof signed_proof{escrow::to_public_key(account->attestor),
                                         {stage_.program, lease, account->opened_slot,
                                          static_cast<std::int64_t>(proof.attestation.alive_until)},
                                         proof.attestation.signature};
    payments_.send(
        *host.key,
        settlement::claim_calls(stage_.program, escrow::accounts_of(lease, *account), signed_proof),
        3);
  }
}

}  // namespace obelisk::sim
