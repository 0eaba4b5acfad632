#include "core/market/image_reference.hpp"

#include "core/market/images.hpp"

namespace obelisk::market {

namespace {

constexpr std::size_t kMaxRepository = 255;
constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789._-/";

base::Error bad(std::string what) {
  return {base::Code::invalid_input, std::move(what),
          "Name it whole, like docker.io/library/busybox@sha256:... with 64 hex digits."};
}

// What is no registry's host would be looked for where somebody's defaults say.
bool names_registry(std::string_view host) {
  return host == "localhost" || host.find('.') != host.npos || host.find(':') != host.npos;
}

bool is_host(std::string_view host) {
  constexpr std::string_view kHost =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
  return !host.empty() && host[0] != '-' && host.find_first_not_of(kHost) == host.npos;
}

}  // namespace

base::Result<ImageReference> parse_reference(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == text.npos) return bad("An image is pulled by its digest, not by a tag.");
  ImageReference out{std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
  if (!valid_image_digest(out.digest)) return bad("What stands after the @ is no digest.");
  const std::size_t slash = out.repository.find('/');
  if (slash == std::string::npos || out.repository.size() > kMaxRepository) {
    return bad("That names no repository.");
  }
  const std::string_view host = std::string_view(out.repository).substr(0, slash);
  const std::string_view path = std::string_view(out.repository).substr(slash + 1);
  if (!is_host(host) || !names_registry(host)) return bad("That names no registry.");
  if (path.empty() || path.find_first_not_of(kPlain) != path.npos) {
    return bad("A repository has lower-case letters, digits and . _ - / only, and no tag.");
  }
  return out;
}

}  // namespace obelisk::market
