#include "apps/gateway/options.hpp"

#include <arpa/inet.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "core/tunnel/place.hpp"

namespace obelisk::gateway {
namespace {

using base::Code;
using base::Error;

constexpr const char* kExamples = R"(Examples:
  obelisk-gateway --told-address gw.example --attestor ADDRESS
  obelisk-gateway --listen 127.0.0.1:7443 --visitors 127.0.0.1:20000-20099 \
      --told-address 127.0.0.1 --attestor ADDRESS --state .state/gateway
  obelisk-gateway --told-address gw.example --attestor ADDRESS --web 0.0.0.0:443 \
      --web-domain gw.example --certificate chain.pem --certificate-key key.pem
  obelisk-gateway --config /etc/obelisk/gateway.toml

It prints the line that obelisk-market's --gateways takes: NAME:PORT#KEY. docs/gateway.md tells how
it works, what it may see (nothing), and how to run two. gateway.toml takes the same settings by
their flags' names. Hosts need no port open; this machine needs those of --listen, --visitors and
--web.)";

struct Words {
  std::string listen = "0.0.0.0:7443";
  std::string visitors = "0.0.0.0:20000-29999";
  std::vector<std::string> attestors;
  std::string status;
  std::string web;
  std::string web_domain;
};

Error usage(std::string what, std::string action) {
  return {Code::usage, std::move(what), std::move(action)};
}

struct Split {
  std::string address;
  std::string_view rest;
};
base::Result<Split> split_address(std::string_view text, const char* flag, const char* example) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return usage(std::string(flag) + " '" + std::string(text.substr(0, 60)) + "' has no port.",
                 std::string("Write it like ") + example + ".");
  }
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']') && address.size() > 2) {
    address = address.substr(1, address.size() - 2);
  }
  return Split{std::string(address), text.substr(colon + 1)};
}

base::Result<std::uint16_t> parse_port(std::string_view text, const char* flag) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (!text.empty() && error == std::errc{} && end == text.data() + text.size()) return port;
  return usage(std::string(flag) + " '" + std::string(text.substr(0, 20)) + "' is no port.",
               "Ports go from 0 to 65535.");
}

std::string usual_state() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state != '\0') return std::string(state) + "/obelisk-gateway";
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "/var/lib" : home) + "/.local/state/obelisk-gateway";
}

// A numeric address as the system writes it: an IPv6 address can be written in many ways.
std::optional<std::string> usual_address(const std::string& text) {
  std::array<std::uint8_t, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, text.c_str(), bytes.data()) != 1) continue;
    return ::inet_ntop(family, bytes.data(), out.data(), out.size());
  }
  return std::nullopt;
}

// What a host name ends in: lower case, as names are compared.
bool is_domain(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  constexpr std::size_t kRoom = 253 - 64;  // for a label and its dot
  return !text.empty() && text.size() <= kRoom && text.front() != '.' && text.back() != '.' &&
         std::ranges::all_of(text, fits);
}

base::Result<void> settle_web(const Words& words, Options& out) {
  tunnel::WebOptions& web = out.gateway.web;
  const bool has_files = !web.certificate_file.empty() || !web.key_file.empty();
  if (words.web.empty()) {
    if (words.web_domain.empty() && !has_files) return {};
    return usage("--web is missing: where do browsers reach this machine?",
                 "Write it like 0.0.0.0:443.");
  }
  TRY(const Split at, split_address(words.web, "--web", "0.0.0.0:443"));
  TRY(web.port, parse_port(at.rest, "--web"));
  web.address = at.address;
  std::string_view domain = words.web_domain;
  if (const auto colon = domain.find(':'); colon != domain.npos) {
    TRY(web.told_port, parse_port(domain.substr(colon + 1), "--web-domain"));
    domain = domain.substr(0, colon);
  }
  if (!is_domain(domain)) {
    return usage("--web-domain '" + words.web_domain.substr(0, 60) + "' is no name.",
                 "Give the name that *.NAME of your certificate has, in lower case.");
  }
  web.domain = domain;
  if (web.certificate_file.empty() != web.key_file.empty()) {
    return usage("A certificate needs its key, and a key its certificate.",
                 "Give both: --certificate and --certificate-key.");
  }
  return {};
}

