#include "adapters/sql/store_text.hpp"

#include <vector>

#include "adapters/sql/columns.hpp"

namespace obelisk::sql {
namespace {

using base::Code;
using base::Error;

std::string joined(const std::vector<std::string>& parts, const char* after_each = "") {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += ", ";
    out += part + after_each;
  }
  return out;
}

}  // namespace

StoreText make_store_text() {
  lease::Record empty;
  ColumnNames quote;
  ColumnNames life;
  lease::each_quote_field(empty.quote, std::ref(quote));
  lease::each_life_field(empty.life, std::ref(life));
  const std::string all = joined(quote.names()) + ", " + joined(life.names());
  std::string marks = "?";
  for (std::size_t i = 1; i < quote.names().size() + life.names().size(); ++i) marks += ", ?";
  return {"SELECT " + all + " FROM lease ",
          "INSERT INTO lease (" + all + ") VALUES (" + marks + ")",
          "UPDATE lease SET " + joined(life.names(), " = ?") + " WHERE lease = ? AND version = ?"};
}

base::Result<void> check_cards(const lease::Quote& quote) {
  for (const std::string& uuid : quote.card_uuids) {
    if (uuid.empty() || uuid.find('\n') != std::string::npos) {
      return Error{Code::invalid_input, "A card's name is empty or has a line break.",
                   "Report it: listings are checked before this.", 0};
    }
  }
  return {};
}

Error quote_taken() {
  return {Code::conflict, "This quote or its lease address exists already.", "Ask for a new quote.",
          0};
}

Error card_taken() {
  return {Code::conflict, "Somebody else took this card a moment ago.",
          "Ask again: another card is chosen.", 0};
}

Error work_gone() {
  return {Code::not_found, "This work is no longer to be done.", "Nothing is to be done.", 0};
}

Error challenge_used() {
  return {Code::conflict, "This challenge was used already.", "Ask for a new one.", 0};
}

Error unreadable(const std::string& what) {
  return {Code::internal, what + " in the database cannot be read.",
          "Restore a backup. Money is on chain, not in the database.", 0};
}

}  // namespace obelisk::sql
