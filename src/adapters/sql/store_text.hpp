// The words of SqlStore that do not depend on a database: the statements over every column of a
// lease, made once, and what is said where something is refused.
#pragma once

#include <string>

#include "base/error.hpp"
#include "base/result.hpp"
#include "core/lease/record.hpp"

namespace obelisk::sql {

struct StoreText {
  std::string select;  // ... FROM lease
  std::string insert;
  std::string update;  // ... WHERE lease = ? AND version = ?
};
StoreText make_store_text();

// A card's name goes into a text with one a line.
base::Result<void> check_cards(const lease::Quote& quote);
base::Error quote_taken();
base::Error card_taken();
base::Error work_gone();
base::Error challenge_used();
base::Error unreadable(const std::string& what);

}  // namespace obelisk::sql
