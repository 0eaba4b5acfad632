// obelisk top: one lease on one screen: time and money left by the chain, what it uses by its host.
#include <chrono>
#include <thread>

#include "apps/cli/interrupts.hpp"
#include "apps/cli/lease_text.hpp"
#include "apps/cli/top_text.hpp"
#include "apps/cli/verbs/verbs.hpp"
#include "apps/cli/which_lease.hpp"
#include "base/json_line.hpp"

namespace obelisk::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kRedrawEvery = 2s;
constexpr int kLooksPerChainRead = 5;
constexpr std::size_t kMostRows = 360;
constexpr int kMostPages = 30;
constexpr base::UnixMillis kHourMs = 3'600'000;

// What is shown, brought up to date piece by piece.
class Top {
 public:
  Top(Session& session, const base::PublicKey& lease) : session_(session) { facts_.lease = lease; }

  // The chain and the market's own account of it; whatever of it answers.
  base::Result<void> look_around() {
    TRY(ports::Chain * chain, session_.chain());
    TRY(facts_.account, read_lease(*chain, facts_.lease, ports::Commitment::confirmed));
    TRY(const ports::ChainTime now, chain->now(ports::Commitment::confirmed));
    facts_.chain_now_s = now.unix_s;
    TRY(MarketClient * market, session_.market());
    if (facts_.what.empty()) {
      TRY(const api::Lease told, market->lease(facts_.lease));
      facts_.what = std::to_string(told.count) + " x " + told.card_name;
    }
    TRY(const api::Trail trail, market->trail(facts_.lease));
    facts_.news.clear();
    for (const api::TrailEntry& entry : trail.entries) {
      if (entry.kind == "trouble" || entry.kind == "idle") facts_.news.push_back(entry);
    }
    return {};
  }

  base::Result<void> read() {
    TRY(MarketClient * market, session_.market());
    if (since_ms_ == 0) since_ms_ = session_.clock().now_ms() - kHourMs;
    for (int page = 0; page < kMostPages; ++page) {
      TRY(api::Readings told, market->readings(facts_.lease, since_ms_));
      for (api::Reading& row : told.rows) facts_.rows.push_back(std::move(row));
      told.rows.clear();
      const bool more = told.more;
      facts_.newest = std::move(told);
      if (!facts_.rows.empty()) {
        since_ms_ = static_cast<base::UnixMillis>(facts_.rows.back().at_ms);
      }
      if (!more) break;
    }
    const std::size_t over = facts_.rows.size() - std::min(facts_.rows.size(), kMostRows);
    facts_.rows.erase(facts_.rows.begin(), facts_.rows.begin() + static_cast<std::ptrdiff_t>(over));
    return {};
  }

  std::vector<std::string> lines(std::size_t width) const { return top_lines(facts_, width); }
  std::string json() const {
    api::Readings all = facts_.newest;
    all.rows = facts_.rows;
    std::vector<std::string> news;
    for (const api::TrailEntry& entry : facts_.news) news.push_back(api::to_json(entry));
    return base::JsonLine()
        .key("lease", facts_.lease)
        .raw("chain", facts_.account ? lease_account_json(*facts_.account) : "null")
        .raw("readings", api::to_json(all))
        .raw("news", base::json_array(news))
        .done();
  }

 private:
  Session& session_;
  TopFacts facts_;
  base::UnixMillis since_ms_ = 0;
};

}  // namespace

base::Result<void> top(Session& session, const TopOptions& options) {
  TRY(const base::PublicKey lease, which_lease(session, options.lease));
  Output& out = session.out();
  const bool once = options.once || out.json() || !out.terminal();
  Interrupts interrupts;
  Top top(session, lease);
  for (int looks = 0;; ++looks) {
    if (looks % kLooksPerChainRead == 0) TRY_VOID(top.look_around());
    const auto read = top.read();
    const bool may_pass =
        !read && !once &&
        (read.error().code == base::Code::unreachable || read.error().code == base::Code::timeout);
    if (!read && !may_pass) return read;
    auto lines = top.lines(out.width());
    if (once) {
      out.lines(lines);
      out.result(top.json());
      return {};
    }
    lines.emplace_back();
    lines.push_back(read ? "  Every two seconds; Ctrl-C ends this, and the lease runs on."
                         : "  " + read.error().message);
    out.screen(lines);
    for (auto waited = 0ms; waited < kRedrawEvery; waited += 100ms) {
      if (interrupts.requested()) return {};
      std::this_thread::sleep_for(100ms);
    }
  }
}

}  // namespace obelisk::cli
