// Origins: the names by which people reach one market. A signature names one of them, so that what
// somebody signs for another site, or for another market, is worth nothing here. It must never take
// a name from a request that it does not know.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace obelisk::identity {

struct Origin {
  std::string url;   // "https://market.example", without a slash at the end
  std::string host;  // as a Host header says it: "market.example", "127.0.0.1:8480"

  bool operator==(const Origin&) const = default;
};

class Origins {
 public:
  // Commas between; at most eight. usage for one that is no http(s) URL of a host alone.
  static base::Result<Origins> parse(std::string_view text);
  // Where nothing is configured: this machine's own names (127.0.0.1, localhost, ::1), any port,
  // and `listen_address`.
  static Origins local(std::string listen_address);

  // The one that a Host header names.
  std::optional<Origin> find(std::string_view host_header) const;
  // For messages.
  std::string names() const;

 private:
  std::vector<Origin> known_;
  std::optional<std::string> local_;  // the listening address
};

}  // namespace obelisk::identity
