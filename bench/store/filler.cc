// SPDX-License-Identifier: MIT
#include "filler.h"

#include <chrono>
#include <utility>

#include "measure.h"
#include "stacksampler/folded.h"

namespace stacksampler::bench {
namespace {

// "root;leaf 17" lines.
std::map<std::string, int64_t> SumsOf(const Profile& profile) {
  std::map<std::string, int64_t> sums;
  for (const auto& sample : profile.samples()) {
    std::string text;
    for (const FrameId frame : profile.StackFrames(sample.stack)) {
      text += (text.empty() ? "" : ";") + profile.FrameName(frame);
    }
    sums[text] += sample.weight;
  }
  return sums;
}

}  // namespace

Recount::Recount(int64_t first_minute, int64_t last_minute, std::optional<size_t> process)
    : first_minute_(first_minute), last_minute_(last_minute), process_(process), weights_(kStacks) {
  query_.from_ns = Filler::RecordOf(0, first_minute).end_ns;
  query_.until_ns = Filler::RecordOf(0, last_minute).end_ns;
  if (process) query_.matches = {{"host", "host-" + std::to_string(*process), false}};
}

void Recount::Add(int64_t minute, size_t process, const Draws& draws) {
  if (minute < first_minute_ || minute > last_minute_) return;
  if (process_.value_or(process) != process) return;
  for (const auto& [stack, weight] : draws) weights_[stack] += weight;
}

void Recount::Deploy(const Generator& generator) {
  for (uint32_t stack = 0; stack < kStacks; ++stack) {
    if (weights_[stack] != 0) sums_[generator.FoldedStack(stack)] += weights_[stack];
    weights_[stack] = 0;
  }
}

void Recount::Compare(const Generator& generator, const Profile& answer) {
  Deploy(generator);
  Check(SumsOf(answer) == sums_, "a range answers what a recount does");
}

Filler::Filler(const std::string& dir, Generator* generator)
    : generator_(*generator), words_number_(store::NextProfileNumber()), stacks_(kStacks) {
  words_.period_ns = 10'000'000;
  store::WriterOptions options;
  options.journal_grace = std::chrono::seconds(0);
  writer_ = Must(store::OpenWriter(dir, options));
}

store::Record Filler::RecordOf(size_t process, int64_t minute) {
  store::Record record;
  record.labels = {{"host", "host-" + std::to_string(process)}, {"zone", "a"}};
  record.start_ns = kBegin + (minute - 1) * kMinute;
  record.end_ns = kBegin + minute * kMinute;
  return record;
}

void Filler::Round(size_t processes, int64_t minute) {
  for (size_t process = 0; process < processes; ++process) {
    const Draws draws = generator_.Draw(process);
    Append(process, minute, draws);
    for (Recount& recount : recounts) recount.Add(minute, process, draws);
  }
  if (!writer_->Commit().ok()) Die("commit failed");
}

void Filler::Append(size_t process, int64_t minute, const Draws& draws) {
  words_.ClearSamples();
  for (const auto& [stack, count] : draws) {
    if (stacks_[stack] == 0) stacks_[stack] = generator_.Intern(stack, &words_);
    words_.AppendSample({stacks_[stack], 0, count, count * words_.period_ns});
    weight += count;
  }
  pairs += draws.size();
  store::Record record = RecordOf(process, minute);
  record.profile = &words_;
  record.profile_number = words_number_;
  appends.push_back(Cost(CLOCK_MONOTONIC, [&] { Must(writer_->Append(record)); }));
}

void Filler::Deploy() {
  for (Recount& recount : recounts) recount.Deploy(generator_);
  generator_.Deploy();
  stacks_.assign(kStacks, 0);
}

void Filler::Seal() {
  if (Status status = writer_->Seal(); !status.ok()) Die(status.message());
}

}  // namespace stacksampler::bench
