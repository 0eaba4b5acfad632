// libFuzzer over what a stranger at either end of a terminal may say: a client's query and
// messages, a program's output cut anywhere. Output that was cleaned once is not changed by
// cleaning it again, and where it was cut makes no difference.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "core/terminal/backlog.hpp"
#include "core/terminal/opening.hpp"

namespace {

std::string cleaned(std::string_view first, std::string_view second) {
  obelisk::terminal::EscapeReader reader;
  std::string out;
  reader.read(first, &out);
  reader.read(second, &out);
  return out;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto opening = terminal::read_opening(text)) {
    const auto query = terminal::opening_query(*opening);
    CHECK(query.ok());
    if (opening->session.empty()) {
      auto again = terminal::read_opening(*query);
      CHECK(again.ok());
      again->from = opening->from;
      CHECK(*again == *opening);
    }
  }
  if (const auto size_said = terminal::read_resize(text)) {
    CHECK(terminal::read_resize(terminal::resize_message(*size_said)) == *size_said);
  }
  if (const auto begin = terminal::read_begin(text)) {
    CHECK(terminal::read_begin(terminal::to_message(*begin)) == *begin);
  }
  (void)terminal::read_end(text);
  const std::string once = cleaned(text, "");
  CHECK(cleaned(once, "") == once);
  const std::size_t cut = size == 0 ? 0 : data[0] % size;
  CHECK(cleaned(text.substr(0, cut), text.substr(cut)) == once);
  terminal::Backlog backlog(64);
  backlog.append(text.substr(0, cut));
  backlog.append(text.substr(cut));
  CHECK(backlog.end() == size && backlog.end() - backlog.begin() <= 64);
  (void)backlog.for_fresh_screen();
  return 0;
}
