#include "adapters/http/detail/listen.hpp"

#include <fcntl.h>

namespace obelisk::http {
namespace {

namespace asio = boost::asio;
using base::Code;
using base::Error;
using base::Result;
using boost::system::error_code;

Error listen_error(const std::string& address, std::uint16_t port, error_code ec) {
  const std::string number = std::to_string(port);
  if (ec == asio::error::address_in_use) {
    return Error{Code::missing_dependency,
                 "Port " + number + " on " + address + " is taken by another program.",
                 "Stop that program (ss -ltnp shows it) or choose another port."};
  }
  if (ec == asio::error::access_denied) {
    return Error{Code::missing_dependency, "This user may not listen on port " + number + ".",
                 "Choose a port from 1024 on, or run as root."};
  }
  return Error{Code::missing_dependency,
               "Listening on " + address + ", port " + number + " failed: " + ec.message() + ".",
               "Use an address of this machine; 127.0.0.1 always is one."};
}

}  // namespace

Result<asio::ip::address> numeric_address(const std::string& text) {
  error_code ec;
  const auto address = asio::ip::make_address(text, ec);
  if (!ec) return address;
  return Error{Code::invalid_input, "\"" + text + "\" is not a numeric address.",
               "Write it like 127.0.0.1 or ::1."};
}

Result<std::uint16_t> listen(asio::ip::tcp::acceptor& acceptor, const std::string& address,
                             std::uint16_t port) {
  TRY(const auto numeric, numeric_address(address));
  const asio::ip::tcp::endpoint endpoint(numeric, port);
  error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) keep_private(acceptor.native_handle());
  // A restart must not wait for the old connections' last packets.
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  std::uint16_t bound = 0;
  if (!ec) bound = acceptor.local_endpoint(ec).port();
  if (!ec) return bound;
  error_code ignored;
  acceptor.close(ignored);
  return listen_error(address, port, ec);
}

void keep_private(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

}  // namespace obelisk::http
