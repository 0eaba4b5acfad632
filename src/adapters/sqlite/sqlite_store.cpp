#include "adapters/sqlite/sqlite_store.hpp"

#include "adapters/sql/meter.hpp"
#include "adapters/sql/sql_answer_store.hpp"
#include "adapters/sql/sql_audit_store.hpp"
#include "adapters/sql/sql_history_store.hpp"
#include "adapters/sql/sql_refusal_store.hpp"
#include "adapters/sql/sql_report_store.hpp"
#include "adapters/sql/sql_session_store.hpp"
#include "adapters/sql/sql_store.hpp"
#include "adapters/sqlite/group_commit.hpp"
#include "adapters/sqlite/migrations.hpp"

namespace obelisk::sqlite {
namespace {

// One connection writes, for whoever comes at the same time, in one commit; another reads. Copies
// share both.
class Backend {
 public:
  using Database = sqlite::Database;
  using Statement = sqlite::Statement;

  Backend(Database writer, Database reader)
      : writing_(std::make_shared<Writing>(std::move(writer))),
        reading_(std::make_shared<Reading>(std::move(reader))) {}

  template <class F>
  auto read(const F& f) {
    const std::lock_guard lock(reading_->mutex);
    return f(reading_->database);
  }
  template <class F>
  auto write(const F& f) {
    return writing_->meter.measure([&] { return writing_->commits.write(f); });
  }
  ports::StoreFigures figures() const {
    ports::StoreFigures out = writing_->meter.figures();
    out.commits = writing_->commits.counts().commits;
    return out;
  }

 private:
  struct Reading {
    explicit Reading(Database opened) : database(std::move(opened)) {}
    std::mutex mutex;
    Database database;
  };
  struct Writing {
    explicit Writing(Database opened) : commits(std::move(opened)) {}
    GroupCommit commits;
    sql::Meter meter;
  };
  std::shared_ptr<Writing> writing_;
  std::shared_ptr<Reading> reading_;
};

}  // namespace

base::Result<ports::Stores> open_stores(const std::string& path) {
  TRY(Database writer, Database::open(path));
  TRY_VOID(migrate(writer, migrations()));
  TRY(Database reader, Database::open(path));
  const Backend backend(std::move(writer), std::move(reader));
  return ports::Stores{std::make_unique<sql::SqlStore<Backend>>(backend),
                       std::make_unique<sql::SqlAuditStore<Backend>>(backend),
                       std::make_unique<sql::SqlReportStore<Backend>>(backend),
                       std::make_unique<sql::SqlRefusalStore<Backend>>(backend),
                       std::make_unique<sql::SqlSessionStore<Backend>>(backend),
                       std::make_unique<sql::SqlAnswerStore<Backend>>(backend),
                       std::make_unique<sql::SqlHistoryStore<Backend>>(backend),
                       [backend] { return backend.figures(); }};
}

}  // namespace obelisk::sqlite
