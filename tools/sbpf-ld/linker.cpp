#include "tools/sbpf-ld/linker.hpp"

#include "tools/sbpf-ld/failure.hpp"
#include "tools/sbpf-ld/image.hpp"
#include "tools/sbpf-ld/instructions.hpp"
#include "tools/sbpf-ld/object.hpp"
#include "tools/sbpf-ld/program.hpp"
#include "tools/sbpf-ld/symbols.hpp"

namespace obelisk::sbpf_ld {
namespace {

Linked link_or_throw(std::vector<Input> inputs, const Options& options) {
  std::vector<Object> objects;
  objects.reserve(inputs.size());
  for (Input& input : inputs) {
    objects.push_back(read_object(std::move(input.name), std::move(input.bytes)));
  }
  const SymbolTable symbols(objects);
  Program program = collect(objects, symbols, options.entry);
  layout(program);
  relocate(program, symbols);
  check_instructions(program);
  Linked linked;
  linked.image = make_image(program, options.with_symbols);
  linked.map = make_map(program, linked.image.size());
  return linked;
}

}  // namespace

Linked link(std::vector<Input> inputs, const Options& options) {
  try {
    return link_or_throw(std::move(inputs), options);
  } catch (const Failure& failure) {
    Linked linked;
    linked.error = failure.message;
    return linked;
  }
}

}  // namespace obelisk::sbpf_ld
