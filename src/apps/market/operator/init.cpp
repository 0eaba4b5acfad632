// `obelisk-market init`: the files that a new operator needs, made once. What is there is kept.
#include <algorithm>
#include <filesystem>

#include "adapters/files/files.hpp"
#include "adapters/keyfile/keyfile.hpp"
#include "apps/market/operator/verbs.hpp"
#include "base/canonical_json.hpp"

namespace obelisk::market_app::operators {
namespace {

using base::Code;
using base::Error;

struct Made {
  std::string file;
  bool is_new = false;
  base::PublicKey address;
};

base::Result<Made> key_at(const std::string& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    TRY(const base::Keypair kept, keyfile::load_keypair(file));
    return Made{file, false, kept.public_key()};
  }
  TRY(const base::Keypair made, keyfile::create_keypair(file));
  return Made{file, true, made.public_key()};
}

std::string quoted(const std::string& name, const std::string& value) {
  return name + " = \"" + value + "\"\n";
}

std::string config_text(const InitRequest& request, const std::string& folder,
                        const base::PublicKey& operator_key) {
  std::string out = "# A market of OBELISK. Every setting: obelisk-market --help\n";
  out += quoted("listen", kDefaultListen);
  out += quoted("state_dir", folder + "/state");
  out += quoted("rpc_url", request.rpc_url);
  out += request.program ? quoted("program", request.program->to_string())
                         : "# program = \"the lease program's address\"\n";
  out += quoted("operator", operator_key.to_string());
  out += "# Of obelisk-watch, which alone has the attestor's key\n";
  out += quoted("watch", folder + "/watch/watch.sock");
  out += quoted("price", request.local ? "fixed:140" : "live");
  if (request.local) out += "local = true\n";
  return out;
}

// What goes into the file between quotes.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\'; });
}

std::string line_of(const char* what, const Made& made) {
  return std::string("  ") + what + made.file + (made.is_new ? "  made\n" : "  kept\n");
}

}  // namespace

Words init(const InitRequest& request) {
  const std::string folder = std::filesystem::absolute(request.folder).lexically_normal().string();
  if (!is_plain(folder) || !is_plain(request.rpc_url)) {
    return Error{Code::usage, "A folder or URL with quotes or other signs cannot go into the file.",
                 "Name another --dir."};
  }
  TRY_VOID(files::make_private_directory(folder));
  TRY_VOID(files::make_private_directory(folder + "/state"));
  TRY(const Made operator_key, key_at(folder + "/operator.json"));
  TRY(const Made attestor, key_at(folder + "/attestor.json"));
  Made config{folder + "/market.toml", false, {}};
  std::error_code error;
  if (!std::filesystem::exists(config.file, error)) {
    TRY_VOID(files::write_private(config.file, config_text(request, folder, operator_key.address)));
    config.is_new = true;
  }
  const std::string program = request.program ? request.program->to_string() : "PROGRAM";
  const std::string next = "obelisk-market create-market --rpc " + request.rpc_url + " --program " +
                           program + " --operator-keypair " + operator_key.file +
                           " --treasury ADDRESS --attestor " + attestor.address.to_string() +
                           " --fee-bps 250";
  const std::string watch = "obelisk-watch --rpc " + request.rpc_url + " --program " + program +
                            " --operator " + operator_key.address.to_string() +
                            " --attestor-keypair " + attestor.file + " --state " + folder +
                            "/watch";
  if (request.json) {
    return base::CanonicalJson(
               base::CanonicalJson::Object{
                   {"folder", folder},
                   {"operator", operator_key.address.to_string()},
                   {"operator_keypair", operator_key.file},
                   {"attestor", attestor.address.to_string()},
                   {"attestor_keypair", attestor.file},
                   {"config", config.file},
                   {"made", operator_key.is_new || attestor.is_new || config.is_new},
                   {"watch", watch},
                   {"next", next}})
               .text() +
           "\n";
  }
  return line_of("operator   ", operator_key) + line_of("attestor   ", attestor) +
         line_of("settings   ", config) +
         "Both keys are files of yours alone (0600). Keep a copy of " +
         "operator.json elsewhere: it sets the terms.\n\nSend SOL to\n  " +
         operator_key.address.to_string() +
         "  (operator) 0.01: the market account costs 0.00178176, a change of terms 0.000005\n  " +
         attestor.address.to_string() +
         "  (attestor) 0.1: each lease costs it about 0.00001; below 0.01 nothing is sold\n" +
         "and choose a treasury: an address of yours that holds SOL; it receives the "
         "fees.\n\nNext:\n  " +
         next + "\n  " + watch + "\n  obelisk-market --config " + config.file + "\n";
}

}  // namespace obelisk::market_app::operators
