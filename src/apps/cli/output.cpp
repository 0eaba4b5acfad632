#include "apps/cli/output.hpp"

#include <algorithm>

#include "apps/cli/text/table.hpp"
#include "base/json_line.hpp"
#include "base/lamports.hpp"

namespace obelisk::cli {
namespace {

void put(std::FILE* file, std::string_view text) { std::fwrite(text.data(), 1, text.size(), file); }

}  // namespace

std::string charged_text(const base::Error& error) {
  if (error.charged_lamports == 0) return "Charged: 0.";
  return "Charged: " + base::to_sol_text({error.charged_lamports}) + ".";
}

std::string error_json(const base::Error& error) {
  base::JsonLine inner;
  inner.text("code", base::code_name(error.code))
      .text("message", printable(error.message))
      .text("action", printable(error.action))
      .lamports("charged_lamports", base::Lamports{error.charged_lamports});
  return base::JsonLine().raw("error", inner.done()).done();
}

void Output::line(std::string_view text) {
  if (options_.json) return;
  clear_status();
  put(out_, printable(text) + "\n");
  std::fflush(out_);
}

void Output::lines(const std::vector<std::string>& lines) {
  for (const std::string& text : lines) line(text);
}

void Output::table(const std::vector<std::string>& lines) {
  if (options_.json) return;
  clear_status();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool faint = i == 0 && options_.colour;
    put(out_, (faint ? "\033[2m" : "") + printable(lines[i]) + (faint ? "\033[0m\n" : "\n"));
  }
  std::fflush(out_);
}

// Line by line over the old ones, so that nothing flickers.
void Output::screen(const std::vector<std::string>& lines) {
  if (options_.json || !options_.terminal) return;
  clear_status();
  std::string all = has_screen_ ? "\033[H" : "\033[2J\033[H";
  has_screen_ = true;
  for (const std::string& text : lines) all += fitted(text, options_.width) + "\033[K\n";
  put(out_, all + "\033[J");
  std::fflush(out_);
}

void Output::status(std::string_view text) {
  if (options_.json || !options_.terminal) return;
  // One column stays free: a full line would wrap, and could not be redrawn.
  const std::string clean = fitted(text, std::max<std::size_t>(options_.width, 2) - 1);
  const std::size_t width = width_of(clean);
  const std::string padding(status_width_ > width ? status_width_ - width : 0, ' ');
  put(out_, "\r" + clean + padding);
  status_width_ = width;
  std::fflush(out_);
}

void Output::clear_status() {
  if (status_width_ == 0) return;
  put(out_, "\r" + std::string(status_width_, ' ') + "\r");
  status_width_ = 0;
  std::fflush(out_);
}

void Output::result(std::string_view json) {
  if (!options_.json) return;
  put(out_, std::string(json) + "\n");
  std::fflush(out_);
}

void Output::error(const base::Error& error) {
  clear_status();
  if (options_.json) {
    put(out_, error_json(error) + "\n");
    std::fflush(out_);
    return;
  }
  put(error_, printable(error.message) + "\n");
  if (!error.action.empty()) put(error_, printable(error.action) + "\n");
  put(error_, charged_text(error) + "\n");
  std::fflush(error_);
}

void Output::prompt(std::string_view text) {
  clear_status();
  put(error_, printable(text) + " ");
  std::fflush(error_);
}

}  // namespace obelisk::cli
