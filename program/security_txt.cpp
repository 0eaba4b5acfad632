// Whom to tell of a weakness, as explorers and scanners look for it: one string between two markers
// somewhere in the file, keys and values ended by zeros, and a section of its own that says where.
// No instruction reads it. What is not known is not made up: a deployment that has a page and an
// address for reports names them here, and is then another file with another hash.
#include <stdint.h>

namespace obelisk::program {

constexpr char kSecurityText[] =
    "=======BEGIN SECURITY.TXT V1=======\0"
    "name\0OBELISK lease escrow\0"
    "project_url\0private\0"
    "contacts\0other:none published yet\0"
    "policy\0No bounty is offered. The rules are docs/escrow.md of the source: whatever breaks one "
    "is a bug.\0"
    "preferred_languages\0en\0"
    "auditors\0None\0"
    "=======END SECURITY.TXT V1=======";  // and the zero that C adds

struct SecuritySection {
  const char* text;
  uint64_t length;
};
// The linker keeps this section though nothing reaches it.
[[gnu::section(".security.txt"), gnu::used]] extern constexpr SecuritySection kSecurityTxt = {
    kSecurityText, sizeof(kSecurityText)};

}  // namespace obelisk::program
