// market_memory: the market's parts in one process, put together as its main does, over a SQLite
// file and a chain in memory that holds the accounts of many running leases. The hosts are real
// connections of another process. It says on stdout what was reached, a JSON object a line, and
// ends when stdin does. What the chain in memory takes is there before the first line.
//
//   market_memory DIRECTORY HOSTS LEASES
//
// Each lease is active on one of the hosts, its account on the chain says the same, and its next
// login waits in the outbox for an hour: nothing of it is due.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "adapters/clock/system_clock.hpp"
#include "adapters/fake/fake_chain.hpp"
#include "adapters/fake/key_attestor.hpp"
#include "adapters/prices/price_source.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "apps/market/api.hpp"
#include "apps/market/engine/lease_engine.hpp"
#include "apps/market/engine/outbox.hpp"
#include "base/check.hpp"
#include "base/crypto.hpp"
#include "bench_hosts.hpp"
#include "core/escrow/codec.hpp"

namespace {

using namespace obelisk;

constexpr base::UnixSeconds kChainStartS = 1'800'000'000;
constexpr std::uint32_t kHourMs = 3'600'000;
constexpr std::size_t kCardsPerHost = 16;

base::PublicKey filled(std::uint8_t byte) {
  base::PublicKey out;
  out.bytes.fill(byte);
  return out;
}

base::PublicKey numbered(std::string_view what, std::size_t number) {
  base::Writer text;
  text.put(what);
  text.u64(number);
  return base::PublicKey{base::sha256(text.bytes()).bytes};
}

class Attestor final : public ports::Signer {
 public:
  const base::PublicKey& public_key() const override { return key_.public_key(); }
  base::Signature sign(base::ByteView message) override { return key_.sign(message); }

 private:
  base::Keypair key_ = base::Keypair::random();
};

class NoLogins final : public ports::Logins {
 public:
  watch::LoginAnswer log_in(const lease::Quote&, const lease::SshAccess&, bool) override {
    return {true, {}, "", "boot"};
  }
  const std::string& public_key() const override { return key_; }

