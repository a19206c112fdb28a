// SPDX-License-Identifier: MIT
#include "store/merger.h"

#include <algorithm>

#include "store/cells.h"

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
    const std::string_view value = ValueOf(labels, match.key);
    if (match.negated) return value != match.value;
    return std::any_of(matches.begin(), matches.end(), [&](const LabelMatch& other) {
      return !other.negated && other.key == match.key && other.value == value;
    });
  });
}

bool LabelFilter::Wants(LabelSetId labels) {
  if (wanted_.size() <= labels) wanted_.resize(vocabulary_.label_sets().size());
  int8_t& wanted = wanted_[labels];
  if (wanted == 0) wanted = Matches(vocabulary_.label_sets()[labels], matches_) ? 1 : -1;
  return wanted > 0;
}

bool Merger::AddCells(std::string_view cells, const std::vector<StackId>& stacks, LabelSetId labels,
                      int64_t period_ns) {
  Sum sum;
  const bool good = query_.keep_labels ? AddLabelled(cells, stacks, labels, period_ns, &sum)
                                       : AddUnlabelled(cells, stacks, period_ns, &sum);
  if (sum.weight > 0) period_ns_ = period_ns_ >= 0 && period_ns_ != period_ns ? 0 : period_ns;
  return good;
}

bool Merger::AddLabelled(std::string_view cells, const std::vector<StackId>& stacks,
                         LabelSetId labels, int64_t period_ns, Sum* sum) {
  const LabelSetId own = out_.InternLabels(vocabulary_.label_sets()[labels]);
  return ForEachCell(cells, stacks.size(), [&](StackId stack, int64_t weight) {
    sum->weight = weight;
    sum->cpu_ns = 0;
    overflow_ = overflow_ || __builtin_mul_overflow(weight, period_ns, &sum->cpu_ns);
    AddToTotal(*sum);
    if (!overflow_) out_.AddSample(copier_.Copy(stacks[stack]), own, weight, sum->cpu_ns);
    return true;
  });
}

// The whole block is checked against an overflow, and not each cell: when it does overflow the sums
// are not given to anybody.
bool Merger::AddUnlabelled(std::string_view cells, const std::vector<StackId>& stacks,
                           int64_t period_ns, Sum* sum) {
  sums_.resize(vocabulary_.stacks().size());
  bool overflow = false;
  const bool good = ForEachCell(cells, stacks.size(), [&](StackId stack, int64_t weight) {
    overflow |= __builtin_add_overflow(sum->weight, weight, &sum->weight);
    UnsignedSum& own = sums_[stacks[stack]];
    own.weight += static_cast<uint64_t>(weight);
    own.cpu_ns += static_cast<uint64_t>(weight) * static_cast<uint64_t>(period_ns);
    return true;
  });
  overflow |= __builtin_mul_overflow(sum->weight, period_ns, &sum->cpu_ns);
  overflow_ = overflow_ || overflow;
  AddToTotal(*sum);
  return good;
}

// While the total does not overflow no single sum can: it is part of the total.
void Merger::AddToTotal(const Sum& sum) {
  overflow_ = overflow_ || __builtin_add_overflow(total_.weight, sum.weight, &total_.weight) ||
              __builtin_add_overflow(total_.cpu_ns, sum.cpu_ns, &total_.cpu_ns);
}

void Merger::AddRecords(uint64_t count, int64_t start_ns, int64_t end_ns) {
  start_ns_ = records_ == 0 ? start_ns : std::min(start_ns_, start_ns);
  end_ns_ = std::max(end_ns_, end_ns);
  records_ += count;
}

// In the vocabulary's order: there a parent stands before its children and no stack twice, so that
// each is new to the result, and none has to be looked for.
void Merger::TakeSums() {
  const std::vector<StackNode>& stacks = vocabulary_.stacks();
  std::vector<uint8_t> wanted(sums_.size());
  for (size_t i = sums_.size(); i-- > 0;) {
    wanted[i] |= sums_[i].weight != 0 ? 1 : 0;
    wanted[stacks[i].parent] |= wanted[i];
  }
  std::vector<StackId> copies(sums_.size());
  for (size_t i = 0; i < sums_.size(); ++i) {
    if (wanted[i] == 0) continue;
    if (i > 0) {
      copies[i] = out_.AppendStack(copies[stacks[i].parent], copier_.CopyFrame(stacks[i].frame));
    }
    if (sums_[i].weight == 0) continue;
    out_.AppendSample({copies[i], 0, static_cast<int64_t>(sums_[i].weight),
                       static_cast<int64_t>(sums_[i].cpu_ns)});
  }
}

Result<Profile> Merger::Take() {
  if (overflow_) {
    return Status(StatusCode::kResourceExhausted,
                  "the sums over the range pass 2^63; ask for a shorter range");
  }
  TakeSums();
  out_.start_ns = start_ns_;
  out_.end_ns = end_ns_;
  out_.period_ns = std::max<int64_t>(period_ns_, 0);
  return std::move(out_);
}

}  // namespace stacksampler::store
