// obelisk-market: builds the parts, hands each what it needs, and waits for a signal.
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "adapters/clock/system_clock.hpp"
#include "adapters/files/file_lock.hpp"
#include "adapters/files/files.hpp"
#include "adapters/keyfile/keyfile_signer.hpp"
#include "adapters/postgres/postgres_store.hpp"
#include "adapters/prices/price_source.hpp"
#include "adapters/process/process.hpp"
#include "adapters/solana/check_cluster.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "adapters/watch/client.hpp"
#include "apps/market/api.hpp"
#include "apps/market/command_line.hpp"
#include "apps/market/create_market.hpp"
#include "apps/market/engine/lease_engine.hpp"
#include "apps/market/for_the_page.hpp"
#include "apps/market/history_keeper.hpp"
#include "apps/market/indexer/kept_index.hpp"
#include "apps/market/indexer/reindex.hpp"
#include "apps/market/node_history.hpp"
#include "apps/market/operator/verbs.hpp"
#include "apps/market/receipts/network.hpp"
#include "apps/market/server_options.hpp"
#include "apps/market/watching.hpp"
#include "apps/market/wiring.hpp"
#include "base/canonical_json.hpp"

namespace obelisk::market_app {
namespace {

// Calls what has to be done every second, until it is destroyed.
class Housekeeping {
 public:
  explicit Housekeeping(std::function<void()> work)
      : thread_([this, work = std::move(work)](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          while (!changed_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; })) {
            if (stop.stop_requested()) return;
            work();
          }
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

int fail(const base::Error& error, bool json = false) {
  if (json) {
    const base::CanonicalJson::Object words{
        {"code", std::string(base::code_name(error.code))},
        {"message", error.message},
        {"action", error.action},
        {"charged_lamports", std::to_string(error.charged_lamports)}};
    const base::CanonicalJson line(base::CanonicalJson::Object{{"error", words}});
    std::printf("%s\n", line.text().c_str());
    return base::exit_code(error.code);
  }
  return process::fail(error);
}

base::Result<void> run_create_market(const MarketRequest& request) {
  clock::SystemClock clock;
  TRY(auto operator_key, keyfile::KeyfileSigner::open(request.operator_keypair));
  TRY(auto chain,
      solana_rpc::open_checked_chain(request.rpc_url, request.ws_url, request.mainnet, clock));
  TRY(const auto outcome, create_market(request, *chain, clock, *operator_key));
  std::printf("%s\n", to_json_line(outcome, request.program).c_str());
  return {};
}

base::Result<void> run_reindex(const indexer::ReindexRequest& request) {
  clock::SystemClock clock;
  TRY(auto chain, solana_rpc::open_checked_chain(request.rpc_url, "", request.mainnet, clock));
  const auto show = [](const std::string& words) { std::fprintf(stderr, "%s\n", words.c_str()); };
  const auto pause = [](int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
  TRY(const auto done, indexer::reindex(request, {*chain, clock, show, pause}));
  std::printf("%s", (request.json ? to_json_line(done) + "\n" : to_text(done)).c_str());
  return {};
}

base::Result<void> run_operator(const operators::Request& request) {
  clock::SystemClock clock;
  const auto open = [&clock](const Ground& ground) {
    return solana_rpc::open_checked_chain(ground.rpc_url, ground.ws_url, ground.mainnet, clock);
  };
  TRY(const std::string words, operators::run(request, clock, open));
  std::fputs(words.c_str(), stdout);
  return {};
}

std::string shown_address(const Config& config, std::uint16_t port) {
  const bool is_ipv6 = config.listen_address.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + config.listen_address + "]" : config.listen_address;
  return "http://" + host + ":" + std::to_string(port);
}

// A market that does not know its own account answers every quote with an error: better to say so
// at the start, and to be called ready only when it is.
void wait_for_chain(engine::Leases& leases, Log& log) {
  constexpr int kLooks = 500;
  for (int i = 0; i < kLooks && !leases.market_terms(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (leases.market_terms()) return;
  log.write(Level::error,
            "The market account was not found on the chain within 10 s. Check --rpc, --program and "
            "--operator; create-market makes it.");
}

base::Result<void> write_ready_file(const Config& config, const std::string& url) {
  if (config.ready_file.empty()) return {};
  return files::write_private(
      config.ready_file, "{\"url\":\"" + url + "\",\"pid\":" + std::to_string(getpid()) + "}\n");
}

// A watch that is started at the same moment as the market.
constexpr int kWatchWaitMs = 10'000;

// Everything outside this process, opened before anything is started.
struct Outside {
  std::optional<files::FileLock> lock;              // one market a state folder
  std::unique_ptr<keyfile::KeyfileSigner> own_key;  // signs what it saw of cards, no money
  std::vector<std::unique_ptr<ports::Attestor>> attestors;
  ports::Stores stores;
  std::unique_ptr<ports::Chain> chain;
  solana_rpc::NodeWatch nodes;
  std::unique_ptr<ports::PriceSource> prices;  // may ask the chain, so it goes first
  std::unique_ptr<ports::Logins> logins;
};

base::Result<Outside> open_outside(const Config& config, ports::Clock& clock, Log& log,
                                   Wiring& wiring) {
  Outside out;
  TRY_VOID(files::make_private_directory(config.state_dir));
  TRY(auto lock, files::FileLock::take(config.state_dir + "/market.lock", "serves a market on"));
  out.lock.emplace(std::move(lock));
  TRY(out.own_key, keyfile::open_or_create(config.state_dir + "/market_key.json"));
  TRY(out.stores, config.database.empty() ? sqlite::open_stores(config.state_dir + "/market.sqlite")
                                          : postgres::open_stores(config.database));
  out.stores.leases = wiring.store(std::move(out.stores.leases));
  TRY(auto chain, solana_rpc::open_checked_chain(config.rpc_url, config.ws_url, config.mainnet,
                                                 clock, &out.nodes));
  TRY_VOID(check_node_history(*chain, config.program));
  out.chain = wiring.chain(std::move(chain));
  const prices::PriceOptions choice{config.price, config.price_urls, config.hermes_token_file,
                                    config.pyth_account, out.chain.get()};
  TRY(out.prices, prices::make_price_source(choice, clock, [&log](const std::string& words) {
        log.write(Level::warning, words);
      }));
  TRY(auto watch, watch_link::open_watch(config.watch_socket, kWatchWaitMs));
  out.attestors = std::move(watch.attestors);
  out.logins = wiring.logins(std::move(watch.logins));
  return out;
}

// Takes requests until a signal comes; the engine runs already.
base::Result<void> take_requests(const Config& config, http::Server& server, engine::Leases& leases,
                                 Log& log, const process::Signals& signals) {
  TRY(const std::uint16_t port, server.start());
  const std::string url = shown_address(config, port);
  wait_for_chain(leases, log);
  TRY_VOID(write_ready_file(config, url));
  log.write(Level::info, "The market takes requests.",
            {{"url", url},
             {"program", config.program.to_string()},
             {"market", config.market.to_string()},
             {"local", config.local ? "true" : "false"}});
  const int received = signals.wait();
  log.write(Level::info, "Stopping. Leases run on.", {{"signal", std::to_string(received)}});
  return {};
}

// Beside everything else: a market without its index rents as well.
std::unique_ptr<indexer::KeptIndex> keep_index(const Config& config, ports::Clock& clock, Log& log,
                                               Metrics& metrics, Wiring& wiring) {
  const auto say = [&log](const std::string& words) { log.write(Level::info, words); };
  const auto report = [&metrics](const indexer::Health& health) {
    metrics.set_index({health.slot, health.final_slot, health.lag_slots, health.behind});
  };
  auto chain = solana_rpc::open_chain(config.rpc_url, config.ws_url, clock);
  const auto wrap = [&wiring](std::unique_ptr<ports::IndexStore> store) {
    return wiring.index(std::move(store));
  };
  auto kept =
      chain ? indexer::KeptIndex::start({config.state_dir, wiring.index_chain(*std::move(chain)),
                                         clock, config.program, report, say, wrap})
            : base::Result<std::unique_ptr<indexer::KeptIndex>>(chain.error());
  if (kept) return *std::move(kept);
  log.write(Level::error,
            "No index of the chain is kept: " + kept.error().message + " " + kept.error().action);
  return nullptr;
}

engine::Attestors attestors_of(const Outside& outside) {
  std::vector<ports::Attestor*> keys;
  for (const auto& attestor : outside.attestors) keys.push_back(attestor.get());
  return engine::Attestors(keys);
}

// A lease whose key is not here is served and not attested: its operator must hear of it at once.
base::Result<void> look_for_keys(ports::Store& store, const engine::Attestors& attestors,
                                 Log& log) {
  TRY(const auto records, store.not_ended());
  std::map<base::PublicKey, std::size_t> missing;
  for (const lease::Record& record : records) {
    if (attestors.find(record.quote.attestor) == nullptr) ++missing[record.quote.attestor];
  }
  for (const auto& [key, leases] : missing) {
    log.write(Level::error,
              "Leases run whose attestor's key the watch does not have: nobody attests them. Start "
              "obelisk-watch with that file too, --attestor-keypair NEW,OLD, then the market.",
              {{"attestor", key.to_string()}, {"leases", std::to_string(leases)}});
  }
  return {};
}

// What another process wrote into the list of refused addresses.
void heed_refusals(Refusals& refusals, OfferDesk& offers, HostHub& hub, Log& log) {
  const auto changes = refusals.refresh();
  if (!changes) return log.write(Level::warning, changes.error().message);
  for (const base::PublicKey& address : changes->refused) {
    log.write(Level::info, "An address is refused.", {{"address", address.to_string()}});
    offers.changed(address);
  }
  for (const base::PublicKey& address : changes->lifted) {
    log.write(Level::info, "An address is no longer refused.", {{"address", address.to_string()}});
    offers.changed(address);
  }
  hub.tell_refused(changes->refused);
}

engine::Log engine_log(Log& log) {
  return [&log](const std::string& words, const base::PublicKey* lease) {
    log.write(Level::info, words,
              lease == nullptr ? Fields{} : Fields{{"lease", lease->to_string()}});
  };
}

std::function<void(std::string_view, std::string_view)> count_sent(Metrics& metrics) {
  return [&metrics](std::string_view what, std::string_view result) {
    metrics.count(Metric::transactions, what, result);
  };
}

// What every part of this process may use.
struct Common {
  const Config& config;
  const Outside& outside;
  Wiring& wiring;
  ports::Clock& clock;
  Log& log;
  Metrics& metrics;
};

// Hosts are asked to prove their cards, offers and leases rest on what they answered.
std::unique_ptr<CardProofs> ask_for_proofs(const Common& common, HostHub& hub, OfferDesk& offers,
                                           engine::Engine& engine) {
  auto proofs = std::make_unique<CardProofs>(CardProofParts{
      common.clock, common.config.market, *common.outside.own_key, common.log,
      [&hub](const base::PublicKey& host, const std::string& message) {
        (void)hub.send(host, message);
      },
      [&hub](const base::PublicKey& host, const base::Error& why) { hub.notify(host, why); },
      [&offers](const base::PublicKey& host) { offers.changed(host); }});
  hub.prove_by(*proofs);
  offers.prove_by(*proofs);
  engine.check_cards_by(*proofs);
  return proofs;
}

engine::EngineParts engine_parts(const Common& common, ports::Store& store,
                                 const engine::Attestors& attestors) {
  return {*common.outside.chain,
          store,
          common.clock,
          attestors,
          *common.outside.logins,
          common.config.program,
          common.config.market,
          engine_log(common.log),
          {},
          common.config.fees,
          common.wiring.before_work(),
          false,
          count_sent(common.metrics)};
}

// What is written of leases, for the shelf and for the counters.
void tell_of_writes(WatchedStore& store, OfferDesk& offers, Metrics& metrics) {
  auto events = offers.store_events();
  events.wrote = [&metrics](const ports::LeaseWrite& write) { count_step(metrics, write); };
  store.tell(std::move(events));
}

// What /metrics asks for.
struct AskedParts {
  engine::Engine& engine;
  const Outside& outside;
  ports::Clock& clock;
  const Log& log;
};
void ask_parts(Metrics& metrics, const AskedParts& parts) {
  metrics.ask([parts](Samples& samples) {
    show_engine(samples, parts.engine.figures(), parts.clock.now_ms());
    show_store(samples, parts.outside.stores.figures());
    show_nodes(samples, parts.outside.nodes, parts.engine.chain_answers());
    show_log(samples, parts.log);
    show_process(samples);
  });
}

// Who asks, how often, and what was answered to whom.
struct Asking {
  Asking(const Config& config, const Outside& outside, ports::Clock& clock)
      : sessions(*outside.stores.sessions, clock, config.origins, config.market),
        callers(sessions, clock, config.market),
        answers(*outside.stores.answers, clock),
        rates(config.limits, clock) {}
  void sweep() {
    sessions.sweep();
    answers.sweep();
  }
  SessionDesk sessions;
  Callers callers;
  AnswerDesk answers;
  Rates rates;
};

http::Handler handler_of(Api& api) {
  return [&api](const http::Request& request, http::Exchange& exchange) {
    api.handle(request, exchange);
  };
}

// Beside everything else, as the index: what is not sampled is a gap.
void keep_history(HistoryKeeper& history, Log& log) {
  const auto done = history.step();
  if (!done) {
    log.write(Level::warning, "The history was not written.", {{"why", done.error().message}});
  }
}

// What earlier processes wrote, and what is written from now on.
base::Result<void> take_up_records(WatchedStore& store, OfferDesk& offers, Metrics& metrics,
                                   const engine::Attestors& attestors, Log& log) {
  TRY_VOID(offers.load());
  tell_of_writes(store, offers, metrics);
  return look_for_keys(store, attestors, log);
}

// Talks with hosts that are no step of a lease: questions about leases, images to pull.
struct HostDesks {
  HostDesks(OfferDesk& offers, ports::Clock& clock, HostHub& hub)
      : asks(clock, to(hub)), pulls(offers, clock, to(hub)), hub_(hub) {
    hub.ask_by(asks);
    hub.pull_by(pulls);
  }
  void sweep() {
    hub_.sweep();
    asks.sweep();
    pulls.sweep();
  }
  AskDesk asks;
  PullDesk pulls;

 private:
  HostHub& hub_;
  static AskDesk::Send to(HostHub& hub) {
    return [&hub](const base::PublicKey& host, const std::string& message) {
      return hub.send(host, message);
    };
  }
};

// In this order: the server waits for every answer that is owed, and asks the engine for them.
void end_all(AskDesk& asks, http::Server& server, engine::Engine& engine) {
  asks.stop();
  server.stop();
  engine.stop();
}

base::Result<void> serve(const Config& config) {
  const process::Signals signals;
  Log log(config.log_level);
  clock::SystemClock clock;
  TRY_VOID(allow_open_files(open_files_for(config.limits)));
  TRY(const auto wiring, Wiring::make());
  TRY(const Outside outside, open_outside(config, clock, log, *wiring));
  WatchedStore store(*outside.stores.leases);
  ports::Chain& chain = *outside.chain;
  ports::PriceSource& prices = *outside.prices;
  const engine::Attestors attestors = attestors_of(outside);
  Metrics metrics;
  const Common common{config, outside, *wiring, clock, log, metrics};
  engine::Engine engine(engine_parts(common, store, attestors));
  Refusals refusals(*outside.stores.refusals);
  TRY_VOID(refusals.refresh());
  OfferDesk offers(store, clock, config.local, config.limits.hosts, &refusals);
  TRY_VOID(take_up_records(store, offers, metrics, attestors, log));
  HostHub hub(offers, clock, log, config.program, config.market, config.limits);
  hub.name_gateways(config.gateways);
  hub.serve(engine);
  const auto proofs = ask_for_proofs(common, hub, offers, engine);
  HostDesks desks(offers, clock, hub);
  const Identity identity{config.program, config.market, config.local};
  QuoteDesk quotes({engine, store, chain, prices, attestors, clock, offers, &refusals}, identity);
  ReportDesk reports({engine, offers, *outside.stores.reports, *outside.stores.audit, clock},
                     config.market);
  LeaseStreams streams(engine, config.limits);
  OfferStreams offer_streams(offers, prices, clock, config.limits);
  ask_parts(metrics, {engine, outside, clock, log});
  ReadCache reads(clock);
  BandwidthDesk bandwidth(clock);
  Rebroadcast again(chain);
  again.start();
  Asking asking(config, outside, clock);
  ForThePage page(config, chain, clock, {quotes, engine, store}, network_of(config.rpc_url));
  Api api({engine,          store,
           chain,           prices,
           clock,           offers,
           quotes,          hub,
           streams,         metrics,
           asking.rates,    reads,
           asking.sessions, asking.callers,
           asking.answers,  identity,
           reports,         *outside.stores.history,
           offer_streams,   &bandwidth,
           &again,          &desks.pulls,
           &desks.asks,     &page.files,
           &page.pays,      &page.keeper,
           &page.receipts},
          log);
  HistoryKeeper history(*outside.stores.history, offers, prices, clock);
  TRY_VOID(engine.start(wiring->link(hub)));
  http::Server server(server_options(config, bandwidth, log), handler_of(api),
                      [&api](const http::QuickRequest& request) { return api.quick(request); });
  const Housekeeping housekeeping([&] {
    desks.sweep();
    proofs->sweep();
    streams.sweep();
    heed_refusals(refusals, offers, hub, log);
    offers.settle();
    asking.sweep();
    page.step();
    offer_streams.step();
    keep_history(history, log);
  });
  const auto index = keep_index(config, clock, log, metrics, *wiring);
  const auto done = take_requests(config, server, engine, log, signals);
  end_all(desks.asks, server, engine);
  return done;
}

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

int run(int count, char** words) {
  const auto command = parse_command_line(count, words, process_environment);
  if (!command) return fail(command.error());
  if (const auto* finished = std::get_if<Finished>(&*command)) return finished->exit_code;
  if (const auto* request = std::get_if<indexer::ReindexRequest>(&*command)) {
    const auto done = run_reindex(*request);
    return done ? 0 : fail(done.error(), request->json);
  }
  if (const auto* request = std::get_if<operators::Request>(&*command)) {
    const auto done = run_operator(*request);
    return done ? 0 : fail(done.error(), operators::wants_json(*request));
  }
  const auto* request = std::get_if<MarketRequest>(&*command);
  const auto done =
      request != nullptr ? run_create_market(*request) : serve(std::get<Config>(*command));
  return done ? 0 : fail(done.error());
}

}  // namespace
}  // namespace obelisk::market_app

int main(int count, char** words) { return obelisk::market_app::run(count, words); }
