#include <pwd.h>
#include <unistd.h>

#include <filesystem>

#include "adapters/keyfile/keyfile_signer.hpp"
#include "adapters/postgres/postgres_store.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "apps/market/operator/verbs.hpp"

namespace obelisk::market_app::operators {
namespace {

using base::Code;
using base::Error;

std::string records_of(const Ground& ground) { return ground.state_dir + "/market.sqlite"; }

bool has_records(const Ground& ground) {
  std::error_code error;
  return !ground.database.empty() || std::filesystem::exists(records_of(ground), error);
}

base::Result<ports::Stores> open_records(const Ground& ground) {
  if (!ground.database.empty()) return postgres::open_stores(ground.database);
  // A verb must not make an empty market where somebody mistyped a folder.
  if (has_records(ground)) return sqlite::open_stores(records_of(ground));
  return Error{Code::not_found, "No market's records are in " + ground.state_dir + ".",
               "Name its folder with --state, its server with --database, or its --config."};
}

// By what keys are called at a place of their own, so that the order of destruction is clear.
Words run_terms(const TermsRequest& asked, ports::Clock& clock, const OpenChain& open_chain) {
  TermsRequest request = asked;
  std::unique_ptr<keyfile::KeyfileSigner> key;
  if (!request.operator_keypair.empty()) {
    TRY(key, keyfile::KeyfileSigner::open(request.operator_keypair));
  }
  if (!request.new_keypair.empty()) {
    TRY(const base::Keypair next, keyfile::load_keypair(request.new_keypair));
    request.news.attestor = next.public_key();
  }
  TRY(const auto chain, open_chain(request.ground));
  ports::Stores stores;
  if (has_records(request.ground)) {
    TRY(stores, open_records(request.ground));
  }
  return terms(request, {*chain, clock, key.get(), stores.audit.get()});
}

}  // namespace

std::string this_user() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? "user " + std::to_string(::geteuid())
                          : std::string("user ") + entry->pw_name;
}

bool wants_json(const Request& request) {
  return std::visit([](const auto& asked) { return asked.json; }, request);
}

Words run(const Request& request, ports::Clock& clock, const OpenChain& open_chain) {
  if (const auto* asked = std::get_if<InitRequest>(&request)) return init(*asked);
  if (const auto* asked = std::get_if<TermsRequest>(&request)) {
    return run_terms(*asked, clock, open_chain);
  }
  if (const auto* asked = std::get_if<RefuseRequest>(&request)) {
    TRY(const auto stores, open_records(asked->ground));
    return refuse(*asked, *stores.refusals, *stores.audit, clock);
  }
  if (const auto* asked = std::get_if<TrailRequest>(&request)) {
    TRY(const auto stores, open_records(asked->ground));
    return asked->reports ? show_reports(*asked, *stores.reports)
                          : show_audit(*asked, *stores.audit);
  }
  if (const auto* asked = std::get_if<BackupRequest>(&request)) return backup(*asked, clock);
  return restore(std::get<RestoreRequest>(request), clock);
}

}  // namespace obelisk::market_app::operators
