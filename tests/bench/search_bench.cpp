// What ./dev bench search measures: queries over many live offers, one at a time, as the market
// runs them (parse, look, sort, cursor), and the same questions to SQLite in memory over the same
// rows. It must never print a figure of two sides that do not answer the same.
//
//   search_bench OFFERS ROUNDS SEED
#include <sqlite3.h>
#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "base/check.hpp"
#include "core/market/search/cursor.hpp"
#include "core/market/search/shelf.hpp"
#include "core/market/search/testing.hpp"
#include "core/market/search/wanted.hpp"

namespace obelisk::bench {
namespace {

namespace search = market::search;
using search::testing::Random;

constexpr std::size_t kPage = 100;
constexpr std::size_t kChanged = 1000;

// One question in both languages.
struct Question {
  const char* query;
  const char* sort;
  const char* where;
  const char* order;
};

constexpr Question kQuestions[] = {
    {"", "price,-gpus", "1", "price, gpus DESC, id"},
    {"card=rtx-4090", "price,-gpus", "card = 'rtx-4090'", "price, gpus DESC, id"},
    {"card=rtx-4090,a40 gpus>=2 vram>=24GB price<=1.50 region=eu* -simulated", "price",
     "card IN ('rtx-4090', 'a40') AND gpus >= 2 AND vram >= 25769803776 AND price <= 1500000 "
     "AND region LIKE 'eu%' AND simulated = 0",
     "price, id"},
    {"vram>=24GB price<=1.5", "price", "vram >= 25769803776 AND price <= 1500000", "price, id"},
    {"total_vram>=160GB capability>=8", "-total_vram,price",
     "vram * gpus >= 171798691840 AND capability >= 80", "vram * gpus DESC, price, id"},
    {"name=rtx* driver!=570.86 ram>=32GB cores>=4", "-ram",
     "name LIKE 'rtx%' AND driver IS NOT NULL AND driver <> '570.86' AND ram >= 34359738368 "
     "AND cpu >= 4000",
     "ram DESC, id"},
    {"login_p95<=2s logins>=10", "login_p95", "login_p95 <= 2000 AND logins >= 10",
     "login_p95, id"},
    {"pcie>=4 or nvlink>=6", "-nvlink,price", "pcie >= 4 OR nvlink >= 6",
     "nvlink IS NULL, nvlink DESC, price, id"},
    {"-(region=us* or price>2)", "region,price", "NOT (region LIKE 'us%' OR price > 2000000)",
     "region IS NULL, region, price, id"},
    {"price=*", "-tflops_per_usd", "1", "ratio IS NULL, ratio DESC, id"},
    {"card=h100-sxm price<0.01", "price", "card = 'h100-sxm' AND price < 10000", "price, id"},
    {"disk=100..500GB duration>=1d", "disk_price,price",
     "disk BETWEEN 100000000000 AND 500000000000 AND duration >= 86400", "disk_price, price, id"},
};

struct Answer {
  std::size_t total = 0;
  std::vector<std::string> ids;
  bool operator==(const Answer&) const = default;
};

double now_ms(clockid_t clock) {
  timespec at{};
  clock_gettime(clock, &at);
  return static_cast<double>(at.tv_sec) * 1e3 + static_cast<double>(at.tv_nsec) / 1e6;
}

// Everything a request does but HTTP and JSON.
Answer ask(const search::Shelf& shelf, const std::string& text, const std::string& order) {
  auto parsed = search::parse_query(text);
  auto sort = std::get<std::vector<search::SortKey>>(search::parse_sort(order));
  const auto& query = std::get<search::Query>(parsed);
  const search::Found found = shelf.find({query, sort, search::testing::kSolPrice, kPage, nullptr});
  Answer out;
  out.total = found.matched;
  for (const auto& entry : found.entries) out.ids.push_back(entry->offer.id);
  if (found.more) (void)search::cursor_text(search::place_of(*found.entries.back(), sort), sort);
  return out;
}

// SQLite in memory: the same rows, with an index on what is asked most.
class Sqlite {
 public:
  Sqlite() {
    CHECK(sqlite3_open(":memory:", &database_) == SQLITE_OK);
    run("CREATE TABLE offers (id TEXT PRIMARY KEY, card TEXT, name TEXT, gpus INT, vram INT,"
        " price INT, region TEXT, simulated INT, capability INT, driver TEXT, ram INT, cpu INT,"
        " login_p95 INT, logins INT, pcie INT, nvlink INT, ratio INT, disk INT, duration INT,"
        " disk_price INT) WITHOUT ROWID;"
        "CREATE INDEX by_price ON offers (price, gpus DESC, id);"
        "CREATE INDEX by_card ON offers (card, price);");
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  ~Sqlite() { sqlite3_close(database_); }

  void fill(const std::vector<search::EntryPointer>& entries) {
    run("BEGIN");
    sqlite3_stmt* insert =
        prepare("INSERT INTO offers VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (const auto& entry : entries) {
      put(insert, *entry);
      CHECK(sqlite3_step(insert) == SQLITE_DONE);
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    run("COMMIT; ANALYZE;");
  }

  // Prepared once, as a server would keep it.
  Answer ask(const Question& question) {
    auto& [page, count] = prepared_[&question];
    const std::string where = std::string(" FROM offers WHERE ") + question.where;
    if (page == nullptr) {
      page = prepare("SELECT id" + where + " ORDER BY " + question.order + " LIMIT " +
                     std::to_string(kPage));
      count = prepare("SELECT count(*)" + where);
    }
    Answer out;
    while (sqlite3_step(page) == SQLITE_ROW) {
      out.ids.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(page, 0)));
    }
    sqlite3_reset(page);
    CHECK(sqlite3_step(count) == SQLITE_ROW);
    out.total = static_cast<std::size_t>(sqlite3_column_int64(count, 0));
    sqlite3_reset(count);
    return out;
  }

