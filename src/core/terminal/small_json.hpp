// The little JSON that terminals say: one flat object of texts, whole numbers and booleans, or one
// array of texts. Strict (RFC 8259) and bounded by the caller's text; what is nested, a fraction or
// a name that comes twice is refused. Pure, never throws.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace obelisk::terminal {

using SmallValue = std::variant<std::string, std::int64_t, bool>;
using SmallObject = std::map<std::string, SmallValue>;

std::optional<SmallObject> read_object(std::string_view text);
std::optional<std::vector<std::string>> read_texts(std::string_view text);
std::string write_texts(const std::vector<std::string>& texts);
// With its quotes. Bytes that are no UTF-8 become "?".
std::string write_text(std::string_view text);

}  // namespace obelisk::terminal
