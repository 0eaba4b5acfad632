#include "adapters/sqlite/backup.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "adapters/sql/migrate.hpp"
#include "adapters/sqlite/database.hpp"

namespace obelisk::sqlite {
namespace {

using base::Code;
using base::Error;

constexpr int kTries = 200;
constexpr int kPauseMs = 50;

Error system_error(const std::string& what, const std::string& path) {
  return {Code::missing_dependency, what + " " + path + ": " + std::strerror(errno) + ".",
          "Check that the folder exists, can be written and has room."};
}

// Its folder too: else a power cut could take the name back.
base::Result<void> sync(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return system_error("Cannot open", path);
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  if (!synced) return system_error("Cannot sync", path);
  return {};
}

base::Result<void> sync_name(const std::string& path) {
  const auto parent = std::filesystem::absolute(path).parent_path().string();
  return sync(parent);
}

// Removes what was begun, unless it came to its end.
class Unfinished {
 public:
  explicit Unfinished(std::string path) : path_(std::move(path)) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    for (const char* rest : {"", "-journal", "-wal", "-shm"}) ::unlink((path_ + rest).c_str());
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

base::Result<void> check_integrity(Database& database) {
  TRY(auto row, database.prepare("PRAGMA integrity_check(1)"));
  TRY(const bool found, row.step());
  if (found && row.text(0) == "ok") return {};
  return Error{Code::refused, "The database is damaged: " + (found ? row.text(0) : "") + ".",
               "Use another backup. Money is on chain, not in it."};
}

}  // namespace

base::Result<void> copy_database(const std::string& from, const std::string& to) {
  std::error_code error;
  if (std::filesystem::exists(to, error)) {
    return Error{Code::conflict, to + " is there already.", "Name a new file."};
  }
  if (!std::filesystem::exists(from, error)) {
    return Error{Code::not_found, "There is no " + from + ".", "Check --state."};
  }
  const Unfinished part(to + ".part");
  const int file = ::open(part.path().c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return system_error("Cannot write", part.path());
  ::close(file);
  {
    TRY(Database source, Database::open(from));
    TRY(Database target, Database::open_plain(part.path()));
    TRY_VOID(source.copy_into(target, kTries, kPauseMs));
    // One file, without a log beside it.
    TRY_VOID(target.execute("PRAGMA journal_mode = DELETE"));
    TRY_VOID(check_integrity(target));
  }
  TRY_VOID(sync(part.path()));
  if (::link(part.path().c_str(), to.c_str()) != 0) return system_error("Cannot name", to);
  return sync_name(to);
}

namespace {

// What SQLite keeps beside a file belongs to that file alone: found beside another one it would be
// taken for its own. So it is folded into the old one, or, where that is too damaged to be opened,
// put aside before anything else.
base::Result<void> fold_log(const std::string& path, const std::string& kept_as) {
  {
    auto old = Database::open(path);
    const auto folded = old ? old->execute("PRAGMA journal_mode = DELETE") : old.error();
    if (folded) return {};
    if (folded.error().code == Code::timeout) return folded;  // somebody has it open
  }
  for (const char* part : {"-wal", "-shm"}) {
    std::error_code error;
    if (!std::filesystem::exists(path + part, error)) continue;
    if (::rename((path + part).c_str(), (kept_as + part).c_str()) != 0) {
      return system_error("Cannot move aside", path + part);
    }
  }
  return sync_name(path);
}

}  // namespace

base::Result<void> replace_database(const std::string& from, const std::string& path,
                                    const std::string& kept_as) {
  const Unfinished fresh(path + ".restoring");
  // Of a restore that was cut off.
  for (const char* part : {"", ".part"}) ::unlink((fresh.path() + part).c_str());
  TRY_VOID(copy_database(from, fresh.path()));
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    TRY_VOID(fold_log(path, kept_as));
    if (::link(path.c_str(), kept_as.c_str()) != 0) return system_error("Cannot keep", kept_as);
  }
  if (::rename(fresh.path().c_str(), path.c_str()) != 0) return system_error("Cannot write", path);
  return sync_name(path);
}

base::Result<std::size_t> check_database(const std::string& file,
                                         std::span<const char* const> steps) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return Error{Code::not_found, "There is no file " + file + ".", "Check the name."};
  }
  TRY(Database database, Database::open_plain(file));
  TRY_VOID(database.execute("PRAGMA query_only = ON"));
  TRY_VOID(check_integrity(database));
  const auto known = sql::check_known(database, steps);
  if (!known && known.error().code == Code::unsupported) {
    return Error{Code::unsupported, file + " was made by another version of this program.",
                 "Use that version, or a newer one."};
  }
  if (!known) {
    return Error{Code::refused, file + " is no database of this program.",
                 "Name a file that obelisk-market backup made."};
  }
  return sql::count_done(database);
}

}  // namespace obelisk::sqlite
