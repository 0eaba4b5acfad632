#include "core/tunnel/entry.hpp"

#include <algorithm>

namespace obelisk::tunnel {
namespace {

constexpr std::string_view kPassName = "obelisk-pass";
// Browsers take a cookie of this prefix from no other name and without TLS not at all.
constexpr std::string_view kSecureCookie = "__Host-obelisk-pass";
constexpr std::string_view kProtocolMark = "obelisk-pass.";

struct Parts {
  std::string_view path;
  std::string_view query;  // without '?'
  bool has_query = false;
};
Parts parts_of(std::string_view target) {
  const auto mark = target.find('?');
  if (mark == target.npos) return {target, {}, false};
  return {target.substr(0, mark), target.substr(mark + 1), true};
}

// Calls `take` with each part of `text` between `mark`s, spaces around it left out.
template <class Take>
void for_each_part(std::string_view text, char mark, const Take& take) {
  while (true) {
    const auto end = std::min(text.find(mark), text.size());
    auto part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    take(part);
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
  }
}

// The value of NAME=VALUE, the first of that name.
std::optional<std::string> value_in(std::string_view text, char mark, std::string_view name) {
  std::optional<std::string> out;
  for_each_part(text, mark, [&](std::string_view part) {
    const bool is_it =
        part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=';
    if (is_it && !out) out = part.substr(name.size() + 1);
  });
  return out;
}

enum class Where { field, link, protocol, cookie };
struct ShownPass {
  Where where;
  std::string text;
};

std::optional<std::string> from_protocols(const RequestHead& head) {
  std::optional<std::string> out;
  for (const auto& [name, value] : head.fields) {
    if (name != "sec-websocket-protocol") continue;
    for_each_part(value, ',', [&](std::string_view part) {
      if (part.starts_with(kProtocolMark) && !out) out = part.substr(kProtocolMark.size());
    });
  }
  return out;
}

std::optional<std::string> from_cookies(const RequestHead& head, bool is_tls) {
  for (const auto& [name, value] : head.fields) {
    if (name != "cookie") continue;
    if (auto found = value_in(value, ';', is_tls ? kSecureCookie : kPassName)) return found;
  }
  return std::nullopt;
}

// What somebody meant to show goes before what a browser adds by itself.
std::optional<ShownPass> shown_in(const RequestHead& head, bool is_tls) {
  const auto is_field = [](const auto& field) { return field.first == kPassField; };
  if (std::ranges::any_of(head.fields, is_field)) {
    return ShownPass{Where::field, std::string(head.field(kPassField).value_or(""))};
  }
  if (head.method == "GET") {
    if (auto text = value_in(parts_of(head.target).query, '&', kPassName)) {
      return ShownPass{Where::link, *std::move(text)};
    }
  }
  if (auto text = from_protocols(head)) return ShownPass{Where::protocol, *std::move(text)};
  if (auto text = from_cookies(head, is_tls)) return ShownPass{Where::cookie, *std::move(text)};
  return std::nullopt;
}

bool is_browsers(const RequestHead& head) {
  return std::ranges::any_of(head.fields, [](const auto& field) {
    return field.first == "cookie" || field.first == "origin" ||
           field.first.starts_with("sec-fetch-");
  });
}

// Such a connection is nobody else's from then on.
bool is_websocket(const RequestHead& head) {
  return head.method == "GET" && head.field("sec-websocket-key") && head.field("upgrade");
}

// Whether the browser says that a page of this very name asks, or a person who opens it. Cookies of
// one lease's name are sent for pages of another's: they are one site.
bool is_own_or_opened(const RequestHead& head, bool is_tls) {
  std::size_t origins = 0;
  for (const auto& [name, value] : head.fields) {
    if (name != "origin") continue;
    ++origins;
    if (value != (is_tls ? "https://" : "http://") + head.host) return false;
  }
  if (origins > 1) return false;
  const auto site = head.field("sec-fetch-site");
  if (!site || *site == "same-origin" || *site == "none") return true;
  return head.method == "GET" && head.field("sec-fetch-mode") == "navigate" &&
         head.field("sec-fetch-dest") == "document";
}

std::string cookie_of(const ShownPass& shown, const Pass& pass, const EntryGround& ground) {
  const auto left_s = std::max<base::UnixSeconds>(pass.until_s - ground.now_s, 1);
  return std::string(ground.is_tls ? kSecureCookie : kPassName) + "=" + shown.text + "; Path=/; " +
         (ground.is_tls ? "Secure; " : "") +
         "HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(left_s);
}

base::Result<Pass> good_pass(const ShownPass& shown, const EntryGround& ground) {
  const auto pass = pass_from(shown.text);
  if (!pass) return base::Error{base::Code::unauthorized, "What was shown is no pass.", ""};
  if (pass->audience != Audience::holder) {
    return base::Error{base::Code::unauthorized, "This pass is nobody's to show.", ""};
  }
  TRY_VOID(check_pass(*pass, ground.door.lease, ground.door.port, ground.renter, ground.now_s));
  return *pass;
}

}  // namespace

std::optional<DoorName> door_of(const RequestHead& head, std::string_view domain) {
  const auto host = head.host_name();
  const auto dot = host.find('.');
  if (dot == host.npos || host.substr(dot + 1) != domain) return std::nullopt;
  return door_from(host.substr(0, dot));
}

std::optional<std::string> target_without_pass(std::string_view target) {
  const Parts parts = parts_of(target);
  // "//elsewhere/" and "/\elsewhere/" are other hosts to a browser.
  const bool is_path = parts.path.starts_with('/') &&
                       (parts.path.size() == 1 || (parts.path[1] != '/' && parts.path[1] != '\\'));
  if (!is_path) return std::nullopt;
  std::string query;
  for_each_part(parts.query, '&', [&](std::string_view part) {
    const bool is_pass = part == kPassName || part.starts_with(std::string(kPassName) + "=");
    if (!is_pass && !part.empty()) query += (query.empty() ? "?" : "&") + std::string(part);
  });
  return std::string(parts.path) + query;
}

Entry decide_entry(const RequestHead& head, const EntryGround& ground) {
  const auto shown = shown_in(head, ground.is_tls);
  Refusal refusal;
  if (shown) {
    const auto pass = good_pass(*shown, ground);
    if (!pass) {
      refusal = {Denied::bad_pass, pass.error().message};
    } else if (shown->where == Where::link) {
      auto target = target_without_pass(head.target);
      if (!target) return Refusal{Denied::bad_target, {}};
      return Redirect{*std::move(target), cookie_of(*shown, *pass, ground)};
    } else if (shown->where == Where::cookie && !is_own_or_opened(head, ground.is_tls)) {
      refusal = {Denied::other_site, {}};
    } else {
      return Enter{*pass, is_browsers(head) && !is_websocket(head)};
    }
  }
  if (!ground.everybodys) return refusal;
  const auto is_good = check_pass(*ground.everybodys, ground.door.lease, ground.door.port,
                                  ground.renter, ground.now_s);
  const bool is_open = is_good && ground.everybodys->audience == Audience::everybody;
  return is_open ? Entry(Enter{*ground.everybodys}) : Entry(refusal);
}

}  // namespace obelisk::tunnel
