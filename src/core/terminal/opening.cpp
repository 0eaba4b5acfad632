#include "core/terminal/opening.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/base64url.hpp"

namespace obelisk::terminal {
namespace {

base::Error unreadable(std::string_view name) {
  return {base::Code::usage, "The terminal's " + std::string(name) + " cannot be read.",
          "See docs/terminal.md for what it may be."};
}

using Parameters = std::map<std::string_view, std::string_view>;

// The first of each name counts.
Parameters parameters_of(std::string_view query) {
  Parameters out;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view one = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto split = one.find('=');
    if (split != std::string_view::npos) out.emplace(one.substr(0, split), one.substr(split + 1));
  }
  return out;
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc{} && end == text.data() + text.size();
}

// A program and its arguments: no zero bytes, and the program has a name.
bool is_command(const std::vector<std::string>& words) {
  const auto has_zero = [](const std::string& word) {
    return word.find('\0') != std::string::npos;
  };
  return !words.empty() && !words.front().empty() && std::ranges::none_of(words, has_zero);
}

// As they stand in the query: a zero byte between two.
std::string joined(const std::vector<std::string>& words) {
  std::string out = words.front();
  for (auto at = words.begin() + 1; at != words.end(); ++at) out += '\0' + *at;
  return out;
}

std::optional<std::vector<std::string>> read_command(std::string_view text) {
  if (text.size() > kMaxCommandBytes) return std::nullopt;
  const auto bytes = base::from_base64url(text);
  if (!bytes) return std::nullopt;
  std::vector<std::string> out(1);
  for (const std::uint8_t byte : *bytes) {
    if (byte == 0) {
      out.emplace_back();
    } else {
      out.back() += static_cast<char>(byte);
    }
  }
  return is_command(out) ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

bool is_term(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  return !text.empty() && text.size() <= kMaxTermBytes && std::ranges::all_of(text, fits);
}

base::Result<Opening> read_opening(std::string_view query) {
  const Parameters said = parameters_of(query);
  const auto at = [&](const char* name) -> std::optional<std::string_view> {
    const auto found = said.find(name);
    return found == said.end() ? std::nullopt : std::optional(found->second);
  };
  Opening out;
  if (const auto session = at("session"); session && !session->empty()) {
    if (!is_session_id(*session)) return unreadable("session");
    out.session = *session;
  }
  std::int64_t columns = out.size.columns;
  std::int64_t rows = out.size.rows;
  if (const auto text = at("columns"); text && !read_number(*text, columns)) {
    return unreadable("columns");
  }
  if (const auto text = at("rows"); text && !read_number(*text, rows)) return unreadable("rows");
  if (!is_size(columns, rows)) return unreadable("size");
  out.size = {static_cast<std::uint16_t>(columns), static_cast<std::uint16_t>(rows)};
  if (const auto from = at("from"); from && !read_number(*from, out.from)) {
    return unreadable("from");
  }
  if (const auto term = at("term")) {
    if (!is_term(*term)) return unreadable("term");
    out.term = *term;
  }
  if (const auto command = at("command"); command && !command->empty()) {
    auto words = read_command(*command);
    if (!words) return unreadable("command");
    out.words = *std::move(words);
  }
  return out;
}

base::Result<std::string> opening_query(const Opening& opening) {
  std::string out = "columns=" + std::to_string(opening.size.columns) +
                    "&rows=" + std::to_string(opening.size.rows) + "&term=" + opening.term;
  if (!opening.session.empty()) {
    return out + "&session=" + opening.session + "&from=" + std::to_string(opening.from);
  }
  if (opening.words.empty()) return out;
  const std::string command = base::to_base64url(base::view_of(joined(opening.words)));
  if (command.size() > kMaxCommandBytes || !is_command(opening.words)) {
    return base::Error{base::Code::usage, "The command is longer than a terminal takes, or empty.",
                       "Put it into a script in the lease and name that."};
  }
  return out + "&command=" + command;
}

}  // namespace obelisk::terminal
