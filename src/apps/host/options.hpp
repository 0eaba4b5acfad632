// The command line of obelisk-host: verbs, flags, help. It decides nothing beyond what was asked.
#pragma once

#include <string>

#include "apps/host/config.hpp"
#include "base/result.hpp"

namespace obelisk::host {

enum class Verb {
  init,
  list,
  run,
  check,
  measure,
  status,
  earnings,
  claim,
  wipe,
  drain,
  image,
  exit
};

// Where the settings are, or would be.
struct SettingsPlace {
  std::filesystem::path file;  // empty: nobody said, and there is no home folder
  bool is_named = false;       // by --config or OBELISK_CONFIG
  bool is_there = false;
};

// What `list` is to change; empty words: nothing.
struct ListWords {
  std::string price;
  std::string min_minutes;
  std::string until;  // a time, a wait, or "never"
  bool as_settings = false;
};

// What `image` is to do.
struct ImageWords {
  std::string act;  // list, pull, remove
  std::string name;
  std::string template_file;
  std::uint32_t max_gb = 60;
};

struct Asked {
  Verb verb = Verb::exit;  // exit: help or version was printed, or the line was wrong
  int exit_code = 0;
  Config config;
  SettingsPlace settings;
  bool wipe_on_exit = false;  // destroy every lease when asked to stop
  std::string drain_from;     // a time, or a wait; empty: now
  bool drain_cancel = false;
  ListWords list;
  ImageWords image;
  bool json = false;          // all but run, wipe and drain: lines of JSON
  std::uint32_t days = 30;    // earnings: so many, today included
  std::string lease;          // claim: this one alone; empty: all
  bool yes = false;           // claim: nobody is asked
  std::string gpu;            // measure: this card alone; empty: all
  std::string proof_nonce;    // measure: nothing but a proof for this nonce, hex
  bool proof_sample = false;  // of a sample
  bool wipe_memory = false;   // measure: write over the card's memory, and measure nothing
};

base::Result<Asked> parse_command_line(int count, char** words);

}  // namespace obelisk::host
