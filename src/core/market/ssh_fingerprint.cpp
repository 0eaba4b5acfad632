#include "core/market/ssh_fingerprint.hpp"

#include "base/bytes.hpp"
#include "base/crypto.hpp"

namespace obelisk::market {
namespace {

constexpr std::string_view kPrefix = "SHA256:";
constexpr std::size_t kDigits = 43;  // 32 bytes without the padding

}  // namespace

std::optional<std::string> ssh_fingerprint(std::string_view key_line) {
  const std::size_t first = key_line.find(' ');
  if (first == std::string_view::npos) return std::nullopt;
  const std::string_view rest = key_line.substr(first + 1);
  const auto blob = base::from_base64(rest.substr(0, rest.find(' ')));
  if (!blob || blob->empty()) return std::nullopt;
  const std::string digest = base::to_base64(base::sha256(*blob).view());
  return std::string(kPrefix) + digest.substr(0, kDigits);
}

bool valid_ssh_fingerprint(std::string_view text) {
  if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + kDigits) return false;
  const auto digest = base::from_base64(std::string(text.substr(kPrefix.size())) + "=");
  return digest && digest->size() == 32;
}

}  // namespace obelisk::market
