#include "apps/cli/top_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "apps/cli/lease_text.hpp"
#include "apps/cli/text/amounts.hpp"
#include "apps/cli/text/table.hpp"

namespace obelisk::cli {
namespace {

using Figures = std::vector<std::optional<std::uint64_t>>;

constexpr std::array<std::string_view, 8> kHeights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::size_t kBar = 20;
constexpr std::size_t kMostNews = 3;

std::uint64_t percent_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0
                    : static_cast<std::uint64_t>(
                          static_cast<double>(part) * 100.0 / static_cast<double>(whole) + 0.5);
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t has = width_of(text);
  return has < width ? text + std::string(width - has, ' ') : text;
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

std::string bar(std::uint64_t percent) {
  const std::size_t full =
      std::min(kBar, static_cast<std::size_t>(percent * kBar / 100 + (percent % 5 >= 3 ? 1 : 0)));
  std::string out;
  for (std::size_t i = 0; i < kBar; ++i) out += i < full ? "█" : "·";
  return out;
}

// One line: its name, a bar where it is part of something, words, the last hour.
struct Line {
  std::string name;
  std::optional<std::uint64_t> percent;
  std::string words;
  Figures hour;
  std::uint64_t most = 0;
};

std::string text_of(const Line& line, std::size_t width) {
  std::string out = "  " + padded(line.name, 11);
  out += line.percent ? bar(*line.percent) + right(std::to_string(*line.percent), 4) + " %  "
                      : std::string(kBar + 8, ' ');
  out += padded(line.words, 26);
  const std::size_t used = width_of(out) + 2;
  if (line.most == 0 || used >= width) return out;
  return out + "  " + heights(line.hour, line.most, std::min<std::size_t>(width - used, 30));
}

template <class T>
Figures hour_of(const std::vector<api::Reading>& rows, std::optional<T> api::Reading::* figure) {
  Figures out;
  for (const api::Reading& row : rows) {
    const auto& value = row.*figure;
    out.push_back(value ? std::optional<std::uint64_t>(*value) : std::nullopt);
  }
  return out;
}

std::string cores_text(std::uint64_t milli) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", static_cast<double>(milli) / 1000);
  return text.data();
}

std::string of_text(std::uint64_t part, std::uint64_t whole) {
  return disk_text(part) + " of " + disk_text(whole);
}

Line processor(const TopFacts& facts) {
  const std::uint64_t most = facts.newest.cpu_milli.value_or(0);
  Line out{"processor", {}, "-", hour_of(facts.rows, &api::Reading::cpu_milli), most};
  if (facts.rows.empty() || !facts.rows.back().cpu_milli || most == 0) return out;
  const std::uint64_t used = *facts.rows.back().cpu_milli;
  out.percent = percent_of(used, most);
  out.words = cores_text(used) + " of " + cores_text(most) + " cores";
  return out;
}

Line part_of(const std::string& name, const TopFacts& facts,
             std::optional<std::uint64_t> api::Reading::* figure,
             const std::optional<std::uint64_t>& whole) {
  Line out{name, {}, "-", hour_of(facts.rows, figure), whole.value_or(0)};
  if (facts.rows.empty() || !(facts.rows.back().*figure)) return out;
  const std::uint64_t used = *(facts.rows.back().*figure);
  out.words = whole ? of_text(used, *whole) : disk_text(used);
  if (whole) out.percent = percent_of(used, *whole);
  return out;
}

Line network(const TopFacts& facts) {
  Line out{"network", {}, "-", {}, 1};
  for (const api::Reading& row : facts.rows) {
    if (row.received_bytes_per_s && row.sent_bytes_per_s) {
      out.hour.emplace_back(*row.received_bytes_per_s + *row.sent_bytes_per_s);
      out.most = std::max(out.most, *out.hour.back());
    } else {
      out.hour.emplace_back();
    }
  }
  if (facts.rows.empty() || !out.hour.back()) return out;
  out.words = "in " + rate_text(*facts.rows.back().received_bytes_per_s) + ", out " +
              rate_text(*facts.rows.back().sent_bytes_per_s);
  return out;
}

std::vector<Line> cards(const TopFacts& facts) {
  std::vector<Line> out;
  if (facts.rows.empty() || !facts.rows.back().gpus) return out;
  for (const api::GpuReading& card : *facts.rows.back().gpus) {
    Line line{"card " + std::to_string(out.size()), {}, "", {}, 100};
    if (card.use_percent) line.percent = *card.use_percent;
    if (card.memory_used_bytes && card.memory_bytes) {
      line.words = of_text(*card.memory_used_bytes, *card.memory_bytes);
    }
    if (card.celsius) line.words += ", " + std::to_string(*card.celsius) + " C";
    if (card.milliwatts) line.words += ", " + std::to_string(*card.milliwatts / 1000) + " W";
    for (const api::Reading& row : facts.rows) {
      std::optional<std::uint64_t> use;
      for (const auto& other : row.gpus.value_or(std::vector<api::GpuReading>())) {
        if (other.uuid == card.uuid && other.use_percent) use = *other.use_percent;
      }
      line.hour.push_back(use);
    }
    out.push_back(std::move(line));
  }
  return out;
}

void add_head(const TopFacts& facts, std::vector<std::string>& out) {
  const auto& account = facts.account;
  out.push_back(key_beginning(facts.lease) + "  " + facts.what + "  " +
                (account ? state_text(account->data.state) : "not on the chain"));
  if (account && account->data.state == escrow::State::active) {
    const auto left_s = std::max<base::UnixSeconds>(account->ends_at() - facts.chain_now_s, 0);
    const base::Lamports used = earned_so_far(*account, facts.chain_now_s);
    const base::Lamports all = earned_so_far(*account, account->ends_at());
    out.push_back("  " + padded("time left", 11) + padded(base::to_duration_text(left_s), 20) +
                  "  used " + base::to_sol_text(used) + ", left " +
                  base::to_sol_text({all.count - std::min(all.count, used.count)}));
  }
  if (facts.newest.idle_s && *facts.newest.idle_s >= 60) {
    out.push_back("  " + padded("idle for", 11) +
                  base::to_duration_text(static_cast<std::int64_t>(*facts.newest.idle_s)));
  }
  out.emplace_back();
}

}  // namespace

