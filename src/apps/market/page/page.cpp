#include "apps/market/page/page.hpp"

#include <algorithm>

namespace obelisk::market_app {
namespace {

constexpr std::string_view kDocument = "/index.html";
constexpr std::string_view kTerminal = "/terminal.html";
// A hashed name never means anything else; every other is looked at again.
constexpr char kForever[] = "public, max-age=31536000, immutable";
constexpr char kLookAgain[] = "no-cache";
constexpr char kNothingElse[] =
    "default-src 'none'; script-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; ";

std::string sources_of(const std::vector<std::string>& web_domains, bool is_local) {
  std::string out;
  for (const std::string& domain : web_domains) {
    out += " wss://*." + domain;
    if (is_local) out += " ws://*." + domain;
  }
  return out;
}

bool takes_gzip(const http::Request& request) {
  const auto accepted = request.header("Accept-Encoding");
  if (!accepted) return false;
  const auto at = accepted->find("gzip");
  if (at == std::string_view::npos) return false;
  // "gzip;q=0" is a refusal.
  std::string rest(accepted->substr(at + 4, accepted->find(',', at) - at - 4));
  std::erase(rest, ' ');
  return !rest.starts_with(";q=0") || rest.find_first_of("123456789") != std::string::npos;
}

bool wants_document(const http::Request& request) {
  const auto accepted = request.header("Accept");
  return accepted && accepted->find("text/html") != std::string_view::npos;
}

http::Response file_response(const PageFile& file, const http::Request& request) {
  http::Response out;
  out.content_type = std::string(file.content_type);
  const bool is_small = !file.gzip.empty() && takes_gzip(request);
  out.body = std::string(is_small ? file.gzip : file.body);
  out.headers.push_back({"ETag", std::string(file.etag)});
  out.headers.push_back({"Cache-Control", file.is_hashed ? kForever : kLookAgain});
  out.headers.push_back({"X-Content-Type-Options", "nosniff"});
  // The same for everybody, and for the terminal, whose origin is none.
  if (file.is_hashed) out.headers.push_back({"Access-Control-Allow-Origin", "*"});
  if (!file.gzip.empty()) out.headers.push_back({"Vary", "Accept-Encoding"});
  if (is_small) out.headers.push_back({"Content-Encoding", "gzip"});
  return out;
}

// "/rent/*" has exactly one segment in the star's place.
bool fits(std::string_view place, std::string_view path) {
  const auto star = place.find('*');
  if (star == std::string_view::npos) return place == path;
  const std::string_view before = place.substr(0, star);
  const std::string_view after = place.substr(star + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return false;
  }
  const auto segment = path.substr(before.size(), path.size() - before.size() - after.size());
  return segment.find('/') == std::string_view::npos;
}

}  // namespace

Page::Page(std::span<const PageFile> files, std::span<const std::string_view> places,
           const std::vector<std::string>& web_domains, bool is_local)
    : files_(files), places_(places) {
  policy_ = std::string(kNothingElse) +
            "style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
            "frame-ancestors 'none'";
  // What draws the terminal writes rules of style as it goes. So it stands in a document of its
  // own, which alone may do so and speak to gateways. It is sandboxed into an origin of its own:
  // what a machine prints may go wrong in there, and reach neither session nor wallet of the page.
  terminal_policy_ = std::string(kNothingElse) +
                     "sandbox allow-scripts; style-src 'self' 'unsafe-inline'; connect-src" +
                     (web_domains.empty() ? " 'none'" : sources_of(web_domains, is_local)) +
                     "; frame-ancestors 'self'";
}

const PageFile* Page::find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(files_, path, {}, &PageFile::path);
  return found != files_.end() && found->path == path ? &*found : nullptr;
}

bool Page::is_place(std::string_view path) const {
  return std::ranges::any_of(places_, [&](std::string_view place) { return fits(place, path); });
}

http::Response Page::document(const PageFile& file, const http::Request& request,
                              int status) const {
  http::Response out = file_response(file, request);
  out.status = status;
  const bool is_terminal = file.path == kTerminal;
  out.headers.push_back({"Content-Security-Policy", is_terminal ? terminal_policy_ : policy_});
  out.headers.push_back({"Referrer-Policy", "no-referrer"});
  // Wallets that are pages of their own open in a window of ours.
  out.headers.push_back({"Cross-Origin-Opener-Policy", "same-origin-allow-popups"});
  out.headers.push_back({"Permissions-Policy", "camera=(), microphone=(), geolocation=()"});
  return out;
}

std::optional<http::Response> Page::answer(const http::Request& request) const {
  if (request.path.starts_with("/v1/")) return std::nullopt;
  if (const PageFile* file = find(request.path); file != nullptr && file->path != kDocument) {
    return file->path == kTerminal ? document(*file, request, 200) : file_response(*file, request);
  }
  const PageFile* page = find(kDocument);
  if (page == nullptr) return std::nullopt;
  if (is_place(request.path)) return document(*page, request, 200);
  return wants_document(request) ? std::optional(document(*page, request, 404)) : std::nullopt;
}

}  // namespace obelisk::market_app