 private:
  const std::string key_ = "ssh-ed25519 AAAA watch";
};

// As long as a real one, whose texts are most of it.
lease::Quote quote_of(std::size_t number, std::size_t hosts, const base::PublicKey& market,
                      const base::PublicKey& attestor) {
  lease::Quote out;
  const std::size_t host = number % hosts;
  out.terms =
      "{\"number\":" + std::to_string(number) + ",\"text\":\"" + std::string(1100, 't') + "\"}";
  out.id = base::to_hex(base::sha256(base::view_of(out.terms)).view());
  out.lease = numbered("lease", number);
  out.renter = numbered("renter", number);
  out.host = bench::host_key(host).public_key();
  out.market = market;
  out.treasury = filled(3);
  out.attestor = attestor;
  out.market_rev = 1;
  out.nonce = number;
  out.card = "rtx-4090";
  out.card_name = "GeForce RTX 4090";
  out.card_uuids = {bench::card_uuid(host, number / hosts % kCardsPerHost)};
  out.driver_name = "NVIDIA GeForce RTX 4090";
  out.count = 1;
  out.simulated = true;
  out.ssh_key = "ssh-ed25519 " + std::string(68, 'A');
  out.seconds = 86'400;
  out.max_seconds = 86'400;
  out.rate_lamports_per_hour = 1'000'000;
  out.fee_bps = 250;
  out.ready_deadline_s = 60;
  out.gap_limit_s = 180;
  out.claim_window_s = 21'600;
  out.disk_bytes = std::uint64_t{64} << 30;
  out.ram_bytes = std::uint64_t{32} << 30;
  out.cpu_milli = 4000;
  out.expires_at_s = kChainStartS + 60;
  out.remote_address = "203.0.113.9";
  out.response = "{\"quote\":\"" + std::string(2600, 'r') + "\"}";
  return out;
}

escrow::Lease account_of(const lease::Quote& quote) {
  escrow::Lease out{};
  out.kind = escrow::kLeaseKind;
  out.version = escrow::kVersion;
  out.state = escrow::State::active;
  out.fee_bps = quote.fee_bps;
  out.ready_deadline_s = quote.ready_deadline_s;
  out.gap_limit_s = quote.gap_limit_s;
  out.claim_window_s = quote.claim_window_s;
  out.seconds = quote.seconds;
  out.max_seconds = quote.max_seconds;
  out.renter = escrow::to_key(quote.renter);
  out.host = escrow::to_key(quote.host);
  out.market = escrow::to_key(quote.market);
  out.treasury = escrow::to_key(quote.treasury);
  out.attestor = escrow::to_key(quote.attestor);
  out.terms_hash = escrow::to_key(base::sha256(base::view_of(quote.terms)));
  out.nonce = quote.nonce;
  out.rate = quote.rate_lamports_per_hour;
  out.started_at = kChainStartS;
  out.proven_until = kChainStartS;
  return out;
}

lease::Life life_of(const escrow::Lease& account) {
  lease::Life out;
  out.state = lease::State::active;
  out.message = "Running.";
  out.opened_slot = account.opened_slot;
  out.opened_at_s = account.opened_at;
  out.deadline_s = account.opened_at + account.ready_deadline_s;
  out.started_at_s = account.started_at;
  out.seconds = account.seconds;
  out.proven_until_s = account.proven_until;
  out.wanted = lease::Wanted::open;
  out.host_state = lease::HostState::open;
  out.ssh =
      lease::SshAccess{"203.0.113.7", 40'000, "root", "ssh-ed25519 " + std::string(68, 'B'), {}};
  out.boot_id = std::string(36, 'b');
  out.boot_mark = std::string(36, 'm');
  out.login_pending = true;
  // Else each would be asked for anew a minute later, since nobody answers.
  out.login_asked_at_s = kChainStartS + kHourMs / 1000;
  out.last_login_s = kChainStartS;
  out.attestation = lease::Attestation{kChainStartS, {}};
  out.open_signature = base::Signature{};
  out.ready_signature = base::Signature{};
  return out;
}

// Records, accounts and outbox rows of the leases. The chain begins confirmed.
void fill(ports::Store& store, fake::FakeChain& chain, std::size_t hosts, std::size_t leases,
          const base::PublicKey& market, const base::PublicKey& attestor, base::UnixMillis now_ms) {
  chain.hold();
  for (std::size_t i = 0; i < leases; ++i) {
    const lease::Quote quote = quote_of(i, hosts, market, attestor);
    chain.open(quote.lease, account_of(quote));
    CHECK(store.insert_quote(quote));
    escrow::Lease account = account_of(quote);
    // As the chain puts them: it gives each account a slot of its own.
    account.opened_slot = 1001 + i;
    account.opened_at = kChainStartS;
    ports::LeaseWrite write{quote.lease, 0, life_of(account), {}, {}};
    const lease::Effect login{lease::EffectKind::log_in, kHourMs, 1, false, 0};
    write.effects.push_back(engine::to_row(login, quote.lease, 1, 0, now_ms));
    const auto written = store.apply(write);
    CHECK(written && *written);
  }
  chain.confirm();
}

http::ServerOptions server_options(const market_app::Limits& limits) {
  http::ServerOptions out;
  out.threads = 16;
  out.max_connections = limits.connections;
  out.max_websockets = limits.hosts + limits.hellos;
  out.max_queued_bytes = limits.queued_bytes;
  out.max_body_bytes = limits.body_bytes;
  return out;
}

void say(const std::string& words) {
  ::malloc_trim(0);
  std::printf("%s\n", words.c_str());
  std::fflush(stdout);
}

void wait_for_line() {
  for (int c = std::getchar(); c != '\n' && c != EOF;) c = std::getchar();
}

int run(const std::string& directory, std::size_t hosts, std::size_t leases) {
  market_app::Log log(market_app::Level::warning);
  clock::SystemClock clock;
  Attestor attestor;
  fake::KeyAttestor watch(attestor);
  NoLogins logins;
  const base::PublicKey program = filled(1);
  const base::PublicKey market = filled(2);
  fake::FakeChain chain(program, kChainStartS);
  escrow::Market terms{};
  terms.kind = escrow::kMarketKind;
  terms.version = escrow::kVersion;
  terms.attestor = escrow::to_key(attestor.public_key());
  chain.put_market(market, terms);
  market_app::Limits limits;
  limits.hosts = std::max<std::uint64_t>(limits.hosts, hosts);
  limits.hosts_per_address = limits.hosts;
  limits.reads_per_s = limits.writes_per_s = 0;
  CHECK(market_app::allow_open_files(market_app::open_files_for(limits)));
  {
    auto stores = sqlite::open_stores(directory + "/market.sqlite");
    CHECK(stores);
    fill(*stores->leases, chain, hosts, leases, market, attestor.public_key(), clock.now_ms());
  }
  say("{\"stage\": \"chain\"}");
  wait_for_line();

  auto stores = sqlite::open_stores(directory + "/market.sqlite");
  CHECK(stores);
  market_app::WatchedStore store(*stores->leases);
  auto prices = prices::make_price_source({"fixed:140", {}, "", "", &chain}, clock, {});
  CHECK(prices);
  const engine::Log engine_log;
  engine::Engine engine(
      {chain, store, clock, watch, logins, program, market, engine_log, {}, {}, {}});
  market_app::OfferDesk offers(store, clock, true, limits.hosts);
  CHECK(offers.load());
  store.tell(offers.store_events());
  market_app::HostHub hub(offers, clock, log, program, market, limits);
  hub.serve(engine);
  const market_app::Identity identity{program, market, true};
  market_app::QuoteDesk quotes({engine, store, chain, **prices, watch, clock, offers}, identity);
  market_app::ReportDesk reports({engine, offers, *stores->reports, *stores->audit, clock}, market);
  market_app::LeaseStreams streams(engine, limits);
  market_app::OfferStreams offer_streams(offers, **prices, clock, limits);
  market_app::Metrics metrics;
  market_app::Rates rates(limits, clock);
  market_app::ReadCache reads(clock);
  market_app::SessionDesk sessions(*stores->sessions, clock, obelisk::identity::Origins::local(""),
                                   market);
  market_app::Callers callers(sessions, clock, market);
  market_app::AnswerDesk answers(*stores->answers, clock);
  market_app::Api api(
      {engine, store, chain, **prices, clock, offers, quotes, hub, streams, metrics, rates, reads,
       sessions, callers, answers, identity, reports, *stores->history, offer_streams},
      log);
  CHECK(engine.start(hub));
  http::Server server(
      server_options(limits),
      [&api](const http::Request& request, http::Exchange& exchange) {
        api.handle(request, exchange);
      },
      [&api](const http::QuickRequest& request) { return api.quick(request); });
  const auto port = server.start();
  CHECK(port);
  std::jthread housekeeping([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::seconds(1));
      hub.sweep();
      streams.sweep();
      offers.settle();
      offer_streams.step();
    }
  });
  std::this_thread::sleep_for(std::chrono::seconds(3));
  say("{\"stage\": \"leases\", \"port\": " + std::to_string(*port) + "}");
  wait_for_line();
  const auto live = stores->leases->not_ended();
  CHECK(live);
  const auto active = std::ranges::count_if(
      *live, [](const auto& record) { return record.life.state == lease::State::active; });
  say("{\"stage\": \"hosts\", \"hosts\": " + std::to_string(offers.hosts_connected()) +
      ", \"active\": " + std::to_string(active) + "}");
  wait_for_line();
  server.stop();
  engine.stop();
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) {
    std::fprintf(stderr, "market_memory DIRECTORY HOSTS LEASES\n");
    return 2;
  }
  return run(words[1], static_cast<std::size_t>(std::clamp(std::atoi(words[2]), 1, 50'000)),
             static_cast<std::size_t>(std::clamp(std::atoi(words[3]), 0, 1'000'000)));
}