 private:
  void run(const char* sql) {
    CHECK(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* out = nullptr;
    CHECK(sqlite3_prepare_v2(database_, sql.c_str(), -1, &out, nullptr) == SQLITE_OK);
    return out;
  }
  static void text(sqlite3_stmt* to, int at, const std::string& value) {
    if (value.empty()) {
      sqlite3_bind_null(to, at);
    } else {
      sqlite3_bind_text(to, at, value.c_str(), -1, SQLITE_TRANSIENT);
    }
  }
  static void number(sqlite3_stmt* to, int at, std::uint64_t value) {
    if (value == search::kUnknown) {
      sqlite3_bind_null(to, at);
    } else {
      sqlite3_bind_int64(to, at, static_cast<std::int64_t>(value));
    }
  }
  static void put(sqlite3_stmt* to, const search::Entry& entry) {
    using F = search::Field;
    const auto field = [&](F which) { return search::number_of(entry, which); };
    const cards::Card* card = cards::find_card(entry.offer.card);
    const std::uint32_t capability = card->compute_capability;
    text(to, 1, entry.offer.id);
    text(to, 2, entry.offer.card);
    text(to, 3, search::text_of(entry, F::name));
    number(to, 4, field(F::gpus));
    number(to, 5, field(F::vram));
    number(to, 6, field(F::price));
    text(to, 7, search::text_of(entry, F::region));
    number(to, 8, field(F::simulated));
    number(to, 9, capability == 0 ? search::kUnknown : capability);
    text(to, 10, entry.offer.reported.driver_version);
    number(to, 11, field(F::ram));
    number(to, 12, field(F::cores));
    number(to, 13, field(F::login_p95));
    number(to, 14, field(F::logins));
    number(to, 15, field(F::pcie));
    number(to, 16, field(F::nvlink));
    number(to, 17, field(F::tflops_per_usd));
    number(to, 18, field(F::disk));
    number(to, 19, entry.offer.max_seconds);
    number(to, 20, field(F::disk_price));
  }

  sqlite3* database_ = nullptr;
  std::map<const Question*, std::pair<sqlite3_stmt*, sqlite3_stmt*>> prepared_;
};

struct Times {
  std::vector<double> wall;
  std::vector<double> cpu;

