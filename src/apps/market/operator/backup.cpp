// `obelisk-market backup` and `restore`: the market's records as files. Money is on chain: what a
// backup does not know of, the chain does, and a market that is started on an old one follows it.
#include "adapters/sqlite/backup.hpp"

#include <array>
#include <filesystem>

#include "adapters/files/file_lock.hpp"
#include "adapters/files/files.hpp"
#include "adapters/sqlite/index_migrations.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "apps/market/indexer/index_lock.hpp"
#include "apps/market/operator/verbs.hpp"
#include "base/canonical_json.hpp"

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

// What SQLite keeps of one database, moved as one; what was moved before goes.
base::Result<void> move_aside(const std::string& path) {
  for (const char* part : {"", "-wal", "-shm"}) {
    const std::string from = path + part;
    std::error_code error;
    std::filesystem::remove(path + ".replaced" + part, error);
    if (!is_there(from)) continue;
    std::filesystem::rename(from, path + ".replaced" + part, error);
    if (error) {
      return Error{Code::missing_dependency,
                   from + " cannot be moved aside: " + error.message() + ".",
                   "Check who owns the folder."};
    }
  }
  return {};
}

// Copied beside it, and only then in its place.
base::Result<void> put_in_place(const std::string& from, const std::string& path) {
  const std::string fresh = path + ".restoring";
  std::error_code error;
  std::filesystem::remove(fresh, error);
  TRY_VOID(sqlite::copy_database(from, fresh));
  TRY_VOID(move_aside(path));
  std::filesystem::rename(fresh, path, error);
  if (!error) return {};
  return Error{Code::missing_dependency, path + " cannot be written: " + error.message() + ".",
               "Check who owns the folder, and restore again."};
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
  TRY_VOID(put_in_place(from, records));
  if (has_index) {
    TRY_VOID(put_in_place(from + kIndexEnd, state_dir + "/index.sqlite"));
  }
  TRY_VOID(write_down(state_dir, clock, "restore", from));
  if (request.json) {
    return base::CanonicalJson(base::CanonicalJson::Object{
                                   {"state", state_dir}, {"file", from}, {"index", has_index}})
               .text() +
           "\n";
  }
  return "Restored into " + state_dir + (has_index ? ", with its index" : "") +
         ". What was there is beside it, with .replaced after its name.\n"
         "Start the market: it follows the chain from where the backup stands.\n";
}

}  // namespace obelisk::market_app::operators
