// How the generated readers and writers touch JSON: every bound is checked here, once. Only
// generated code includes this; everybody else sees plain structs.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::api::detail {

base::Error bad(const char* where, const char* what);

// Parses at most 1 MiB, at most 16 levels deep, no comments, no trailing text.
base::Result<boost::json::value> parse(std::string_view text);
base::Result<const boost::json::value*> member(const boost::json::object& object, const char* name);
// Absent and null are the same: not there.
const boost::json::value* optional_member(const boost::json::object& object, const char* name);

base::Result<void> read(const boost::json::value& json, std::string& out, const char* where,
                        std::size_t max_length);
base::Result<void> read(const boost::json::value& json, bool& out, const char* where);
base::Result<void> read(const boost::json::value& json, std::uint64_t& out, const char* where,
                        std::uint64_t low, std::uint64_t high);
base::Result<void> read(const boost::json::value& json, std::uint32_t& out, const char* where,
                        std::uint64_t low, std::uint64_t high);
base::Result<void> read(const boost::json::value& json, base::PublicKey& out, const char* where);
base::Result<void> read(const boost::json::value& json, base::Signature& out, const char* where);
base::Result<void> read(const boost::json::value& json, base::Lamports& out, const char* where);

template <class T, class ReadItem>
base::Result<void> read_array(const boost::json::value& json, std::vector<T>& out,
                              const char* where, std::size_t max_items, ReadItem read_item) {
  const auto* array = json.if_array();
  if (array == nullptr) return bad(where, "is not a list");
  if (array->size() > max_items) return bad(where, "has too many items");
  out.reserve(array->size());
  for (const auto& item : *array) TRY_VOID(read_item(item, out.emplace_back()));
  return {};
}

void write(std::string& out, std::string_view text);
void write(std::string& out, bool value);
void write(std::string& out, std::uint64_t value);
inline void write(std::string& out, std::uint32_t value) { write(out, std::uint64_t{value}); }
inline void write(std::string& out, const std::string& text) { write(out, std::string_view(text)); }
inline void write(std::string& out, const base::PublicKey& key) { write(out, key.to_string()); }
inline void write(std::string& out, const base::Signature& key) { write(out, key.to_string()); }
inline void write(std::string& out, base::Lamports amount) { write(out, base::to_decimal(amount)); }

template <class T, class WriteItem>
void write_array(std::string& out, const std::vector<T>& items, WriteItem write_item) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0) out += ',';
    write_item(out, items[i]);
  }
  out += ']';
}

// The braces and commas of one object.
class Fields {
 public:
  explicit Fields(std::string& out) : out_(out) { out_ += '{'; }
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;
  ~Fields() { out_ += '}'; }
  void name(std::string_view field) {
    if (!first_) out_ += ',';
    first_ = false;
    write(out_, field);
    out_ += ':';
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace obelisk::api::detail
