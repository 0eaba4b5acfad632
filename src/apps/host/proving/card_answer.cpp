#include "apps/host/proving/card_answer.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/canonical_json.hpp"
#include "core/cards/card_proof.hpp"

namespace obelisk::host {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxLine = 2 * cards::kMaxProofBytes;

std::optional<std::uint32_t> number_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code failed;
  const auto number = value->to_number<std::uint32_t>(failed);
  return failed ? std::nullopt : std::optional(number);
}

}  // namespace

CardAnswer answer_of(const ports::CardFigures& figures) {
  constexpr std::int64_t kLongestMs = 86'400'000;
  return {figures.terms.chunks,
          static_cast<std::uint32_t>(std::clamp<std::int64_t>(figures.proof_ms, 0, kLongestMs)),
          cards::to_bytes(figures.proof)};
}

std::string to_json(const CardAnswer& answer) {
  using base::CanonicalJson;
  return CanonicalJson(CanonicalJson::Object{
                           {"chunks", static_cast<std::int64_t>(answer.chunks)},
                           {"elapsed_ms", static_cast<std::int64_t>(answer.elapsed_ms)},
                           {"proof", base::to_base64(answer.proof)},
                       })
      .text();
}

std::optional<CardAnswer> answer_from_json(std::string_view text) {
  if (text.size() > kMaxLine) return std::nullopt;
  boost::system::error_code failed;
  const json::value parsed = json::parse(text, failed);
  if (failed || !parsed.is_object()) return std::nullopt;
  const json::object& object = parsed.get_object();
  const auto chunks = number_in(object, "chunks");
  const auto elapsed = number_in(object, "elapsed_ms");
  const json::value* proof = object.if_contains("proof");
  if (!chunks || !elapsed || proof == nullptr || !proof->is_string()) return std::nullopt;
  auto bytes = base::from_base64(proof->get_string());
  if (!bytes || bytes->size() > cards::kMaxProofBytes) return std::nullopt;
  return CardAnswer{*chunks, *elapsed, *std::move(bytes)};
}

}  // namespace obelisk::host
