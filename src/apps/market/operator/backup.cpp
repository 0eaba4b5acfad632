// `obelisk-market backup` and `restore`: the market's records as files. Money is on chain: what a
// backup does not know of, the chain does, and a market that is started on an old one follows it.
#include "adapters/sqlite/backup.hpp"

#include <filesystem>

#include "adapters/files/file_lock.hpp"
#include "adapters/files/files.hpp"
#include "adapters/sqlite/index_migrations.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "apps/market/indexer/index_lock.hpp"
#include "apps/market/operator/verbs.hpp"
#include "base/canonical_json.hpp"
#include "base/time.hpp"

namespace obelisk::market_app::operators {
namespace {

using base::Code;
using base::Error;

constexpr const char* kIndexEnd = ".index";  // beside the file that was named

bool is_there(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

Error on_a_server(const char* verb) {
  return {Code::unsupported,
          std::string("These records are on a PostgreSQL server, which has tools of its own to ") +
              verb + " them.",
          "Use pg_dump --format=custom and pg_restore. The index is built again by "
          "obelisk-market reindex."};
}

// Of this moment, so that no earlier one is lost: market.sqlite.replaced-20260131T120000Z.
std::string kept_name(const std::string& path, base::UnixMillis now_ms) {
  std::string time = base::to_rfc3339_seconds(now_ms / 1000);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return path + ".replaced-" + time;
}

base::Result<void> write_down(const std::string& state_dir, ports::Clock& clock, const char* what,
                              const std::string& file) {
  TRY(const auto stores, sqlite::open_stores(state_dir + "/market.sqlite"));
  TRY_VOID(stores.audit->add({0, clock.now_ms(), this_user(), what, file, ""}));
  return {};
}

}  // namespace

Words backup(const BackupRequest& request, ports::Clock& clock) {
  if (!request.ground.database.empty()) return on_a_server("back up");
  const std::string& state_dir = request.ground.state_dir;
  if (!is_there(state_dir + "/market.sqlite")) {
    return Error{Code::not_found, "No market's records are in " + state_dir + ".",
                 "Name its folder with --state, or its --config."};
  }
  const std::string to = std::filesystem::absolute(request.to).lexically_normal().string();
  const bool has_index = is_there(state_dir + "/index.sqlite");
  if (is_there(to) || is_there(to + kIndexEnd)) {
    return Error{Code::conflict, to + " is there already.", "Name a new file."};
  }
  TRY_VOID(write_down(state_dir, clock, "backup", to));
  TRY_VOID(sqlite::copy_database(state_dir + "/market.sqlite", to));
  if (has_index) {
    TRY_VOID(sqlite::copy_database(state_dir + "/index.sqlite", to + kIndexEnd));
  }
  if (request.json) {
    base::CanonicalJson::Object out{{"file", to}};
    if (has_index) out.emplace("index", to + kIndexEnd);
    return base::CanonicalJson(std::move(out)).text() + "\n";
  }
  return "Written: " + to + (has_index ? " and " + to + kIndexEnd : "") +
         "\nKeys are not in it: keep the key files elsewhere.\n";
}

Words restore(const RestoreRequest& request, ports::Clock& clock) {
  if (!request.ground.database.empty()) return on_a_server("restore");
  const std::string& state_dir = request.ground.state_dir;
  const std::string records = state_dir + "/market.sqlite";
  const std::string from = std::filesystem::absolute(request.from).lexically_normal().string();
  TRY_VOID(files::make_private_directory(state_dir));
  TRY(const auto lock, files::FileLock::take(state_dir + "/market.lock", "serves a market on"));
  TRY(const auto index_lock, indexer::IndexLock::take(state_dir));
  TRY_VOID(sqlite::check_database(from, sqlite::migrations()));
  const bool has_index = is_there(from + kIndexEnd);
  if (has_index) {
    TRY_VOID(sqlite::check_database(from + kIndexEnd, sqlite::index_migrations()));
  }
  if (is_there(records) && !request.force) {
    return Error{Code::conflict, "There are records in " + state_dir + " already.",
                 "Give --force to put the backup in their place; they are moved aside."};
  }
  const std::string kept = kept_name(records, clock.now_ms());
  const bool had_records = is_there(records);
  TRY_VOID(sqlite::replace_database(from, records, kept));
  if (has_index) {
    const std::string index = state_dir + "/index.sqlite";
    TRY_VOID(sqlite::replace_database(from + kIndexEnd, index, kept_name(index, clock.now_ms())));
  }
  TRY_VOID(write_down(state_dir, clock, "restore", from));
  if (request.json) {
    base::CanonicalJson::Object out{{"state", state_dir}, {"file", from}, {"index", has_index}};
    if (had_records) out.emplace("replaced", kept);
    return base::CanonicalJson(std::move(out)).text() + "\n";
  }
  return "Restored into " + state_dir + (has_index ? ", with its index" : "") + ".\n" +
         (had_records ? "What was there is " + kept + ".\n" : "") +
         "Start the market: it follows the chain from where the backup stands.\n";
}

}  // namespace obelisk::market_app::operators
