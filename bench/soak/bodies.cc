// SPDX-License-Identifier: MIT
#include "bodies.h"

#include "base/gzip.h"
#include "stacksampler/pprof.h"

namespace stacksampler::bench {
namespace {

// Of what the generator draws: about 90 stacks and 200 samples.
constexpr size_t kTakeEach = 3;
constexpr int kQuickly = 1;

}  // namespace

void Bodies::Deploy() {
  generator_.Deploy();
  MakeEra();
}

uint32_t Bodies::Choose(uint64_t target, uint64_t window) const {
  const auto first = static_cast<uint32_t>(bodies_.size()) - kOfAnEra;
  return first + static_cast<uint32_t>((target * 7 + window * 5) % kOfAnEra);
}

void Bodies::MakeEra() {
  TakeTexts();
  for (size_t i = 0; i < kOfAnEra; ++i) {
    Body body = MakeBody(i);
    const std::lock_guard lock(mutex_);
    bodies_.push_back(std::move(body));
  }
}

void Bodies::TakeTexts() {
  const std::lock_guard lock(mutex_);
  const bool is_first = text_of_stack_.empty();
  text_of_stack_.resize(kStacks);
  for (uint32_t stack = 0; stack < kStacks; ++stack) {
    const std::string& text = generator_.FoldedStack(stack);
    if (!is_first && texts_[text_of_stack_[stack]] == text) continue;
    text_of_stack_[stack] = static_cast<uint32_t>(texts_.size());
    texts_.push_back(text);
  }
}

Body Bodies::MakeBody(size_t process) {
  const Draws drawn = generator_.Draw(process);
  Draws taken;
  for (size_t i = process % kTakeEach; i < drawn.size(); i += kTakeEach) taken.push_back(drawn[i]);
  Profile profile = generator_.ProfileOf(taken);
  Body body;
  for (const auto& [stack, weight] : taken) {
    body.weight += weight;
    body.stacks.emplace_back(text_of_stack_[stack], weight);
  }
  body.gzip = GzipCompress(EncodePprof(profile), kQuickly);
  return body;
}

}  // namespace stacksampler::bench
