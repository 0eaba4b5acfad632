#include "core/index/log_reader.hpp"

#include <map>
#include <string_view>

#include "core/escrow/codec.hpp"

namespace obelisk::index {
namespace {

constexpr std::string_view kProgram = "Program ";
constexpr std::string_view kData = "Program data: ";
constexpr std::string_view kCut = "Log truncated";
// The runtime allows 9 at most; no log makes this one keep more.
constexpr std::size_t kMaxDepth = 64;

struct Frame {
  std::string_view program;
  std::optional<std::size_t> ours;  // which of our invocations
};

class LogReader {
 public:
  explicit LogReader(const base::PublicKey& program) : ours_(program.to_string()) {}

  void take(std::string_view line) {
    if (line.starts_with(kData)) return take_data(line.substr(kData.size()));
    if (!line.starts_with(kProgram)) return;
    // "Program <id> invoke [1]", "Program <id> success", "Program <id> failed: ..."; a program
    // cannot write these itself: what it logs begins with "Program log:" or "Program data:".
    line.remove_prefix(kProgram.size());
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return;
    const std::string_view id = line.substr(0, space);
    const std::string_view what = line.substr(space + 1);
    if (what.starts_with("invoke [")) {
      begin(id);
    } else if (what == "success" || what.starts_with("failed")) {
      if (!stack_.empty() && stack_.back().program == id) stack_.pop_back();
    }
  }

  std::vector<Invocation> take_invocations() && { return std::move(invocations_); }

 private:
  void begin(std::string_view id) {
    if (stack_.size() == kMaxDepth) return;
    if (stack_.empty()) {
      outer_ = base::PublicKey::parse(id).value_or(base::PublicKey{});
      outer_nth_ = outer_count_[outer_]++;
    }
    Frame frame{id, std::nullopt};
    if (id == ours_) {
      frame.ours = invocations_.size();
      invocations_.push_back(
          {static_cast<std::uint32_t>(stack_.size() + 1), outer_, outer_nth_, std::nullopt});
    }
    stack_.push_back(frame);
  }

  void take_data(std::string_view text) {
    if (stack_.empty() || !stack_.back().ours) return;
    Invocation& mine = invocations_[*stack_.back().ours];
    const auto bytes = base::from_base64(text);
    if (bytes && !mine.event) mine.event = escrow::parse_event(*bytes);
  }

  const std::string ours_;
  std::vector<Frame> stack_;  // its texts are the caller's lines
  std::vector<Invocation> invocations_;
  base::PublicKey outer_;
  std::size_t outer_nth_ = 0;
  std::map<base::PublicKey, std::size_t> outer_count_;
};

}  // namespace

LogReading read_log(const std::vector<std::string>& logs, const base::PublicKey& program) {
  LogReading out;
  if (logs.empty()) out.state = LogState::none;
  LogReader reader(program);
  for (const std::string& line : logs) {
    if (line == kCut) {
      out.state = LogState::truncated;
      break;
    }
    reader.take(line);
  }
  out.invocations = std::move(reader).take_invocations();
  return out;
}

std::vector<escrow::Event> events_in(const std::vector<std::string>& logs,
                                     const base::PublicKey& program) {
  std::vector<escrow::Event> out;
  for (const Invocation& one : read_log(logs, program).invocations) {
    if (one.event) out.push_back(*one.event);
  }
  return out;
}

}  // namespace obelisk::index
