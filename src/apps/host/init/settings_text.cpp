#include "apps/host/init/settings_text.hpp"

#include "base/canonical_json.hpp"

namespace obelisk::host {
namespace {

// A JSON string is a basic string of TOML, but for DEL.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : base::CanonicalJson(text).text()) {
    if (c == 0x7f) {
      out += "\\u007f";
    } else {
      out += c;
    }
  }
  return out;
}

class Text {
 public:
  void say(const std::string& comment) { out_ += "\n# " + comment + "\n"; }
  // `example` is what stands there, as a comment, where there is no value.
  void set(const char* name, const std::string& value, const std::string& example) {
    const bool has = !value.empty();
    out_ += (has ? "" : "# ") + std::string(name) + " = " + quoted(has ? value : example) + "\n";
  }
  void if_set(const char* name, const std::string& value) {
    if (!value.empty()) set(name, value, {});
  }
  void flag(const char* name, bool value) {
    out_ += std::string(value ? "" : "# ") + name + " = true\n";
  }
  void if_set(const char* name, std::uint64_t value) {
    if (value != 0) out_ += std::string(name) + " = " + std::to_string(value) + "\n";
  }
  std::string take() && { return std::move(out_); }

 private:
  std::string out_ =
      "# The settings of obelisk-host. Flags go before OBELISK_MARKET_URL, OBELISK_RPC_URL and\n"
      "# OBELISK_KEYPAIR, and those before this file. All settings: obelisk-host --help\n";
};

}  // namespace

std::string settings_text(const Config& config, const std::string& price_from) {
  Text out;
  out.say("The wallet: this host's name, and where its pay arrives. The file holds the key.");
  out.set("keypair", config.keypair, "/srv/ada/.config/obelisk/host-wallet.json");
  out.if_set("fee_keypair", config.fee_keypair);
  out.if_set("fee_price", config.fee_price);
  out.if_set("fee_most", config.fee_most);
  out.say("Leases' disks and records; and the images that they start from.");
  out.set("state_dir", config.state_dir, "/var/lib/obelisk/host");
  out.set("images_dir", config.images_dir, "/var/lib/obelisk/images");
  out.say("The market that this host dials, and a Solana node, or several with commas between.");
  out.set("market_url", config.market_url, "https://market.example");
  out.if_set("market", config.market);
  out.if_set("program", config.program);
  out.set("rpc_url", config.rpc_url, "https://node.example");
  out.if_set("ws_url", config.ws_url);
  out.say("Solana's mainnet, where SOL is money, has to be allowed.");
  out.flag("mainnet", config.mainnet);
  out.say("USD for one card and hour, a floor: nothing is rented below it. " + price_from);
  const bool has_price = config.micro_usd_per_hour != 0;
  out.set("usd_per_hour", has_price ? dollars_from(config.micro_usd_per_hour) : "", "0.88");
  out.say("Renters come through the market's gateways, so no port has to be open; or \"none\".");
  out.set("gateways", config.gateways, {});
  out.say("Without gateways: where their ssh arrives, and what they are told, if it is another.");
  out.set("ssh_listen", config.ssh_listen, {});
  out.set("ssh_address", config.ssh_address == config.ssh_listen ? "" : config.ssh_address,
          "203.0.113.7");
  out.say("Shown to renters, in your words. Left out, nobody is told where this machine is.");
  out.set("region", config.region, "eu-west");
  out.say("Without a GPU, offer the processor as the card 'cpu'.");
  out.flag("allow_cpu", config.allow_cpu);
  out.if_set("nvml_library", config.nvml_library);
  out.if_set("cuda_library", config.cuda_library);
  out.if_set("disk_bytes", config.disk_bytes);
  out.if_set("ram_bytes", config.ram_bytes);
  out.if_set("cpu_milli", config.cpu_milli);
  return std::move(out).take();
}

}  // namespace obelisk::host
