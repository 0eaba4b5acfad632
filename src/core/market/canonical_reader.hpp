// Reads canonical JSON back, field by field in its sorted order, and nothing else: no spaces, no
// other order, no unknown field, no second spelling of a string or a number. So what was read is
// what was signed. It must never be used on JSON that is not meant to be canonical.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/lamports.hpp"
#include "base/public_key.hpp"

namespace obelisk::market {

// After the first mismatch it stays failed and gives zeros and empty texts; ask ok() at the end.
class CanonicalReader {
 public:
  explicit CanonicalReader(std::string_view text) : rest_(text) {}

  void begin_object() {
    expect("{");
    first_ = true;
  }
  void end_object() {
    expect("}");
    first_ = false;
  }
  // The next field of the open object must have this name.
  void field(std::string_view name);
  // One that may be left out: read up to its value if it is the next.
  bool has_field(std::string_view name);
  void begin_array() {
    expect("[");
    first_ = true;
  }
  // Whether another item follows; reads the comma or the closing bracket.
  bool next_item();

  // Printable ASCII only; `"` and `\` come escaped.
  std::string text(std::size_t max_length);
  std::uint64_t integer(std::uint64_t low, std::uint64_t high);
  bool boolean();
  // A decimal string, as amounts and nonces are written.
  std::uint64_t decimal();
  base::Lamports lamports() { return {decimal()}; }
  base::PublicKey key();

  // The bounds of what was read can be checked by the caller too.
  void require(bool condition) {
    if (!condition) fail();
  }
  bool ok() const { return !failed_; }
  bool at_end() const { return !failed_ && rest_.empty(); }
  // The field at which it failed, for the message.
  std::string_view where() const { return where_; }

 private:
  void expect(std::string_view token);
  void fail() { failed_ = true; }
  std::string_view rest_;
  std::string_view where_ = "the beginning";
  bool first_ = true;
  bool failed_ = false;
};

}  // namespace obelisk::market
