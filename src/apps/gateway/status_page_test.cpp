#include "apps/gateway/status_page.hpp"

#include <gtest/gtest.h>

namespace obelisk::gateway {
namespace {

TEST(GatewayStatus, EveryFigureHasItsLines) {
  const std::string text = metrics_text({.hosts = 3,
                                         .leases = 5,
                                         .waiting_streams = 12,
                                         .visitors = 7,
                                         .visitors_ever = 70,
                                         .visitors_refused = 2,
                                         .bytes_up = 1'000'000'000'000,
                                         .bytes_down = 9});
  for (const std::string line :
       {"obelisk_gateway_hosts 3\n", "obelisk_gateway_leases 5\n",
        "obelisk_gateway_waiting_streams 12\n", "obelisk_gateway_visitors 7\n",
        "obelisk_gateway_visitors_total 70\n", "obelisk_gateway_visitors_refused_total 2\n",
        "obelisk_gateway_bytes_up_total 1000000000000\n", "obelisk_gateway_bytes_down_total 9\n"}) {
    EXPECT_NE(text.find("\n" + line), std::string::npos) << line;
  }
  EXPECT_TRUE(text.starts_with("# HELP obelisk_gateway_hosts Hosts that are connected.\n"));
}

}  // namespace
}  // namespace obelisk::gateway
