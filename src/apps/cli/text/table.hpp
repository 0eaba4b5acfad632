// Table: rows of text under one line of headings, without boxes. Columns of figures stand on their
// decimal point. It must never let what came from outside move the cursor: every cell is cleaned.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace obelisk::cli {

enum class Align {
  left,
  right,
  decimal,  // by the point: whole numbers end where the others' point stands
};

struct Column {
  std::string title;
  Align align = Align::left;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell for each column.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  // The heading first; no line ends with spaces.
  std::vector<std::string> lines() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Lines of "name   value" with the values under one another.
std::vector<std::string> pairs(const std::vector<std::pair<std::string, std::string>>& rows);

// The text without control characters, and with invalid UTF-8 replaced: safe on any terminal.
std::string printable(std::string_view text);
// How many columns a terminal gives it: one a code point.
std::size_t width_of(std::string_view text);

// printable(), and cut to so many columns.
std::string fitted(std::string_view text, std::size_t columns);

}  // namespace obelisk::cli
