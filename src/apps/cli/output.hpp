// Output: what the person or the script sees. With --json: nothing but one line of JSON at the end.
// Otherwise plain lines, in colour only on a terminal, and a status line that redraws itself there.
// It must never print a key, nor let outside text move the cursor.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace obelisk::cli {

struct OutputOptions {
  bool json = false;
  bool terminal = false;  // stdout is one
  bool colour = false;
  std::size_t width = 80;  // of the terminal
};

class Output {
 public:
  Output(std::FILE* out, std::FILE* error, OutputOptions options)
      : out_(out), error_(error), options_(options) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { clear_status(); }

  bool json() const { return options_.json; }
  bool terminal() const { return options_.terminal; }
  std::size_t width() const { return options_.width; }

  // For people; nothing with --json.
  void line(std::string_view text = {});
  void lines(const std::vector<std::string>& lines);
  // The first line is a heading, drawn fainter where there is colour.
  void table(const std::vector<std::string>& lines);
  // The whole terminal, in the place of what this drew before; elsewhere nothing.
  void screen(const std::vector<std::string>& lines);
  // Redrawn in place on a terminal, cut to its width; elsewhere nothing, since every line must mean
  // something new.
  void status(std::string_view text);
  void clear_status();
  // For machines; nothing without --json.
  void result(std::string_view json);
  // Three short lines on stderr (what happened, what to do, what it cost), or one line of JSON.
  void error(const base::Error& error);
  // A question on stderr; asking anything is up to the caller.
  void prompt(std::string_view text);

 private:
  std::FILE* out_;
  std::FILE* error_;
  OutputOptions options_;
  std::size_t status_width_ = 0;
  bool has_screen_ = false;
};

// {"error":{"code","message","action","charged_lamports"}}
std::string error_json(const base::Error& error);
// "Charged: 0." or the amount.
std::string charged_text(const base::Error& error);

}  // namespace obelisk::cli
