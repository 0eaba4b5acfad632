#include "apps/cli/text/table.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/check.hpp"

namespace obelisk::cli {
namespace {

constexpr std::size_t kGap = 2;

bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; }

// The length of the valid UTF-8 sequence at `at`, or 0.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto first = static_cast<std::uint8_t>(text[at]);
  std::size_t length = 0;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[at + i])) return 0;
  }
  const auto second = static_cast<std::uint8_t>(text[at + 1]);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F;
  const bool too_high = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || too_high ? 0 : length;
}

bool is_control(std::string_view sequence) {
  const auto first = static_cast<std::uint8_t>(sequence[0]);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7F;
  // The C1 controls, and the marks that turn the direction of writing around.
  if (sequence.size() == 2 && first == 0xC2) return static_cast<std::uint8_t>(sequence[1]) < 0xA0;
  return sequence == "\u200E" || sequence == "\u200F" ||
         (sequence >= "\u202A" && sequence <= "\u202E") ||
         (sequence >= "\u2066" && sequence <= "\u2069");
}

std::string spaces(std::size_t count) { return std::string(count, ' '); }

// How many columns stand before the point, and from the point on.
std::pair<std::size_t, std::size_t> around_point(const std::string& cell) {
  const std::size_t point = cell.find('.');
  const std::string whole = cell.substr(0, point);
  return {width_of(whole), width_of(cell) - width_of(whole)};
}

struct Widths {
  std::size_t whole = 0;
  std::size_t fraction = 0;
  std::size_t total = 0;
};

std::string align_decimal(const std::string& cell, const Widths& widths) {
  const auto [before, after] = around_point(cell);
  const std::size_t figures = widths.whole + widths.fraction;
  return spaces(widths.total - figures + widths.whole - before) + cell +
         spaces(widths.fraction - after);
}

std::string padded(const std::string& cell, Align align, const Widths& widths) {
  switch (align) {
    case Align::left: return cell + spaces(widths.total - width_of(cell));
    case Align::right: return spaces(widths.total - width_of(cell)) + cell;
    case Align::decimal: return align_decimal(cell, widths);
  }
  return cell;
}

void trim_right(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    const std::string_view sequence = text.substr(at, std::max<std::size_t>(length, 1));
    if (length == 0) {
      out += '?';
    } else if (!is_control(sequence)) {
      out += sequence;
    } else if (sequence == "\t" || sequence == "\n") {
      out += ' ';
    }
    at += sequence.size();
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string fitted(std::string_view text, std::size_t columns) {
  const std::string clean = printable(text);
  std::size_t at = 0;
  for (std::size_t used = 0; at < clean.size(); ++used) {
    if (used == columns) break;
    at += std::max<std::size_t>(sequence_length(clean, at), 1);
  }
  return clean.substr(0, at);
}

void Table::add(std::vector<std::string> cells) {
  CHECK(cells.size() == columns_.size());
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<std::string> Table::lines() const {
  std::vector<Widths> widths(columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Widths& width = widths[c];
    for (const auto& row : rows_) {
      const auto [before, after] = around_point(row[c]);
      width.whole = std::max(width.whole, before);
      width.fraction = std::max(width.fraction, after);
      width.total = std::max(width.total, width_of(row[c]));
    }
    if (columns_[c].align == Align::decimal) width.total = width.whole + width.fraction;
    width.total = std::max(width.total, width_of(columns_[c].title));
  }
  std::vector<std::string> out;
  std::string heading;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const Align align = columns_[c].align == Align::left ? Align::left : Align::right;
    heading += (c == 0 ? "" : spaces(kGap)) + padded(columns_[c].title, align, widths[c]);
  }
  trim_right(heading);
  out.push_back(std::move(heading));
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      line += (c == 0 ? "" : spaces(kGap)) + padded(row[c], columns_[c].align, widths[c]);
    }
    trim_right(line);
    out.push_back(std::move(line));
  }
  return out;
}

std::vector<std::string> pairs(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, width_of(name));
  std::vector<std::string> out;
  for (const auto& [name, value] : rows) {
    std::string line = name + spaces(width - width_of(name) + kGap) + printable(value);
    trim_right(line);
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace obelisk::cli
