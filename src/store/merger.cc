// SPDX-License-Identifier: MIT
#include "store/merger.h"

#include <algorithm>

#include "store/cells.h"
#include "store/dictionary.h"

namespace stacksampler::store {
namespace {

std::string_view ValueOf(const Labels& labels, std::string_view key) {
  for (const auto& [name, value] : labels) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace

bool Matches(const Labels& labels, const std::vector<LabelMatch>& matches) {
  return std::all_of(matches.begin(), matches.end(), [&](const LabelMatch& match) {
    return (ValueOf(labels, match.key) == match.value) != match.negated;
  });
}

bool Merger::Wants(LabelSetId labels) {
  if (wanted_.size() <= labels) wanted_.resize(vocabulary_.label_sets().size());
  int8_t& wanted = wanted_[labels];
  if (wanted == 0) wanted = Matches(vocabulary_.label_sets()[labels], query_.matches) ? 1 : -1;
  return wanted > 0;
}

bool Merger::AddCells(std::string_view cells, const std::vector<StackId>& stacks, LabelSetId labels,
                      int64_t period_ns) {
  sums_.resize(query_.keep_labels ? 0 : vocabulary_.stacks().size());
  bool any = false;
  const bool good = ForEachCell(cells, stacks.size(), [&](StackId stack, int64_t weight) {
    AddTo(&At(labels, stacks[stack]), weight, period_ns);
    return any = true;
  });
  if (any) period_ns_ = period_ns_ >= 0 && period_ns_ != period_ns ? 0 : period_ns;
  return good;
}

Merger::Sum& Merger::At(LabelSetId labels, StackId stack) {
  if (!query_.keep_labels) return sums_[stack];
  return labelled_sums_[uint64_t{labels} << 32 | stack];
}

void Merger::AddTo(Sum* sum, int64_t weight, int64_t period_ns) {
  int64_t cpu_ns = 0;
  overflow_ = overflow_ || __builtin_mul_overflow(weight, period_ns, &cpu_ns) ||
              __builtin_add_overflow(total_.weight, weight, &total_.weight) ||
              __builtin_add_overflow(total_.cpu_ns, cpu_ns, &total_.cpu_ns);
  if (overflow_) return;  // else no single sum can overflow: it is part of the total
  sum->weight += weight;
  sum->cpu_ns += cpu_ns;
}

void Merger::AddRecords(uint64_t count, int64_t start_ns, int64_t end_ns) {
  start_ns_ = records_ == 0 ? start_ns : std::min(start_ns_, start_ns);
  end_ns_ = std::max(end_ns_, end_ns);
  records_ += count;
}

Result<Profile> Merger::Take() const {
  if (overflow_) {
    return Status(StatusCode::kResourceExhausted,
                  "the sums over the range pass 2^63; ask for a shorter range");
  }
  Profile out;
  out.start_ns = start_ns_;
  out.end_ns = end_ns_;
  out.period_ns = std::max<int64_t>(period_ns_, 0);
  if (query_.keep_labels) {
    TakeLabelled(&out);
  } else {
    TakeUnlabelled(&out);
  }
  return out;
}

void Merger::TakeUnlabelled(Profile* out) const {
  StackCopier copier(vocabulary_, out);
  for (size_t stack = 0; stack < sums_.size(); ++stack) {
    const Sum& sum = sums_[stack];
    if (sum.weight == 0) continue;
    out->AddSample(copier.Copy(static_cast<StackId>(stack)), 0, sum.weight, sum.cpu_ns);
  }
}

void Merger::TakeLabelled(Profile* out) const {
  std::vector<uint64_t> keys;
  keys.reserve(labelled_sums_.size());
  for (const auto& [key, sum] : labelled_sums_) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  StackCopier copier(vocabulary_, out);
  LabelSetId source = 0;
  LabelSetId labels = 0;
  for (const uint64_t key : keys) {
    if (const auto next = static_cast<LabelSetId>(key >> 32); next != source) {
      source = next;
      labels = out->InternLabels(vocabulary_.label_sets()[source]);
    }
    const Sum& sum = labelled_sums_.at(key);
    out->AddSample(copier.Copy(static_cast<StackId>(key)), labels, sum.weight, sum.cpu_ns);
  }
}

}  // namespace stacksampler::store
