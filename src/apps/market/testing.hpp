// Stand-ins for tests of this folder: a clock, a chain, a store and an engine that do as they are
// told. Only tests include this.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "apps/market/engine/seams.hpp"
#include "apps/market/host_hub.hpp"
#include "base/crypto.hpp"
#include "core/escrow/codec.hpp"
#include "core/identity/signed_request.hpp"
#include "ports/price_source.hpp"
#include "ports/signer.hpp"
#include "ports/store.hpp"

namespace obelisk::market_app::testing {

inline constexpr base::UnixMillis kNowMs = 1'795'000'000'000;
inline constexpr base::UnixSeconds kChainNowS = 1'795'000'000;

class TestClock final : public ports::Clock {
 public:
  base::UnixMillis now_ms() override { return kNowMs + steady; }
  std::int64_t steady_ms() override { return steady; }
  std::int64_t steady = 1'000'000;
};

class TestSigner final : public ports::Signer {
 public:
  const base::PublicKey& public_key() const override { return keypair.public_key(); }
  base::Signature sign(base::ByteView message) override { return keypair.sign(message); }
  base::Keypair keypair = base::Keypair::random();
};

class TestPrices final : public ports::PriceSource {
 public:
  base::Result<ports::SolPrice> sol_usd() override {
    if (micro_usd_per_sol == 0) {
      return base::Error{base::Code::unreachable, "Nobody says what a SOL is worth.", "Wait."};
    }
    return ports::SolPrice{micro_usd_per_sol, kNowMs, "fixed"};
  }
  std::uint64_t micro_usd_per_sol = 140'000'000;  // 0: no price
};

class TestChain : public ports::Chain {
 public:
  std::vector<base::Bytes> sent;
  std::optional<base::Error> refuse_send;
  std::optional<base::Error> refuse_history;
  std::map<base::PublicKey, ports::Account> accounts_by_key;
  bool every_wallet_funded = true;
  std::uint64_t height = 1100;
  std::optional<ports::SignatureStatus> status;  // of whatever is asked for

