// The addresses of the chain's own programs and sysvars that the program names, as words.
#pragma once

#include "core/escrow/key.hpp"

namespace obelisk::program {

inline constexpr escrow::Key kSystemProgram = {{0, 0, 0, 0}};
// SysvarC1ock11111111111111111111111111111111
inline constexpr escrow::Key kClockSysvar = {
    {0xc974c71817d5a706, 0xb65e1d6998635628, 0x5c6d4b9ba3b85e8b, 0x00000000215b5573}};
// Sysvar1nstructions1111111111111111111111111
inline constexpr escrow::Key kInstructionsSysvar = {
    {0x66d17b1817d5a706, 0xc0c2fd5504d4da35, 0xa57556218fc624c1, 0x000000085fcbbadb}};
// Ed25519SigVerify111111111111111111111111111
inline constexpr escrow::Key kEd25519Program = {
    {0xbefb937cd6467d03, 0xff408d838f42f912, 0x648af42749747005, 0x000000804470cafc}};

}  // namespace obelisk::program
