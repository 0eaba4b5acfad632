#include "apps/host/proving/prove_child.hpp"

#include <algorithm>
#include <cstdio>

#include "adapters/clock/system_clock.hpp"
#include "adapters/cuda/cuda_meter.hpp"
#include "apps/host/measure/measure_verb.hpp"

namespace obelisk::host {
namespace {

// A card without so much memory gives a quarter of it for a sample.
constexpr std::uint32_t kSamplePercent = 25;

}  // namespace

base::Result<void> prove(const Asked& asked) {
  const auto nonce = base::from_hex(asked.proof_nonce);
  cards::Nonce bytes{};
  if (!nonce || nonce->size() != bytes.size()) {
    return base::Error{base::Code::usage, "The nonce is not 32 bytes in hex.",
                       "Let `obelisk-host run` ask."};
  }
  std::ranges::copy(*nonce, bytes.begin());
  ports::CardMeterRequest request;
  request.uuid = asked.gpu;
  request.seed = cards::card_seed(bytes, asked.gpu);
  request.time_limit_ms = kMeasureLongestMs;
  request.proof_only = true;
  request.share_percent = asked.proof_sample ? kSamplePercent : cards::kAskedPercent;
  if (asked.proof_sample) request.bytes_most = cards::kSampleBytes;
  clock::SystemClock clock;
  cuda::CudaMeter meter(clock, cuda_options(asked.config));
  TRY(const ports::CardFigures figures, meter.measure(request));
  // The market will not take it either; and here the words reach who can do something.
  TRY_VOID(cards::verify(figures.terms, figures.proof));
  std::printf("%s\n", to_json(answer_of(figures)).c_str());
  return {};
}

base::Result<CardAnswer> prove_in_child(const Config& config, const std::string& uuid,
                                        const cards::Nonce& nonce, bool whole) {
  std::vector<std::string> words{"--proof", base::to_hex(base::ByteView(nonce))};
  if (!whole) words.emplace_back("--sample");
  TRY(const std::string line, run_measure_child(config, uuid, words));
  if (auto answer = answer_from_json(line)) return *std::move(answer);
  return base::Error{base::Code::internal, "The card's process said nothing that makes sense.",
                     "Run obelisk-host measure to see what the card does."};
}

}  // namespace obelisk::host
