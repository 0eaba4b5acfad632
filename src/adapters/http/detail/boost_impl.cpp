// Boost.Asio and Boost.Beast are headers only; this one file holds their compiled half.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
