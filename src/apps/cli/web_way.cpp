#include "apps/cli/web_way.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "adapters/http/client.hpp"
#include "apps/cli/ssh_entry.hpp"
#include "core/tunnel/door_name.hpp"
#include "core/tunnel/entry.hpp"
#include "core/tunnel/web_answer.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

// A gateway waits eight seconds for a host that is away.
constexpr std::chrono::milliseconds kPatience{12'000};
constexpr base::UnixSeconds kUsualS = 12 * 3'600;
constexpr base::UnixSeconds kAfterEndS = 3'600;
constexpr std::size_t kMaxAnswer = 64 << 10;

base::Result<http::Response> call(const std::string& address, const std::string& method,
                                  const std::string& path, const tunnel::Pass* pass) {
  TRY(http::Url url, http::Url::parse(address));
  http::ClientOptions options;
  options.max_response_bytes = kMaxAnswer;
  http::Client client(std::move(url), std::move(options));
  http::Request request;
  request.method = method;
  request.path = path;
  if (pass != nullptr) request.headers.push_back({"X-Obelisk-Pass", tunnel::to_text(*pass)});
  return client.call(request, kPatience);
}

std::string first_line(const std::string& body) { return body.substr(0, body.find('\n')); }

}  // namespace

base::Result<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed == std::errc{} && end == text.data() + text.size() && port != 0) return port;
  return Error{Code::usage, "A port is a whole number from 1 to 65535.",
               "Give the one that the server in the lease listens on: obelisk open LEASE 8888"};
}

base::Result<std::vector<std::string>> web_ways(const api::Lease& lease, std::uint16_t port) {
  if (lease.state == api::LeaseState::ended) {
    return Error{Code::expired, "This lease is over, and its machine is gone.",
                 "See what was paid: obelisk receipt " + lease.lease.to_string()};
  }
  std::vector<std::string> out;
  for (const api::LeaseWay& way : lease.ways.value_or(std::vector<api::LeaseWay>{})) {
    auto address = tunnel::web_address(way.web.value_or(""), {lease.lease, port});
    if (address) out.push_back(*std::move(address));
  }
  if (!out.empty()) return out;
  if (!lease.ssh) {
    return Error{Code::not_found, "This lease cannot be reached yet. " + lease.message,
                 "Look again: obelisk show " + lease.lease.to_string()};
  }
  const std::string number = std::to_string(port);
  return Error{Code::unsupported, "No gateway of this lease serves ports by https.",
               "Forward it by ssh: obelisk ssh-config " + lease.lease.to_string() +
                   " --install, then ssh -N -L " + number + ":127.0.0.1:" + number + " " +
                   entry_name(lease.lease)};
}

base::UnixSeconds pass_end(const api::Lease& lease, base::UnixSeconds now_s, std::uint32_t for_s) {
  const auto wanted = now_s + (for_s != 0 ? base::UnixSeconds{for_s} : kUsualS);
  if (!lease.ends_at_s) return wanted;
  const auto last = static_cast<base::UnixSeconds>(*lease.ends_at_s) + kAfterEndS;
  return std::max(std::min(wanted, last), now_s + 60);
}

tunnel::Pass sign_pass(ports::Signer& wallet, const base::PublicKey& lease, std::uint16_t port,
                       tunnel::Audience audience, base::UnixSeconds from_s,
                       base::UnixSeconds until_s) {
  until_s = std::min(until_s, from_s + tunnel::kLongestPassS);
  const auto text = tunnel::pass_text(lease, port, audience, from_s, until_s);
  return {audience, from_s, until_s, wallet.sign(base::view_of(text))};
}

WebAnswer ask_web(const std::string& address, const tunnel::Pass* pass) {
  // HEAD: the page may be long, or never end.
  const auto response = call(address, "HEAD", "/", pass);
  if (!response) {
    const Error& error = response.error();
    if (error.code == Code::timeout) return {WebAnswer::Kind::silent, {}, error.message};
    // What answers, but not as HTTP, is the server's own affair.
    const bool is_there = error.code == Code::refused;
    return {is_there ? WebAnswer::Kind::server : WebAnswer::Kind::away, {}, error.message};
  }
  const auto own = response->header(tunnel::kOwnField);
  if (!own) return {WebAnswer::Kind::server, {}, {}};
  return {WebAnswer::Kind::gateway, std::string(*own), {}};
}

base::Result<void> tell_gateway(const std::string& address, const tunnel::Pass& pass) {
  TRY(const auto response, call(address, "POST", std::string(tunnel::kPublicTarget), &pass));
  if (response.status == 200) return {};
  return Error{Code::refused, address + " did not keep it: " + first_line(response.body),
               "Try again; it is as it was before there."};
}

}  // namespace obelisk::cli
