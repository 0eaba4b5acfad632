// Listening on a numeric address, with the words for what goes wrong: shared by server and relay.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "base/result.hpp"

namespace obelisk::http {

base::Result<boost::asio::ip::address> numeric_address(const std::string& text);

// Opens, binds and listens; the bound port.
base::Result<std::uint16_t> listen(boost::asio::ip::tcp::acceptor& acceptor,
                                   const std::string& address, std::uint16_t port);

}  // namespace obelisk::http
