// stop(how u8): lease w, renter w (s if how < 2), host w (s if 2), treasury w; if how = 3 a fifth:
// attestor s.
#include "program/chain.hpp"
#include "program/checks.hpp"
#include "program/handlers.hpp"
#include "program/running.hpp"

namespace obelisk::program {
namespace {

using escrow::StopHow;

// Who has to sign for this way of stopping.
const Account& who_says(const Input& input, StopHow how) {
  switch (how) {
    case StopHow::served:
    case StopHow::dispute: break;
    case StopHow::waive: return *input.accounts[2];
    case StopHow::dark: return *input.accounts[4];
  }
  return *input.accounts[1];
}

}  // namespace

uint64_t stop(const Input& input) {
  RETURN_IF(input.data_length != escrow::kStopLength || input.data[1] > 3, Error::bad_data);
  const StopHow how = static_cast<StopHow>(input.data[1]);
  RETURN_ERROR(check_shape(input, escrow::kStopLength, how == StopHow::dark ? 5 : 4));
  RETURN_IF(!all_writable(input), Error::not_writable);
  RETURN_IF(!who_says(input, how).is_signer, Error::not_signer);
  escrow::Lease* lease = nullptr;
  RETURN_ERROR(find_parties(input, lease));
  RETURN_IF(how == StopHow::dark && !escrow::same(input.accounts[4]->key, lease->attestor),
            Error::wrong_key);
  escrow::Scene scene;
  look_around(input, scene);
  escrow::Payments payments{};
  RETURN_ERROR(escrow::stop(*lease, scene, how, payments));
  return code(settle(input, escrow::Tag::stop, *lease, payments));
}

}  // namespace obelisk::program