  template <class F>
  auto take(F f) {
    const double cpu_from = now_ms(CLOCK_THREAD_CPUTIME_ID);
    const double from = now_ms(CLOCK_MONOTONIC);
    auto out = f();
    wall.push_back(now_ms(CLOCK_MONOTONIC) - from);
    cpu.push_back(now_ms(CLOCK_THREAD_CPUTIME_ID) - cpu_from);
    return out;
  }
  void print(const char* name) {
    std::ranges::sort(wall);
    std::ranges::sort(cpu);
    const auto at = [](const std::vector<double>& values, double part) {
      return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
    };
    std::printf(
        "\"%s\":{\"count\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,"
        "\"cpu_p50_ms\":%.3f,\"cpu_p99_ms\":%.3f,\"cpu_max_ms\":%.3f},",
        name, wall.size(), at(wall, 0.5), at(wall, 0.99), wall.back(), at(cpu, 0.5), at(cpu, 0.99),
        cpu.back());
  }
};

// What a quote looks for, beside the look through the whole listing book that it replaced.
constexpr const char* kQuoted[] = {"rtx-4090", "a40", "h100-sxm", "l4"};

market::Search wanted(std::size_t round) {
  market::Search out;
  out.card = kQuoted[round % std::size(kQuoted)];
  out.count = 1 + round % 2;
  out.seconds = 3600;
  out.disk_bytes = 20'000'000'000;
  return out;
}

std::vector<market::Offer> from_shelf(const search::Shelf& shelf, const market::Search& what) {
  const auto query = search::query_of(what);
  const auto sort = search::default_sort();
  std::vector<market::Offer> out;
  const auto found = shelf.find({query, sort, 0, 16, nullptr});
  for (const auto& entry : found.entries) out.push_back(entry->offer);
  return out;
}

market::ListingBook book_of(const std::vector<search::EntryPointer>& entries) {
  market::ListingBook out;
  for (const auto& entry : entries) {
    const market::Offer& offer = entry->offer;
    market::Listing listing;
    listing.host = offer.host;
    listing.seq = 1;
    for (std::size_t i = 0; i < offer.free.size(); ++i) {
      listing.cards.push_back({"GPU-" + std::to_string(i), offer.card, {}, offer.memory_bytes});
    }
    listing.micro_usd_per_hour = offer.micro_usd_per_hour;
    listing.disk_bytes_max = offer.disk_bytes_max * offer.free.size();
    listing.max_seconds = offer.max_seconds;
    out.put(listing);
  }
  return out;
}

// The dearest query that the bounds allow: 64 ranges, all of them looked at, nothing found early.
std::string dearest() {
  std::string out;
  for (int i = 0; i < 32; ++i) {
    out += (i == 0 ? "" : " or ") + std::string("price=900") + std::to_string(i) + ",950";
  }
  return out;
}

int run(std::size_t offers, std::size_t rounds, std::uint64_t seed) {
  Random random(seed);
  const auto entries = search::testing::random_entries(random, offers);
  search::Changes all;
  for (const auto& entry : entries) all[entry->offer.host] = {entry};
  Times built;
  search::Shelf shelf = built.take([&] { return search::Shelf().with(all); });
  // As after a second in which 1,000 hosts changed: the market settles every second.
  search::Changes some;
  for (std::size_t i = 0; i < kChanged && i < offers; ++i) {
    some[entries[i]->offer.host] = {entries[i]};
  }
  shelf = shelf.with(some);
  Sqlite sqlite;
  sqlite.fill(entries);
  for (const Question& question : kQuestions) {
    if (ask(shelf, question.query, question.sort) == sqlite.ask(question)) continue;
    std::fprintf(stderr, "They do not answer the same: %s\n", question.query);
    return 1;
  }
  Times ours;
  Times theirs;
  Times any;
  Times worst;
  Times renewed;
  Times quotes;
  Times quotes_by_book;
  const market::ListingBook book = book_of(entries);
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const Question& question : kQuestions) {
      ours.take([&] { return ask(shelf, question.query, question.sort); });
      theirs.take([&] { return sqlite.ask(question); });
    }
    const search::Query query{search::testing::random_node(random, entries, 3), {}};
    const std::string text = search::to_text(query);
    const std::string sort = search::to_text(search::testing::random_sort(random));
    if (std::holds_alternative<search::Query>(search::parse_query(text)) && !sort.empty()) {
      any.take([&] { return ask(shelf, text, sort); });
    }
    worst.take([&] { return ask(shelf, dearest(), "price"); });
    const auto quoted = quotes.take([&] { return from_shelf(shelf, wanted(round)); });
    // A tenth as often: it takes a look at every listing.
    if (round % 10 == 0) {
      const auto anybody = [](const base::PublicKey&) { return true; };
      const auto plain = quotes_by_book.take(
          [&] { return market::matching(book.offers({}, anybody, 0), wanted(round)); });
      const bool same = plain.empty() ? quoted.empty()
                                      : !quoted.empty() && quoted.front().micro_usd_per_hour ==
                                                               plain.front().micro_usd_per_hour;
      if (!same) {
        std::fprintf(stderr, "A quote finds another price than a look at every listing.\n");
        return 1;
      }
    }
    const search::EntryPointer& one = entries[search::testing::below(random, kPage)];
    renewed.take([&] { return shelf.with({{one->offer.host, {one}}}).size(); });
  }
  std::printf("{\"offers\":%zu,", offers);
  ours.print("queries");
  theirs.print("sqlite");
  any.print("random");
  worst.print("dearest");
  quotes.print("quote");
  quotes_by_book.print("quote_by_book");
  renewed.print("one_host_renewed");
  built.print("all_renewed");
  std::printf("\"same_answers\":true}\n");
  return 0;
}

}  // namespace
}  // namespace obelisk::bench

int main(int count, char** words) {
  if (count != 4) return 2;
  return obelisk::bench::run(std::strtoull(words[1], nullptr, 10),
                             std::strtoull(words[2], nullptr, 10),
                             std::strtoull(words[3], nullptr, 10));
}