base::Result<Options> settle(const Words& words, Options out) {
  TRY(const Split listen, split_address(words.listen, "--listen", "0.0.0.0:7443"));
  TRY(out.gateway.host_port, parse_port(listen.rest, "--listen"));
  out.gateway.host_address = listen.address;
  TRY(const Split visitors, split_address(words.visitors, "--visitors", "0.0.0.0:20000-29999"));
  TRY(out.gateway.visitor_ports, parse_port_range(visitors.rest));
  out.gateway.visitor_address = visitors.address;
  for (const std::string& text : words.attestors) {
    const auto key = base::PublicKey::parse(text);
    if (!key) {
      return usage("--attestor '" + text.substr(0, 60) + "' is not an address.",
                   "obelisk-market prints it, and the market account names it.");
    }
    out.gateway.attestors.push_back(*key);
  }
  if (out.gateway.attestors.empty()) {
    return usage("--attestor is missing: whose quotes show that a lease is a host's?",
                 "Give the attestor's address of your market account; older keys after it.");
  }
  for (std::string& address : out.gateway.always_let_in) {
    auto usual = usual_address(address);
    if (!usual) {
      return usage("--always-let-in '" + address.substr(0, 60) + "' is no numeric address.",
                   "Give the watch's IPv4 or IPv6 address; a name is not looked up.");
    }
    address = *std::move(usual);
  }
  if (out.gateway.told_address.empty()) {
    return usage("--told-address is missing: where do renters reach this machine?",
                 "Give its name or its public address.");
  }
  // Hosts read it as a part of a place.
  const auto told = tunnel::parse_place(tunnel::to_string({out.gateway.told_address, 1, {}}));
  if (!told) {
    return usage("--told-address '" + out.gateway.told_address.substr(0, 60) + "' is no address.",
                 "Give a name or a numeric address, without a port.");
  }
  if (!words.status.empty()) {
    TRY(const Split status, split_address(words.status, "--status", "127.0.0.1:9443"));
    TRY(out.status_port, parse_port(status.rest, "--status"));
    out.status_address = status.address;
  }
  if (out.state_dir.empty()) out.state_dir = usual_state();
  if (out.key_file.empty()) out.key_file = out.state_dir + "/gateway.json";
  TRY_VOID(settle_web(words, out));
  out.gateway.web.kept_file = out.state_dir + "/public.json";
  return out;
}

}  // namespace

base::Result<tunnel::PortRange> parse_port_range(std::string_view text) {
  const auto dash = text.find('-');
  TRY(const auto first, parse_port(text.substr(0, dash), "--visitors"));
  auto last = first;
  if (dash != std::string_view::npos) {
    TRY(last, parse_port(text.substr(dash + 1), "--visitors"));
  }
  if (first == 0 || last < first) {
    return usage("--visitors names no ports.", "Write it like 0.0.0.0:20000-29999.");
  }
  return tunnel::PortRange{first, last};
}

base::Result<std::variant<Options, Finished>> parse_command_line(int count, char** words) {
  CLI::App app{"obelisk-gateway: renters reach hosts behind routers through it", "obelisk-gateway"};
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("obelisk-gateway ") + OBELISK_VERSION);
  app.set_config("--config", "", "TOML file with any of these settings");
  app.allow_config_extras(CLI::config_extras_mode::error);
  Words said;
  Options given;
  auto& gateway = given.gateway;
  app.add_option("--listen", said.listen, "Where hosts dial in, by TLS 1.3")->capture_default_str();
  app.add_option("--visitors", said.visitors, "Where renters arrive: a port for each lease")
      ->capture_default_str();
  app.add_option("--told-address", gateway.told_address, "The address that renters are told");
  app.add_option("--attestor", said.attestors, "Whose quotes count: the market's attestor key");
  app.add_option("--state", given.state_dir, "Where its key lies");
  app.add_option("--key", given.key_file, "Its key file (0600), if not gateway.json in --state");
  app.add_option("--web", said.web, "Where browsers reach ports of leases, by https");
  app.add_option("--web-domain", said.web_domain,
                 "What their names end in; NAME:PORT where they come by another port");
  app.add_option("--certificate", gateway.web.certificate_file,
                 "PEM: a chain for *.NAME, read again when it changes; without one plain http, on "
                 "loopback only");
  app.add_option("--certificate-key", gateway.web.key_file, "PEM: its key");
  app.add_option("--threads", given.threads, "Threads that carry")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--status", said.status,
                 "Where /healthz and /metrics are served; nowhere if not "
                 "said");
  app.add_option("--max-hosts", gateway.max_hosts, "Hosts at once")->capture_default_str();
  app.add_option("--max-visitors", gateway.max_visitors, "Connections at once")
      ->capture_default_str();
  app.add_option("--max-visitors-per-lease", gateway.max_visitors_per_lease, "Of one lease")
      ->capture_default_str();
  app.add_option("--max-visitors-per-address", gateway.max_visitors_per_address,
                 "Of one lease, from one address")
      ->capture_default_str();
  app.add_option("--always-let-in", gateway.always_let_in,
                 "Addresses that no lease's limits keep out: where the watch logs in from")
      ->delimiter(',');
  app.add_option("--new-visitors-per-second", gateway.new_visitors_per_second,
                 "Of one lease; four times as many at once")
      ->capture_default_str();
  app.add_flag("--plain", gateway.is_plain,
               "No TLS towards hosts: for ./dev bench relay; obelisk-host does not dial so");
  app.add_option("--ready-file", given.ready_file,
                 "Written (0600) with {place, status, web, pid} once it runs");
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return std::variant<Options, Finished>(Finished{code == 0 ? 0 : base::exit_code(Code::usage)});
  }
  TRY(Options out, settle(said, std::move(given)));
  return std::variant<Options, Finished>(std::move(out));
}

}  // namespace obelisk::gateway