std::string rate_text(std::uint64_t bytes_per_s) {
  constexpr std::array<const char*, 4> kUnits{"B/s", "kB/s", "MB/s", "GB/s"};
  double value = static_cast<double>(bytes_per_s);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value,
                kUnits[unit]);
  return text.data();
}

std::string heights(const Figures& figures, std::uint64_t most, std::size_t columns) {
  std::string out;
  const std::size_t shown = std::min(columns, figures.size());
  for (std::size_t column = 0; column < shown; ++column) {
    // The greatest of its neighbours: a short peak stays to be seen.
    std::optional<std::uint64_t> greatest;
    for (std::size_t i = column * figures.size() / shown; i < (column + 1) * figures.size() / shown;
         ++i) {
      if (figures[i]) greatest = std::max(greatest.value_or(0), *figures[i]);
    }
    const std::uint64_t level =
        greatest ? std::min<std::uint64_t>(percent_of(*greatest, most) * kHeights.size() / 101,
                                           kHeights.size() - 1)
                 : 0;
    out += greatest ? kHeights[level] : std::string_view(" ");
  }
  return out;
}

std::string_view fresh_part(std::string_view before, std::string_view now) {
  for (std::size_t gone = 0; gone < before.size(); ++gone) {
    const std::string_view kept = before.substr(gone);
    if (now.starts_with(kept)) return now.substr(kept.size());
  }
  return now;
}

std::vector<std::string> top_lines(const TopFacts& facts, std::size_t width) {
  std::vector<std::string> out;
  add_head(facts, out);
  std::vector<Line> lines{
      processor(facts),
      part_of("memory", facts, &api::Reading::memory_bytes, facts.newest.memory_limit_bytes),
      part_of("disk", facts, &api::Reading::disk_used_bytes, facts.newest.disk_bytes),
      network(facts)};
  for (Line& card : cards(facts)) lines.push_back(std::move(card));
  for (const Line& line : lines) out.push_back(text_of(line, width));
  if (facts.rows.empty()) out.emplace_back("  Its host measures every ten seconds.");
  if (!facts.rows.empty() && facts.rows.back().processes) {
    out.push_back("  " + padded("processes", 11) + std::to_string(*facts.rows.back().processes));
  }
  const std::size_t skipped = facts.news.size() - std::min(facts.news.size(), kMostNews);
  if (!facts.news.empty()) out.emplace_back();
  for (std::size_t i = skipped; i < facts.news.size(); ++i) {
    out.push_back("  " + facts.news[i].at + "  " + facts.news[i].message);
  }
  return out;
}

}  // namespace obelisk::cli
