#include "apps/cli/event_log.hpp"

#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::cli {
namespace {

constexpr std::string_view kProgram = "Program ";
constexpr std::string_view kData = "Program data: ";
constexpr std::string_view kLog = "Program log: ";

// "Program <id> invoke [1]", "Program <id> success", "Program <id> failed: ...".
struct Frame {
  std::string_view program;
  bool begins = false;
  bool ends = false;
};

std::optional<Frame> frame_of(std::string_view line) {
  if (!line.starts_with(kProgram) || line.starts_with(kData) || line.starts_with(kLog)) {
    return std::nullopt;
  }
  line.remove_prefix(kProgram.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(space + 1);
  Frame frame{line.substr(0, space)};
  frame.begins = rest.starts_with("invoke [");
  frame.ends = rest == "success" || rest.starts_with("failed");
  if (!frame.begins && !frame.ends) return std::nullopt;
  return frame;
}

}  // namespace

std::vector<escrow::Event> events_in(const std::vector<std::string>& logs,
                                     const base::PublicKey& program) {
  const std::string ours = program.to_string();
  std::vector<std::string_view> running;
  std::vector<escrow::Event> out;
  for (const std::string_view line : logs) {
    if (const auto frame = frame_of(line)) {
      if (frame->begins) running.push_back(frame->program);
      if (frame->ends && !running.empty()) running.pop_back();
      continue;
    }
    if (!line.starts_with(kData) || running.empty() || running.back() != ours) continue;
    const auto bytes = base::from_base64(line.substr(kData.size()));
    const auto event = bytes ? escrow::parse_event(*bytes) : std::nullopt;
    if (event) out.push_back(*event);
  }
  return out;
}

}  // namespace obelisk::cli
