#include "apps/cli/session_file.hpp"

#include <cstdio>

#include "adapters/http/message.hpp"
#include "apps/cli/files.hpp"

namespace obelisk::cli {
namespace {

constexpr std::size_t kMaxBytes = 4096;

std::string folder(const std::string& state_dir) { return state_dir + "/sessions"; }

}  // namespace

std::string session_file(const std::string& state_dir, const http::Url& market) {
  const std::string scheme = market.secure() ? "https://" : "http://";
  return folder(state_dir) + "/" + http::percent_encode(scheme + market.where()) + ".json";
}

base::Result<void> save_session(const std::string& state_dir, const http::Url& market,
                                const api::SessionToken& session) {
  TRY_VOID(make_private_dir(folder(state_dir)));
  return write_private_file(session_file(state_dir, market), api::to_json(session) + "\n");
}

base::Result<std::optional<api::SessionToken>> kept_session(const std::string& state_dir,
                                                            const http::Url& market) {
  TRY(const auto text, read_file(session_file(state_dir, market), kMaxBytes));
  if (!text) return std::optional<api::SessionToken>();
  TRY(auto session, api::session_token_from_json(*text));
  return std::optional(std::move(session));
}

void forget_session(const std::string& state_dir, const http::Url& market) {
  std::remove(session_file(state_dir, market).c_str());
}

}  // namespace obelisk::cli
