// Listening on a numeric address, with the words for what goes wrong: shared by server and relay.
// Asio leaves sockets open in programs that we start, which would keep a port taken after our end;
// every socket of this folder goes through keep_private() first.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "base/result.hpp"

namespace obelisk::http {

base::Result<boost::asio::ip::address> numeric_address(const std::string& text);

// Opens, binds and listens; the bound port.
base::Result<std::uint16_t> listen(boost::asio::ip::tcp::acceptor& acceptor,
                                   const std::string& address, std::uint16_t port);

// No program that this process starts inherits the descriptor.
void keep_private(int descriptor);

}  // namespace obelisk::http
