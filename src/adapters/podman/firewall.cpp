#include "adapters/podman/firewall.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/podman/layout.hpp"
#include "adapters/podman/process.hpp"

namespace obelisk::podman {

namespace json = boost::json;

namespace {

// Special-purpose networks of RFC 6890 and its like: private, shared, link-local (cloud metadata
// lives there), loopback, test, multicast, reserved.
constexpr std::string_view kClosedNetworks =
    "0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, "
    "192.0.0.0/24, 192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/4, 240.0.0.0/4";

// The order matters: answers first, then resolvers (which may be neighbours), then what is closed.
constexpr std::string_view kChains = R"(
  chain from_lease {
    iifname . ip saddr != @leases counter drop
    meta nfproto ipv6 counter drop
    ct state established,related accept
    ct state invalid counter drop
    ip daddr @resolvers udp dport 53 accept
    ip daddr @resolvers tcp dport 53 accept
    ip daddr @closed counter reject with icmp type admin-prohibited
    oifname @interfaces counter drop
    tcp dport { 25, 465, 587 } counter reject with tcp reset
    ct state new add @rates { iifname limit rate over 500/second burst 1000 packets } counter drop
    counter accept
  }
  chain forward {
    type filter hook forward priority filter - 10; policy accept;
    iifname @interfaces jump from_lease
    oifname @interfaces ct state established,related accept
    oifname @interfaces counter drop
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname @interfaces ct state established,related accept
    iifname @interfaces counter drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    iifname @interfaces oifname != @interfaces masquerade
  }
}
)";

std::string element_of(const Slot& slot) {
  return "\"" + slot.interface + "\" . " + address_text(slot.lease_address);
}

std::string set_text(const std::string& head, const std::string& elements) {
  std::string text = "  set " + head;
  if (!elements.empty()) text += " elements = { " + elements + " };";
  return text + " }\n";
}

void append(std::string& list, const std::string& element) {
  if (!list.empty()) list += ", ";
  list += element;
}

// The objects called `kind` in what `nft -j` wrote: {"nftables": [{"set": {...}}, ...]}.
base::Result<std::vector<json::object>> objects_in(std::string_view text, std::string_view kind) {
  boost::system::error_code failed;
  json::value parsed = json::parse(json::string_view(text.data(), text.size()), failed);
  const json::object* top = failed ? nullptr : parsed.if_object();
  const json::value* list = top != nullptr ? top->if_contains("nftables") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return base::Error{base::Code::internal, "`nft -j` wrote something that is not a ruleset.",
                       "Check that nftables is installed whole."};
  }
  std::vector<json::object> out;
  for (const json::value& one : list->get_array()) {
    if (!one.is_object()) continue;
    const json::value* wanted = one.get_object().if_contains(kind);
    if (wanted != nullptr && wanted->is_object()) out.push_back(wanted->get_object());
  }
  return out;
}

}  // namespace

std::string firewall_text(const FirewallPlan& plan) {
  std::string leases;
  std::string interfaces;
  for (const Slot& slot : plan.leases) {
    append(leases, element_of(slot));
    append(interfaces, "\"" + slot.interface + "\"");
  }
  std::string closed(kClosedNetworks);
  for (const Network& network : plan.neighbours) append(closed, network_text(network));
  std::string resolvers;
  for (std::uint32_t resolver : plan.resolvers) append(resolvers, address_text(resolver));
  std::string table = "table inet " + plan.table;
  // "add" makes the delete valid the first time; all of it is one transaction.
  return "add " + table + "\ndelete " + table + "\n" + table + " {\n" +
         set_text("closed { type ipv4_addr; flags interval; auto-merge;", closed) +
         set_text("resolvers { type ipv4_addr;", resolvers) +
         set_text("leases { type ifname . ipv4_addr;", leases) +
         set_text("interfaces { type ifname;", interfaces) +
         set_text("rates { type ifname; size 4096; flags dynamic;", "") + std::string(kChains);
}

std::string admit_text(const std::string& table, const Slot& slot) {
  return "add element inet " + table + " leases { " + element_of(slot) + " }\nadd element inet " +
         table + " interfaces { \"" + slot.interface + "\" }\n";
}

std::string dismiss_text(const std::string& table, const Slot& slot) {
  return "delete element inet " + table + " leases { " + element_of(slot) +
         " }\ndelete element inet " + table + " interfaces { \"" + slot.interface + "\" }\n";
}

base::Result<void> apply_rules(const std::string& text) {
  auto done = run_checked({.argv = {"nft", "-f", "-"}, .input = text});
  if (!done) return std::move(done).error();
  return {};
}

base::Result<void> remove_table(const std::string& table) {
  return apply_rules("add table inet " + table + "\ndelete table inet " + table + "\n");
}

base::Result<std::vector<std::string>> tables_of_hosts(std::string_view json) {
  TRY(std::vector<json::object> tables, objects_in(json, "table"));
  std::vector<std::string> out;
  for (const json::object& table : tables) {
    const json::value* name = table.if_contains("name");
    if (name == nullptr || !name->is_string()) continue;
    std::string text(name->get_string());
    if (text.starts_with(kTablePrefix)) out.push_back(std::move(text));
  }
  return out;
}

base::Result<std::vector<std::string>> names_in_set(std::string_view json) {
  TRY(std::vector<json::object> sets, objects_in(json, "set"));
  std::vector<std::string> out;
  for (const json::object& set : sets) {
    const json::value* elements = set.if_contains("elem");
    if (elements == nullptr || !elements->is_array()) continue;
    for (const json::value& element : elements->get_array()) {
      if (element.is_string()) out.emplace_back(element.get_string());
    }
  }
  return out;
}

base::Result<std::vector<std::string>> interfaces_of_others(const std::string& own_table) {
  TRY(std::string listed,
      run_checked({.argv = {"nft", "-j", "list", "tables", "inet"}, .input = ""}));
  TRY(std::vector<std::string> tables, tables_of_hosts(listed));
  std::vector<std::string> out;
  for (const std::string& table : tables) {
    if (table == own_table) continue;
    TRY(Outcome set,
        run({.argv = {"nft", "-j", "list", "set", "inet", table, "interfaces"}, .input = ""}));
    if (set.status != 0) continue;  // that host took it away meanwhile, or it is none of ours
    TRY(std::vector<std::string> names, names_in_set(set.output));
    out.insert(out.end(), names.begin(), names.end());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace obelisk::podman