  std::uint8_t blockhash = 9;
  base::Result<ports::LatestBlockhash> latest_blockhash(ports::Commitment) override {
    ports::LatestBlockhash out;
    out.blockhash.bytes.fill(blockhash);
    out.last_valid_block_height = 1234;
    return out;
  }
  base::Result<ports::BlockHeight> block_height(ports::Commitment) override {
    return ports::BlockHeight{height, height};
  }
  base::Result<ports::ChainTime> now(ports::Commitment) override {
    return ports::ChainTime{1, kChainNowS};
  }
  base::Result<ports::AccountAt> account(const base::PublicKey& key, ports::Commitment) override {
    ports::AccountAt out{1, std::nullopt};
    if (accounts_by_key.contains(key)) {
      out.account = accounts_by_key.at(key);
    } else if (every_wallet_funded) {
      out.account = ports::Account{{1'000'000'000}, {}, {}};
    }
    return out;
  }
  base::Result<std::vector<ports::AccountAt>> accounts(const std::vector<base::PublicKey>& keys,
                                                       ports::Commitment commitment) override {
    std::vector<ports::AccountAt> out;
    for (const auto& key : keys) out.push_back(*account(key, commitment));
    return out;
  }
  base::Result<std::vector<ports::ProgramAccount>> program_accounts(
      const base::PublicKey&, std::optional<std::size_t>, const std::vector<ports::DataFilter>&,
      ports::Commitment) override {
    return std::vector<ports::ProgramAccount>{};
  }
  base::Result<base::Lamports> minimum_balance(std::size_t) override {
    return base::Lamports{890'880};
  }
  base::Result<base::Signature> send(base::ByteView wire, bool) override {
    if (refuse_send) return *refuse_send;
    sent.emplace_back(wire.begin(), wire.end());
    return *base::Signature::from(wire.subspan(1, 64));
  }
  base::Result<ports::SignatureStatuses> statuses(const std::vector<base::Signature>& signatures,
                                                  ports::Search) override {
    return ports::SignatureStatuses{height, {signatures.size(), status}};
  }
  base::Result<ports::Simulation> simulate(base::ByteView) override { return ports::Simulation{}; }
  base::Result<std::vector<std::uint64_t>> recent_fees(
      const std::vector<base::PublicKey>&) override {
    return std::vector<std::uint64_t>{};
  }
  base::Result<std::vector<ports::HistoryEntry>> history(const base::PublicKey&,
                                                         const ports::HistoryPage&) override {
    if (refuse_history) return *refuse_history;
    return std::vector<ports::HistoryEntry>{};
  }
  base::Result<std::vector<base::Signature>> block_signatures(std::uint64_t) override {
    return std::vector<base::Signature>{};
  }
  std::unique_ptr<ports::Subscription> watch_signature(const base::Signature&, ports::Commitment,
                                                       std::function<void()>) override {
    return std::make_unique<ports::Subscription>();
  }
  base::Result<std::optional<ports::TransactionRecord>> transaction(
      const base::Signature&) override {
    return std::optional<ports::TransactionRecord>{};
  }
  base::Result<base::Signature> airdrop(const base::PublicKey&, base::Lamports) override {
    return base::Signature{};
  }
  std::unique_ptr<ports::Subscription> watch_program(const base::PublicKey&, ports::Commitment,
                                                     ProgramCallback) override {
    return std::make_unique<ports::Subscription>();
  }
};

// Keeps quotes and listings; what else a store does is the engine's and tested there.
class TestStore final : public ports::Store {
 public:
  std::vector<lease::Record> records;
  std::vector<ports::ListingRow> rows;
  std::vector<ports::LeaseEventRow> events;

  base::Result<void> insert_quote(const lease::Quote& quote) override {
    const auto held = *held_cards();
    for (const auto& uuid : quote.card_uuids) {
      const bool is_free = std::ranges::count(held, ports::HeldCard{quote.host, uuid}) == 0;
      if (!is_free) return base::Error{base::Code::conflict, "taken", ""};
    }
    records.push_back({quote, {}});
    return {};
  }
  base::Result<std::optional<lease::Record>> by_lease(const base::PublicKey& key) override {
    return find([&](const lease::Record& record) { return record.quote.lease == key; });
  }
  std::optional<base::Error> refuse;  // what by_quote says instead

  base::Result<std::optional<lease::Record>> by_quote(std::string_view id) override {
    if (refuse) return *refuse;
    return find([&](const lease::Record& record) { return record.quote.id == id; });
  }
  base::Result<std::vector<lease::Record>> by_renter(const base::PublicKey&,
                                                     const std::optional<ports::ListPlace>&,
                                                     std::size_t) override {
    return std::vector<lease::Record>{};
  }
  base::Result<std::vector<lease::Record>> not_ended() override { return records; }
  base::Result<std::vector<lease::Record>> ended(const ports::EndedAsked&) override {
    return std::vector<lease::Record>{};
  }
  base::Result<std::vector<ports::HeldCard>> held_cards() override {
    std::vector<ports::HeldCard> out;
    for (const auto& record : records) {
      if (record.life.state == lease::State::ended) continue;
      for (const auto& uuid : record.quote.card_uuids) out.push_back({record.quote.host, uuid});
    }
    return out;
  }
  base::Result<std::vector<ports::OpenQuote>> open_quotes(const base::PublicKey& renter,
                                                          std::string_view address) override {
    std::vector<ports::OpenQuote> out;
    for (const auto& [quote, life] : records) {
      if (life.state != lease::State::quoted) continue;
      if (quote.renter != renter && quote.remote_address != address) continue;
      out.push_back({quote.id, quote.renter, quote.remote_address, quote.card, quote.count,
                     quote.expires_at_s});
    }
    return out;
  }
  base::Result<std::optional<std::vector<ports::LeaseEventRow>>> apply(
      const ports::LeaseWrite& write) override {
    for (lease::Record& record : records) {
      if (record.quote.lease == write.lease) record.life = write.life;
    }
    return std::optional(std::vector<ports::LeaseEventRow>{});
  }
  base::Result<std::uint64_t> forget_unpaid(base::UnixMillis) override { return 0; }
  base::Result<std::vector<ports::LeaseEventRow>> events_after(const base::PublicKey& key,
                                                               std::uint64_t after_seq) override {
    std::vector<ports::LeaseEventRow> out;
    for (const auto& row : events) {
      if (row.lease == key && row.seq > after_seq) out.push_back(row);
    }
    return out;
  }
  base::Result<std::vector<ports::OutboxRow>> outbox_due(base::UnixMillis, std::size_t) override {
    return std::vector<ports::OutboxRow>{};
  }
  base::Result<std::optional<base::UnixMillis>> outbox_next_due_ms() override {
    return std::optional<base::UnixMillis>{};
  }
  base::Result<void> outbox_done(std::string_view) override { return {}; }
  base::Result<void> outbox_sent(std::string_view, const std::optional<solana::Attempt>&) override {
    return {};
  }
  base::Result<void> outbox_retry(std::string_view, base::UnixMillis) override { return {}; }
  base::Result<bool> put_listing(const ports::ListingRow& row) override {
    rows.push_back(row);
    return true;
  }
  base::Result<std::vector<ports::ListingRow>> listings() override { return rows; }
  base::Result<std::uint64_t> add_to_counter(std::string_view, std::uint64_t amount) override {
    return amount;
  }

 private:
  template <class Predicate>
  base::Result<std::optional<lease::Record>> find(Predicate predicate) {
    const auto at = std::ranges::find_if(records, predicate);
    if (at == records.end()) return std::optional<lease::Record>{};
    return std::optional(*at);
  }
};

class TestLeases final : public engine::Leases {
 public:
  ports::Store& store;
  std::optional<engine::MarketTerms> terms;
  base::UnixSeconds now_s = kChainNowS;
  bool answers = true;
  std::vector<api::EndedLease> ended;  // in their order
  int conflicts_left = 0;              // how many quotes to refuse as taken first
  std::vector<base::PublicKey> connected;
  std::vector<base::PublicKey> gone;
  std::vector<std::pair<base::PublicKey, api::HostLease>> said;
  std::vector<std::pair<base::PublicKey, api::HostTrouble>> troubles;
  std::vector<base::PublicKey> stops;
  std::vector<api::Lease> shown;  // what lease() and leases_of() know

  explicit TestLeases(ports::Store& store_in) : store(store_in) {}

  void host_connected(const base::PublicKey& host) override { connected.push_back(host); }
  void host_said(const base::PublicKey& host, const api::HostLease& what) override {
    said.emplace_back(host, what);
  }
  void host_troubled(const base::PublicKey& host, const api::HostTrouble& what) override {
    troubles.emplace_back(host, what);
  }
  void host_gone(const base::PublicKey& host) override { gone.push_back(host); }
  std::string watch_key() const override { return "ssh-ed25519 AAAA watch"; }
  base::Result<void> register_quote(const lease::Quote& quote) override {
    if (conflicts_left-- > 0) return base::Error{base::Code::conflict, "taken", ""};
    return store.insert_quote(quote);
  }
  void give_up(const base::PublicKey& address) override {
    const auto record = store.by_lease(address);
    if (!record || !*record || (*record)->life.state != lease::State::quoted) return;
    lease::Life life = (*record)->life;
    life.state = lease::State::ended;
    life.outcome = lease::Outcome::never_paid;
    (void)store.apply({address, life.version, life, {}, {}});
  }
  base::Result<std::optional<api::Lease>> lease(const base::PublicKey& address) override {
    const auto at = std::ranges::find(shown, address, &api::Lease::lease);
    return at == shown.end() ? std::optional<api::Lease>{} : std::optional(*at);
  }
  base::Result<std::optional<lease::Record>> record(const base::PublicKey& address) override {
    return store.by_lease(address);
  }
  base::Result<engine::LeasePage> leases_of(const base::PublicKey&,
                                            const std::optional<ports::ListPlace>& after,
                                            std::size_t limit) override {
    engine::LeasePage out;
    for (const api::Lease& lease : shown) {
      const auto at = static_cast<base::UnixMillis>(lease.version);  // as good a time as any
      if (after && at >= after->at_ms) continue;
      if (out.leases.size() == limit) {
        out.next = {static_cast<base::UnixMillis>(out.leases.back().version), "x"};
        break;
      }
      out.leases.push_back(lease);
    }
    return out;
  }
  base::Result<api::OutcomeList> outcomes(const ports::EndedAsked& asked) override {
    api::OutcomeList out;
    for (const api::EndedLease& one : ended) {
      const auto at_ms = base::parse_rfc3339(one.ended_at).value_or(0);
      if (asked.host && one.host != *asked.host) continue;
      if (asked.after && std::pair(-at_ms, one.lease.to_string()) <=
                             std::pair(-asked.after->at_ms, asked.after->name)) {
        continue;
      }
      if (out.entries.size() < asked.limit) out.entries.push_back(one);
    }
    return out;
  }
  std::vector<lease::Record> served_by(const base::PublicKey& host) override {
    std::vector<lease::Record> out;
    const auto live = store.not_ended().value();
    for (const lease::Record& record : live) {
      const bool is_paid = record.life.state != lease::State::quoted;
      if (record.quote.host == host && is_paid) out.push_back(record);
    }
    return out;
  }
  std::unique_ptr<ports::Subscription> subscribe(const base::PublicKey&, std::uint64_t,
                                                 EventCallback) override {
    return std::make_unique<ports::Subscription>();
  }
  void stop_forwarded(const base::PublicKey& lease) override { stops.push_back(lease); }
  std::optional<engine::MarketTerms> market_terms() override { return terms; }
  base::UnixSeconds chain_now() override { return now_s; }
  bool chain_answers() override { return answers; }
};

// Keeps the lines and writes none.
class QuietLog final : public Log {
 public:
  struct Line {
    Level level{};
    std::string message;
    Fields fields;
  };
  std::vector<Line> lines;
  QuietLog() : Log(Level::debug) {}
  void write(Level level, std::string_view message, const Fields& fields) override {
    const std::lock_guard lock(mutex_);
    lines.push_back({level, std::string(message), fields});
  }

 private:
  std::mutex mutex_;
};

// A socket whose other end is the test.
class TestSocket final : public http::WebSocket {
 public:
  std::vector<std::string> sent;
  std::string reason;
  bool is_closed = false;
  bool send(std::string_view text) override {
    if (is_closed) return false;
    sent.emplace_back(text);
    return true;
  }
  bool send_binary(std::string_view bytes) override { return send(bytes); }
  std::size_t queued_bytes() const override { return 0; }
  void close(std::string_view why) override {
    if (!is_closed) reason = why;
    is_closed = true;
  }
  bool closed() const override { return is_closed; }
};

// An event stream whose reader is the test.
class TestStream final : public http::EventStream {
 public:
  struct Event {
    std::string id;
    std::string event;
    std::string data;
  };
  std::vector<Event> events;
  bool is_closed = false;
  bool send(std::string_view id, std::string_view event, std::string_view data) override {
    if (is_closed) return false;
    events.push_back({std::string(id), std::string(event), std::string(data)});
    return true;
  }
  void close() override { is_closed = true; }
  bool closed() const override { return is_closed; }
  std::size_t queued() const override { return 0; }
};

// One request and what became of it.
class TestExchange final : public http::Exchange {
 public:
  std::optional<http::Response> response;
  http::WebSocketHandlers handlers;
  std::shared_ptr<TestSocket> socket;
  void reply(http::Response given) override { response = std::move(given); }
  std::shared_ptr<TestStream> stream;
  std::shared_ptr<http::EventStream> stream_events(std::vector<http::Header>) override {
    stream = std::make_shared<TestStream>();
    return stream;
  }
  std::shared_ptr<http::WebSocket> accept_websocket(http::WebSocketHandlers given,
                                                    std::size_t) override {
    handlers = std::move(given);
    socket = std::make_shared<TestSocket>();
    return socket;
  }
  // What is said later stands in the same place.
  struct Later final : http::LaterAnswer {
    explicit Later(TestExchange& to) : exchange(to) {}
    void reply(http::Response given) override { exchange.response = std::move(given); }
    TestExchange& exchange;
  };
  std::shared_ptr<http::LaterAnswer> answer_later() override {
    return std::make_shared<Later>(*this);
  }
};

inline base::PublicKey key(std::uint8_t seed) {
  base::PublicKey out;
  out.bytes.fill(seed);
  return out;
}

// The request as that wallet signs it for the market of key(2), at the host 127.0.0.1:8480.
inline void sign_request(http::Request& request, const base::Keypair& wallet,
                         base::UnixMillis at_ms = kNowMs + 1'000'001,
                         std::string nonce = identity::new_nonce()) {
  const std::string host = "127.0.0.1:8480";
  const std::string query = request.query.empty() ? "" : "?" + request.query;
  const identity::Asked asked{request.method, request.path + query, host, key(2),
                              base::sha256(base::view_of(request.body))};
  identity::RequestSignature signature{wallet.public_key(), at_ms, std::move(nonce), {}};
  const std::string text = identity::text_to_sign(asked, at_ms, signature.nonce);
  signature.signature = wallet.sign(base::view_of(text));
  request.headers.push_back({"Host", host});
  request.headers.push_back({"Authorization", identity::authorization_of(signature)});
}

// A real Ed25519 public key line; its private half was thrown away.
inline constexpr const char* kSshKey =
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIBT3m2tPy86ooRYOZcD8rwkHiyoyBILs6A8of9Z2P3Bh";

inline api::Listing listing_of(const base::PublicKey& host, std::size_t cards) {
  api::Listing out;
  out.host = host;
  out.seq = static_cast<std::uint64_t>(kNowMs);
  for (std::size_t i = 0; i < cards; ++i) {
    out.cards.push_back(
        {"GPU-" + std::to_string(i), "rtx-4090", "NVIDIA GeForce RTX 4090", 24'564ull << 20});
  }
  out.micro_usd_per_hour = 1'380'000;
  out.disk_bytes_max = std::uint64_t{200} << 30;
  out.ram_bytes = std::uint64_t{128} << 30;
  out.cpu_milli = 32'000;
  out.max_seconds = 86'400;
  out.images = {{"sha256:" + std::string(64, 'a'), "ssh", 400'000'000}};
  return out;
}

inline api::HostListing sign_listing(const api::Listing& listing, const base::Keypair& host) {
  api::HostListing out{"listing", api::to_json(listing), {}};
  base::Writer message;
  message.put(std::string_view("OBELISKL"));
  message.put(base::sha256(base::view_of(out.listing)).view());
  out.signature = host.sign(message.bytes());
  return out;
}

inline engine::MarketTerms terms_of(const base::PublicKey& attestor) {
  engine::MarketTerms out;
  out.account.rev = 7;
  out.account.fee_bps = 250;
  out.account.ready_deadline_s = 60;
  out.account.gap_limit_s = 180;
  out.account.claim_window_s = 21'600;
  out.account.operator_key = escrow::to_key(key(20));
  out.account.treasury = escrow::to_key(key(21));
  out.account.attestor = escrow::to_key(attestor);
  return out;
}

}  // namespace obelisk::market_app::testing
