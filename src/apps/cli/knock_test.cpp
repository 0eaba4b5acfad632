#include "apps/cli/knock.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace obelisk::cli {
namespace {

using std::chrono::milliseconds;

TEST(Knock, SomebodyListensOrNobodyDoes) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  EXPECT_FALSE(answers("127.0.0.1", port, milliseconds(500))) << "bound, and listening to nobody";
  ASSERT_EQ(::listen(fd, 1), 0);
  EXPECT_TRUE(answers("127.0.0.1", port, milliseconds(500)));
  EXPECT_TRUE(answers("localhost", port, milliseconds(500)));
  EXPECT_FALSE(answers("no such name", port, milliseconds(500)));
  ::close(fd);
}

}  // namespace
}  // namespace obelisk::cli
