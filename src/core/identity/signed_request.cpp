#include "core/identity/signed_request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace obelisk::identity {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kLeastNonce = 16;
constexpr std::size_t kMostNonce = 64;
constexpr std::size_t kMostHeader = 512;

bool is_nonce(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  };
  return text.size() >= kLeastNonce && text.size() <= kMostNonce && std::ranges::all_of(text, fits);
}

// `name="value"` from the front; nothing where it does not stand there.
std::optional<std::string_view> take_part(std::string_view& rest, std::string_view name) {
  if (!rest.starts_with(name)) return std::nullopt;
  rest.remove_prefix(name.size());
  if (!rest.starts_with("=\"")) return std::nullopt;
  rest.remove_prefix(2);
  const auto end = rest.find('"');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view value = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return value;
}

bool take_text(std::string_view& rest, std::string_view text) {
  if (!rest.starts_with(text)) return false;
  rest.remove_prefix(text.size());
  return true;
}

std::optional<base::UnixMillis> number_from(std::string_view text) {
  base::UnixMillis value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && value > 0 ? std::optional(value) : std::nullopt;
}

std::optional<RequestSignature> parts_of(std::string_view rest) {
  RequestSignature out;
  if (!take_text(rest, kSignatureScheme) || !take_text(rest, " ")) return std::nullopt;
  const auto key = take_part(rest, "key");
  if (!key || !take_text(rest, ", ")) return std::nullopt;
  const auto at = take_part(rest, "at");
  if (!at || !take_text(rest, ", ")) return std::nullopt;
  const auto nonce = take_part(rest, "nonce");
  if (!nonce || !take_text(rest, ", ")) return std::nullopt;
  const auto signature = take_part(rest, "signature");
  if (!signature || !rest.empty()) return std::nullopt;
  const auto parsed_key = base::PublicKey::parse(*key);
  const auto parsed_at = number_from(*at);
  const auto parsed_signature = base::Signature::parse(*signature);
  if (!parsed_key || !parsed_at || !parsed_signature || !is_nonce(*nonce)) return std::nullopt;
  return RequestSignature{*parsed_key, *parsed_at, std::string(*nonce), *parsed_signature};
}

}  // namespace

std::string new_nonce() {
  std::array<std::uint8_t, 16> bytes{};
  base::random_bytes(bytes);
  return base::to_hex(bytes);
}

std::string text_to_sign(const Asked& asked, base::UnixMillis at_ms, std::string_view nonce) {
  std::string out = "OBELISKR\n" + asked.method + '\n' + asked.target + '\n' + asked.host + '\n' +
                    asked.market.to_string() + '\n' + base::to_hex(asked.body_hash.view()) + '\n' +
                    std::to_string(at_ms) + '\n';
  out += nonce;
  return out;
}

bool is_signed(const Asked& asked, const RequestSignature& signature) {
  const std::string text = text_to_sign(asked, signature.at_ms, signature.nonce);
  return base::verify(signature.key, base::view_of(text), signature.signature);
}

std::string authorization_of(const RequestSignature& signature) {
  return std::string(kSignatureScheme) + " key=\"" + signature.key.to_string() + "\", at=\"" +
         std::to_string(signature.at_ms) + "\", nonce=\"" + signature.nonce + "\", signature=\"" +
         signature.signature.to_string() + "\"";
}

base::Result<RequestSignature> read_authorization(std::string_view value) {
  if (value.size() <= kMostHeader) {
    if (auto parts = parts_of(value)) return *std::move(parts);
  }
  return Error{Code::unauthorized, "The Obelisk-Signature header cannot be read.",
               "Write key, at, nonce and signature as docs/api.md has them."};
}

}  // namespace obelisk::identity
