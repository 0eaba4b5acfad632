// The token that `obelisk login` keeps, one a market: a file of mode 0600, named by the market's
// URL, so that it is never sent anywhere else.
#pragma once

#include <optional>
#include <string>

#include "adapters/http/url.hpp"
#include "api/types.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

std::string session_file(const std::string& state_dir, const http::Url& market);
base::Result<void> save_session(const std::string& state_dir, const http::Url& market,
                                const api::SessionToken& session);
// Nothing where there is none.
base::Result<std::optional<api::SessionToken>> kept_session(const std::string& state_dir,
                                                            const http::Url& market);
void forget_session(const std::string& state_dir, const http::Url& market);

}  // namespace obelisk::cli
