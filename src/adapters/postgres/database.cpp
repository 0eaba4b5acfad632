#include "adapters/postgres/database.hpp"

#include <libpq-fe.h>

#include <charconv>

#include "base/check.hpp"

namespace obelisk::postgres {
namespace {

using base::Code;
using base::Error;

// Long enough for a backup to be in the way, short enough for somebody who waits for an answer.
constexpr const char* kOptions =
    "-c statement_timeout=10000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=20000 "
    "-c client_min_messages=error";
constexpr const char* kConnectTimeoutS = "5";
// A server that is cut off says nothing: after so long without a sign of it the call ends.
constexpr const char* kSilenceMs = "15000";

// With $1, $2 ... for each `?`. No statement of ours has one in a text.
std::pair<std::string, int> numbered(std::string_view sql) {
  std::string out;
  int count = 0;
  for (const char c : sql) {
    if (c == '?') {
      out += "$" + std::to_string(++count);
    } else {
      out += c;
    }
  }
  return {out, count};
}

std::string first_line(const char* text) {
  const std::string_view words(text == nullptr ? "" : text);
  std::string out;
  for (const char c : words.substr(0, std::min<std::size_t>(words.find('\n'), 200))) {
    out += c >= ' ' && c <= '~' ? c : ' ';
  }
  return out;
}

}  // namespace

void Statement::Clear::operator()(pg_result* result) const { PQclear(result); }
void Database::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

Statement::Statement(Database& database, const std::string& name, int parameters)
    : database_(database), name_(name), values_(static_cast<std::size_t>(parameters)) {}

void Statement::bind(int index, std::int64_t value) {
  values_.at(static_cast<std::size_t>(index - 1)) = std::to_string(value);
}

void Statement::bind(int index, std::string_view text) {
  values_.at(static_cast<std::size_t>(index - 1)) = std::string(text);
}

void Statement::bind_null(int index) { values_.at(static_cast<std::size_t>(index - 1)).reset(); }

base::Result<bool> Statement::step() {
  if (!result_) {
    std::vector<const char*> values;
    for (const auto& value : values_) values.push_back(value ? value->c_str() : nullptr);
    result_.reset(PQexecPrepared(database_.connection_.get(), name_.c_str(),
                                 static_cast<int>(values.size()), values.data(), nullptr, nullptr,
                                 0));
    const ExecStatusType status = PQresultStatus(result_.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      return database_.error_of(result_.get());
    }
    const std::string_view touched = PQcmdTuples(result_.get());
    database_.changes_ = 0;
    (void)std::from_chars(touched.data(), touched.data() + touched.size(), database_.changes_);
  }
  return ++row_ < PQntuples(result_.get());
}

base::Result<void> Statement::run() {
  TRY(const bool row, step());
  CHECK(!row);
  return {};
}

std::int64_t Statement::integer(int column) const {
  if (is_null(column)) return 0;
  const std::string_view text = PQgetvalue(result_.get(), row_, column);
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  CHECK(error == std::errc{} && end == text.data() + text.size());
  return out;
}

std::string Statement::text(int column) const {
  return {PQgetvalue(result_.get(), row_, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

bool Statement::is_null(int column) const { return PQgetisnull(result_.get(), row_, column) != 0; }

base::Result<Database> Database::open(const std::string& conninfo) {
  const char* const keywords[] = {"dbname",           "connect_timeout",
                                  "application_name", "options",
                                  "client_encoding",  "tcp_user_timeout",
                                  "keepalives_idle",  "keepalives_interval",
                                  "keepalives_count", nullptr};
  const char* const values[] = {conninfo.c_str(),
                                kConnectTimeoutS,
                                "obelisk-market",
                                kOptions,
                                "UTF8",
                                kSilenceMs,
                                "5",
                                "5",
                                "2",
                                nullptr};
  Database out(PQconnectdbParams(keywords, values, 1));
  if (PQstatus(out.connection_.get()) == CONNECTION_OK) return out;
  return Error{
      Code::unreachable,
      "PostgreSQL does not let us in: " + first_line(PQerrorMessage(out.connection_.get())) + ".",
      "Start the server, and check the address and its password file.", 0};
}

bool Database::is_alive() const { return PQstatus(connection_.get()) == CONNECTION_OK; }

base::Error Database::error_of(const pg_result* result) {
  const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view state = field == nullptr ? "" : field;
  try_again_ = state == "40001" || state == "40P01";  // serialization, deadlock
  Error error{Code::internal,
              "The database said no: " + first_line(PQresultErrorMessage(result)) + ".",
              "Look at the market's log.", 0};
  // Classes of PostgreSQL's appendix A: 23 constraint, 53 resources, 57 and 08 the server is going.
  if (state.starts_with("23")) error.code = Code::conflict;
  if (state.starts_with("53")) {
    error.code = Code::missing_dependency;
    error.action = "Give the database server room: disk, memory or connections.";
  }
  if (state == "57014" || state == "55P03") {
    error.code = Code::timeout;
    error.action = "Somebody holds the database. End that, then try again.";
  } else if (state.empty() || state.starts_with("57") || state.starts_with("08")) {
    error.code = Code::unreachable;
    error.action = "Start the database server again.";
  }
  return error;
}

base::Result<Statement> Database::prepare(std::string_view sql) {
  auto found = prepared_.find(sql);
  if (found == prepared_.end()) {
    const auto [text, count] = numbered(sql);
    const std::string name = "s" + std::to_string(prepared_.size());
    const std::unique_ptr<pg_result, void (*)(pg_result*)> result(
        PQprepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr), PQclear);
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return error_of(result.get());
    found = prepared_.emplace(std::string(sql), std::pair(name, count)).first;
  }
  return Statement(*this, found->second.first, found->second.second);
}

base::Result<void> Database::execute(const char* sql) {
  const std::unique_ptr<pg_result, void (*)(pg_result*)> result(PQexec(connection_.get(), sql),
                                                                PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
  return error_of(result.get());
}

bool Database::is_constraint(const base::Error& error) { return error.code == Code::conflict; }

base::Result<Transaction> Transaction::begin(Database& database) {
  database.try_again_ = false;
  TRY_VOID(database.execute("BEGIN"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(other.database_) {
  other.database_ = nullptr;
}

Transaction::~Transaction() {
  // Where the rollback fails too, the connection is gone, and the server rolls back.
  if (database_ != nullptr) (void)database_->execute("ROLLBACK");
}

base::Result<void> Transaction::commit() {
  Database& database = *std::exchange(database_, nullptr);
  // A transaction that failed before answers with ROLLBACK, and without an error.
  const std::unique_ptr<pg_result, void (*)(pg_result*)> result(
      PQexec(database.connection_.get(), "COMMIT"), PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return database.error_of(result.get());
  if (std::string_view(PQcmdStatus(result.get())) == "COMMIT") return {};
  return Error{Code::internal, "The database took back what was to be written.",
               "Report it: a statement before this one failed.", 0};
}

}  // namespace obelisk::postgres
