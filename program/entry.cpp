// The program's one entry: reads what the runtime hands over and calls the instruction of its tag.
#include "program/handlers.hpp"

namespace obelisk::program {
namespace {

uint64_t dispatch(const Input& input) {
  using escrow::Tag;
  // Where there is no data at all, this reads our own address behind it, and whatever instruction
  // that leads to refuses the length.
  switch (static_cast<Tag>(input.data[0])) {
    case Tag::create_market: return create_market(input);
    case Tag::update_market: return update_market(input);
    case Tag::open: return open(input);
    case Tag::ready: return ready(input);
    case Tag::cancel: return cancel(input);
    case Tag::extend: return extend(input);
    case Tag::claim: return claim(input);
    case Tag::stop: return stop(input);
    case Tag::finish: return finish(input);
  }
  return code(Error::bad_data);
}

}  // namespace
}  // namespace obelisk::program

extern "C" uint64_t entrypoint(uint8_t* region) {
  obelisk::program::Input input;
  obelisk::program::parse(region, input);
  return obelisk::program::dispatch(input);
}
