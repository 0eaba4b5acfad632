#include "adapters/postgres/postgres_store.hpp"

#include <type_traits>

#include "adapters/postgres/migrations.hpp"
#include "adapters/postgres/pool.hpp"
#include "adapters/sql/meter.hpp"
#include "adapters/sql/sql_answer_store.hpp"
#include "adapters/sql/sql_audit_store.hpp"
#include "adapters/sql/sql_history_store.hpp"
#include "adapters/sql/sql_refusal_store.hpp"
#include "adapters/sql/sql_report_store.hpp"
#include "adapters/sql/sql_session_store.hpp"
#include "adapters/sql/sql_store.hpp"

namespace obelisk::postgres {
namespace {

// As many writers as share one sync of the server's log; the market's threads are not many more.
constexpr std::size_t kConnections = 16;
constexpr int kTries = 5;

// Copies share the connections.
class Backend {
 public:
  using Database = postgres::Database;
  using Statement = postgres::Statement;

  explicit Backend(const std::string& conninfo)
      : pool_(std::make_shared<Pool>(conninfo, kConnections)) {}

  template <class F>
  auto read(const F& f) -> std::invoke_result_t<F, Database&> {
    TRY(Pool::Lent lent, pool_->take());
    return f(*lent);
  }

  template <class F>
  auto write(const F& f) -> std::invoke_result_t<F, Database&> {
    return meter_->measure([&] { return write_once_more(f); });
  }

  ports::StoreFigures figures() const { return meter_->figures(); }

 private:
  template <class F>
  auto write_once_more(const F& f) -> std::invoke_result_t<F, Database&> {
    TRY(Pool::Lent lent, pool_->take());
    for (int tries = 1;; ++tries) {
      auto done = once(*lent, f);
      if (done || tries == kTries || !(*lent).may_try_again()) return done;
    }
  }

  template <class F>
  static auto once(Database& database, const F& f) -> std::invoke_result_t<F, Database&> {
    TRY(auto transaction, Transaction::begin(database));
    auto done = f(database);
    if (!done) return done;
    TRY_VOID(transaction.commit());
    return done;
  }

  std::shared_ptr<Pool> pool_;
  std::shared_ptr<sql::Meter> meter_ = std::make_shared<sql::Meter>();
};

}  // namespace

bool is_conninfo(std::string_view setting) {
  return setting.starts_with("postgresql://") || setting.starts_with("postgres://");
}

base::Result<ports::Stores> open_stores(const std::string& conninfo) {
  TRY(Database database, Database::open(conninfo));
  TRY_VOID(migrate(database, migrations()));
  const Backend backend(conninfo);
  return ports::Stores{std::make_unique<sql::SqlStore<Backend>>(backend),
                       std::make_unique<sql::SqlAuditStore<Backend>>(backend),
                       std::make_unique<sql::SqlReportStore<Backend>>(backend),
                       std::make_unique<sql::SqlRefusalStore<Backend>>(backend),
                       std::make_unique<sql::SqlSessionStore<Backend>>(backend),
                       std::make_unique<sql::SqlAnswerStore<Backend>>(backend),
                       std::make_unique<sql::SqlHistoryStore<Backend>>(backend),
                       [backend] { return backend.figures(); }};
}

}  // namespace obelisk::postgres
