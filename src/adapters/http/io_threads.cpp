#include "adapters/http/io_threads.hpp"

#include "adapters/http/detail/lanes.hpp"

namespace obelisk::http {

IoThreads::IoThreads(unsigned threads) : impl_(std::make_unique<Impl>(threads)) {}
IoThreads::~IoThreads() = default;

}  // namespace obelisk::http
