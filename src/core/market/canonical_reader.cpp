#include "core/market/canonical_reader.hpp"

#include <charconv>

namespace obelisk::market {

void CanonicalReader::expect(std::string_view token) {
  if (failed_) return;
  if (!rest_.starts_with(token)) return fail();
  rest_.remove_prefix(token.size());
}

void CanonicalReader::field(std::string_view name) {
  if (failed_) return;
  where_ = name;
  if (!first_) expect(",");
  first_ = false;
  expect("\"");
  expect(name);
  expect("\":");
}

bool CanonicalReader::has_field(std::string_view name) {
  std::string_view rest = rest_;
  if (!first_ && rest.starts_with(',')) rest.remove_prefix(1);
  if (failed_ || !rest.starts_with('"')) return false;
  rest.remove_prefix(1);
  if (!rest.starts_with(name) || !rest.substr(name.size()).starts_with("\":")) return false;
  field(name);
  return true;
}

bool CanonicalReader::next_item() {
  if (failed_) return false;
  if (rest_.starts_with(']')) {
    rest_.remove_prefix(1);
    first_ = false;
    return false;
  }
  if (!first_) expect(",");
  first_ = false;
  return !failed_;
}

std::string CanonicalReader::text(std::size_t max_length) {
  std::string out;
  expect("\"");
  while (!failed_) {
    if (rest_.empty() || out.size() > max_length) {
      fail();
      break;
    }
    char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return out;
    if (c == '\\') {
      c = rest_.empty() ? '\0' : rest_.front();
      if (c != '"' && c != '\\') {
        fail();
        break;
      }
      rest_.remove_prefix(1);
    } else if (c < 0x20 || c > 0x7e) {
      fail();
      break;
    }
    out += c;
  }
  return {};
}

std::uint64_t CanonicalReader::integer(std::uint64_t low, std::uint64_t high) {
  if (failed_) return 0;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  const auto length = static_cast<std::size_t>(end - rest_.data());
  const bool canonical = length == 1 || (length > 1 && rest_.front() != '0');
  if (error != std::errc{} || !canonical || value < low || value > high) {
    fail();
    return 0;
  }
  rest_.remove_prefix(length);
  return value;
}

bool CanonicalReader::boolean() {
  const bool value = rest_.starts_with("true");
  expect(value ? "true" : "false");
  return value && !failed_;
}

std::uint64_t CanonicalReader::decimal() {
  const auto amount = base::lamports_from_decimal(text(20));
  if (!amount) fail();
  return amount && !failed_ ? amount->count : 0;
}

base::PublicKey CanonicalReader::key() {
  const auto value = base::PublicKey::parse(text(44));
  if (!value) fail();
  return value && !failed_ ? *value : base::PublicKey{};
}

}  // namespace obelisk::market
