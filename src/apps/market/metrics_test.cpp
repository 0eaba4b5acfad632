// The one list of metrics, what is made of it, and its documentation.
#include "apps/market/metrics.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "apps/market/watching.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::market_app {
namespace {

bool has(const std::string& text, const std::string& line) {
  return text.find(line) != std::string::npos;
}

// The names after "# TYPE".
std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) out.insert(line.substr(7, line.find(' ', 7) - 7));
  }
  return out;
}

TEST(MetricList, NamesAreUniqueAndSayTheirUnit) {
  std::set<std::string> names;
  for (const MetricInfo& info : kMetricList) {
    const std::string name = info.name;
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_TRUE(std::regex_match(name, std::regex("(obelisk|process)_[a-z_]+"))) << name;
    EXPECT_EQ(info.kind == MetricKind::counter, name.ends_with("_total")) << name;
    if (info.kind == MetricKind::histogram) EXPECT_TRUE(name.ends_with("_seconds")) << name;
    EXPECT_TRUE(std::string(info.help).ends_with('.')) << name;
  }
}

TEST(Metrics, RequestsAreCountedAndTimed) {
  Metrics metrics;
  metrics.count_request("/v1/cards", 200, 90);
  metrics.count_request("/v1/cards", 200, 2'400);
  metrics.count_request("/v1/cards", 502, 61'000'000);
  const std::string text = metrics.text();
  for (const char* line :
       {"obelisk_http_requests_total{route=\"/v1/cards\",status=\"200\"} 2\n",
        "obelisk_http_requests_total{route=\"/v1/cards\",status=\"502\"} 1\n",
        "obelisk_http_request_seconds_bucket{route=\"/v1/cards\",le=\"0.0001\"} 1\n",
        "obelisk_http_request_seconds_bucket{route=\"/v1/cards\",le=\"0.001\"} 1\n",
        "obelisk_http_request_seconds_bucket{route=\"/v1/cards\",le=\"0.0025\"} 2\n",
        "obelisk_http_request_seconds_bucket{route=\"/v1/cards\",le=\"60\"} 2\n",
        "obelisk_http_request_seconds_bucket{route=\"/v1/cards\",le=\"+Inf\"} 3\n",
        "obelisk_http_request_seconds_sum{route=\"/v1/cards\"} 61.00249\n",
        "obelisk_http_request_seconds_count{route=\"/v1/cards\"} 3\n"}) {
    EXPECT_TRUE(has(text, line)) << line << text;
  }
}

TEST(Metrics, CountersAreThereBeforeTheirFirstEvent) {
  const std::string text = Metrics().text();
  for (const char* line : {"obelisk_leases_ended_total{outcome=\"host_dark\"} 0\n",
                           "obelisk_quotes_refused_total{reason=\"rate_limited\"} 0\n",
                           "obelisk_transactions_total{what=\"ready\",result=\"expired\"} 0\n",
                           "obelisk_time_to_login_seconds_count 0\n"}) {
    EXPECT_TRUE(has(text, line)) << line;
  }
}

TEST(Metrics, AnIndexThatIsNotKeptIsNotShown) {
  Metrics metrics;
  EXPECT_FALSE(has(metrics.text(), "obelisk_index"));
  metrics.set_index({70, 40, 5, false});
  for (const char* line : {"obelisk_index_slot 70\n", "obelisk_index_final_slot 40\n",
                           "obelisk_index_lag_slots 5\n", "obelisk_index_behind 0\n"}) {
    EXPECT_TRUE(has(metrics.text(), line)) << line;
  }
}

TEST(Metrics, AStepIsCountedByWhatHappened) {
  Metrics metrics;
  ports::LeaseWrite write;
  write.life.confirmed_ms = 10'000;
  write.life.first_login_ms = 10'700;
  write.events = {{0, {}, 1, "login_worked", ""}};
  count_step(metrics, write);
  write.life.state = lease::State::ended;
  write.life.outcome = lease::Outcome::host_dark;
  write.events = {{0, {}, 2, "closed", ""}, {0, {}, 2, "ended", ""}};
  count_step(metrics, write);
  const std::string text = metrics.text();
  for (const char* line : {"obelisk_time_to_login_seconds_bucket{le=\"0.5\"} 0\n",
                           "obelisk_time_to_login_seconds_bucket{le=\"1\"} 1\n",
                           "obelisk_lease_events_total{kind=\"closed\"} 1\n",
                           "obelisk_leases_ended_total{outcome=\"host_dark\"} 1\n",
                           "obelisk_leases_ended_total{outcome=\"not_ready\"} 0\n"}) {
    EXPECT_TRUE(has(text, line)) << line << text;
  }
}

TEST(Metrics, TheEnginesLastingFiguresAreShown) {
  Samples samples;
  engine::EngineFigures figures;
  figures.leases = {{lease::State::active, 3}};
  figures.outbox = {{1, 0, 2, 0, 0, 0}, 1500, 4};
  figures.chain = {77, 1'000};
  show_engine(samples, figures, 1'002'500);
  const std::string text = samples.text();
  for (const char* line :
       {"obelisk_leases{state=\"active\"} 3\n", "obelisk_leases{state=\"contested\"} 0\n",
        "obelisk_outbox_rows{lane=\"login\"} 2\n", "obelisk_outbox_late_seconds 1.5\n",
        "obelisk_outbox_most_attempts 4\n", "obelisk_chain_slot 77\n",
        "obelisk_chain_behind_seconds 2.5\n"}) {
    EXPECT_TRUE(has(text, line)) << line << text;
  }
  EXPECT_FALSE(has(text, "state=\"ended\""));
}

TEST(Metrics, ThisProcessIsShown) {
  Samples samples;
  show_process(samples);
  const std::string text = samples.text();
  std::smatch found;
  for (const char* name : {"process_resident_memory_bytes", "process_open_fds", "process_threads",
                           "process_start_time_seconds"}) {
    ASSERT_TRUE(std::regex_search(text, found, std::regex(std::string(name) + " ([0-9.e+]+)\n")))
        << name << text;
    EXPECT_GT(std::stod(found[1]), 0) << name;
  }
}

TEST(MetricsDeathTest, AValueNeedsTheLabelsOfTheList) {
  Samples samples;
  EXPECT_DEATH(samples.set(Metric::leases, 1), "");
  EXPECT_DEATH(samples.set(Metric::strays, 1, {"x"}), "");
  EXPECT_DEATH(samples.set(Metric::leases, 1, {"a\"b"}), "");
  EXPECT_DEATH(samples.set(Metric::time_to_login, 1), "");
}

// What is listed and what is written have to be the same. /metrics of a market that runs is held to
// the same list by tests/functional/test_rental.py.
TEST(MetricList, NothingElseCanBeWritten) {
  Metrics metrics;
  metrics.count_request("/v1/cards", 200, 1);
  std::set<std::string> listed;
  for (const MetricInfo& info : kMetricList) listed.insert(info.name);
  for (const std::string& name : names_in(metrics.text())) EXPECT_TRUE(listed.contains(name));
}

// OBELISK_WRITE_DOCS=1 writes the table instead.
TEST(MetricList, ItsPageIsNotStale) {
  const std::string path = std::string(OBELISK_DOCS) + "/metrics.md";
  std::ifstream file(path);
  std::string page((std::istreambuf_iterator<char>(file)), {});
  const std::string begin = "<!-- made from src/apps/market/metric_list.hpp -->\n";
  const std::string end = "<!-- end -->\n";
  const auto from = page.find(begin);
  const auto to = page.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos) << path;
  const auto start = from + begin.size();
  if (std::getenv("OBELISK_WRITE_DOCS") != nullptr) {
    std::ofstream(path) << page.replace(start, to - start, metric_table());
    return;
  }
  EXPECT_EQ(page.substr(start, to - start), metric_table())
      << "Run this test with OBELISK_WRITE_DOCS=1.";
  // And what the rest of the page speaks of is listed.
  const std::regex name("(obelisk|process)_[a-z_]+");
  page.erase(start, to - start);
  for (std::sregex_iterator at(page.begin(), page.end(), name), none; at != none; ++at) {
    std::string found = at->str();
    for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
      if (found.ends_with(suffix)) found.resize(found.size() - suffix.size());
    }
    EXPECT_TRUE(std::ranges::any_of(kMetricList, [&](const MetricInfo& info) {
      return info.name == found;
    })) << found;
  }
}

}  // namespace
}  // namespace obelisk::market_app
