#include "apps/host/measure/card_row.hpp"

#include <boost/json.hpp>

#include "base/canonical_json.hpp"
#include "core/cards/memory_proof.hpp"

namespace obelisk::host {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxLine = 4096;
constexpr std::uint64_t kGiga = 1'000'000'000;

std::optional<std::uint64_t> number_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code failed;
  const auto number = value->to_number<std::uint64_t>(failed);
  return failed ? std::nullopt : std::optional(number);
}

}  // namespace

base::Result<CardRow> row_of(const std::string& uuid, const ports::CardFigures& figures) {
  TRY_VOID(cards::verify(figures.terms, figures.proof));
  CardRow out;
  out.uuid = uuid;
  out.memory_bytes = figures.memory_bytes;
  out.proven_bytes = figures.terms.bytes();
  out.read_bytes_per_s = figures.read_bytes_per_s;
  out.copy_bytes_per_s = figures.copy_bytes_per_s;
  out.to_card_bytes_per_s = figures.to_card_bytes_per_s;
  out.from_card_bytes_per_s = figures.from_card_bytes_per_s;
  out.proof_ms = static_cast<std::uint64_t>(figures.proof_ms);
  out.elapsed_ms = static_cast<std::uint64_t>(figures.elapsed_ms);
  out.simulated = figures.simulated;
  return out;
}

std::string to_json(const CardRow& row) {
  using base::CanonicalJson;
  CanonicalJson::Object out{{"uuid", row.uuid}, {"simulated", row.simulated}};
  const auto add = [&out](const char* name, const std::optional<std::uint64_t>& value) {
    if (value) out.emplace(name, static_cast<std::int64_t>(*value));
  };
  add("memory_bytes", row.memory_bytes);
  add("proven_bytes", row.proven_bytes);
  add("read_bytes_per_s", row.read_bytes_per_s);
  add("proof_ms", row.proof_ms);
  add("elapsed_ms", row.elapsed_ms);
  add("copy_bytes_per_s", row.copy_bytes_per_s);
  add("to_card_bytes_per_s", row.to_card_bytes_per_s);
  add("from_card_bytes_per_s", row.from_card_bytes_per_s);
  return CanonicalJson(std::move(out)).text();
}

std::optional<CardRow> row_from_json(std::string_view text) {
  if (text.size() > kMaxLine) return std::nullopt;
  boost::system::error_code failed;
  const json::value parsed = json::parse(text, failed);
  if (failed || !parsed.is_object()) return std::nullopt;
  const json::object& object = parsed.get_object();
  const json::value* uuid = object.if_contains("uuid");
  const json::value* simulated = object.if_contains("simulated");
  const auto memory = number_in(object, "memory_bytes");
  const auto proven = number_in(object, "proven_bytes");
  const auto read = number_in(object, "read_bytes_per_s");
  if (uuid == nullptr || !uuid->is_string() || simulated == nullptr || !simulated->is_bool() ||
      !memory || !proven || !read) {
    return std::nullopt;
  }
  CardRow out;
  out.uuid = std::string(uuid->get_string());
  out.memory_bytes = *memory;
  out.proven_bytes = *proven;
  out.read_bytes_per_s = *read;
  out.copy_bytes_per_s = number_in(object, "copy_bytes_per_s");
  out.to_card_bytes_per_s = number_in(object, "to_card_bytes_per_s");
  out.from_card_bytes_per_s = number_in(object, "from_card_bytes_per_s");
  out.proof_ms = number_in(object, "proof_ms").value_or(0);
  out.elapsed_ms = number_in(object, "elapsed_ms").value_or(0);
  out.simulated = simulated->get_bool();
  return out;
}

std::string to_text(const CardRow& row) {
  const auto megabytes = [](std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; };
  const auto speed = [](std::uint64_t per_s) {
    return per_s >= 10 * kGiga ? std::to_string(per_s / kGiga) + " GB/s"
                               : std::to_string(per_s / 1'000'000) + " MB/s";
  };
  std::string out = row.uuid + ": " + megabytes(row.memory_bytes) + ", of which " +
                    megabytes(row.proven_bytes) + " were filled at once and checked; read at " +
                    speed(row.read_bytes_per_s);
  if (row.to_card_bytes_per_s) out += ", " + speed(*row.to_card_bytes_per_s) + " to the card";
  if (row.from_card_bytes_per_s) out += ", " + speed(*row.from_card_bytes_per_s) + " from it";
  return out + "." + (row.simulated ? " Simulated: no such card exists." : "");
}

}  // namespace obelisk::host
