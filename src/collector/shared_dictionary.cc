// SPDX-License-Identifier: MIT
#include "collector/shared_dictionary.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "profile/folded_reader.h"
#include "profile/known_stacks.h"
#include "profile/pprof_reader.h"
#include "store/dictionary.h"

namespace stacksampler::collector {
namespace {

// About what a profile that only grows takes, each of its texts looked at once.
class ProfileBytes {
 public:
  size_t Bytes(const Profile& profile) {
    constexpr size_t kString = 100;
    constexpr size_t kFrame = 40;
    constexpr size_t kStack = 24;
    constexpr size_t kLabelSet = 300;
    const auto& strings = profile.strings();
    for (; strings_counted_ < strings.size(); ++strings_counted_) {
      text_bytes_ += kString + strings[strings_counted_]->size();
    }
    return text_bytes_ + profile.frames().size() * kFrame + profile.stacks().size() * kStack +
           profile.label_sets().size() * kLabelSet;
  }

 private:
  size_t strings_counted_ = 0;
  size_t text_bytes_ = 0;
};

bool ShareKey(const Labels& some, const Labels& others) {
  return std::any_of(some.begin(), some.end(), [&](const Label& one) {
    return std::any_of(others.begin(), others.end(),
                       [&](const Label& other) { return one.first == other.first; });
  });
}

}  // namespace

struct SharedSamples::Words {
  explicit Words(const Redactor& redactor) : redaction(redactor, &read) {}

  // What the words take, as far as they grow with what targets say.
  [[nodiscard]] size_t Bytes() {
    return of_read.Bytes(read) + of_redacted.Bytes(redaction.made_anew()) + known.bytes();
  }

  Profile read;  // as the targets gave it: never for the store, unless `redaction` says so
  KnownStacks known{read};
  Redaction redaction;
  // As store::Record::profile_number.
  const uint64_t read_number = store::NextProfileNumber();
  const uint64_t redacted_number = store::NextProfileNumber();
  ProfileBytes of_read;
  ProfileBytes of_redacted;
};

int64_t SharedSamples::TotalWeight() const {
  int64_t total = 0;
  for (const Sample& sample : samples_) total += sample.weight;
  return total;
}

void SharedSamples::ShiftTimes(int64_t by_ns) {
  for (TimedSample& timed : times_) {
    if (__builtin_add_overflow(timed.time_ns, by_ns, &timed.time_ns)) timed.time_ns = INT64_MAX;
  }
}

uint64_t SharedSamples::WeightTimedOutside() const {
  uint64_t weight = 0;
  for (const TimedSample& timed : times_) {
    const bool is_near = start_ns - store::kTimesSlackNs <= timed.time_ns &&
                         timed.time_ns <= end_ns + store::kTimesSlackNs;
    if (!is_near) weight += static_cast<uint64_t>(timed.weight);
  }
  return weight;
}

SharedDictionary::SharedDictionary(std::shared_ptr<const Redactor> redactor, size_t max_bytes,
                                   size_t max_polls)
    : redactor_(std::move(redactor)), max_bytes_(max_bytes), max_polls_(max_polls) {
  Renew();
}

void SharedDictionary::Renew() {
  words_ = std::make_shared<SharedSamples::Words>(*redactor_);
  polls_ = 0;
}

// What was decoded last. Who fills the words pays for the next ones.
SharedSamples SharedDictionary::Take() {
  SharedSamples taken;
  taken.words_ = words_;
  taken.profile_ = words_->redaction.Update();
  taken.start_ns = taken.profile_->start_ns;
  taken.end_ns = taken.profile_->end_ns;
  taken.period_ns_ = taken.profile_->period_ns;
  taken.samples_ = taken.profile_->samples();
  taken.times_ = words_->redaction.Times();
  if (++polls_ >= max_polls_ || words_->Bytes() > max_bytes_) Renew();
  return taken;
}

// Words that memory ended amid are given up: half of a stack may be in one table and not in the
// next. What was decoded before keeps its own.
template <typename Decode>
auto SharedDictionary::Guarded(const Decode& decode) {
  const std::lock_guard lock(mutex_);
  if (words_ == nullptr) Renew();
  try {
    return decode();
  } catch (const std::bad_alloc&) {
    words_ = nullptr;
    throw;
  }
}

SharedSamples SharedDictionary::DecodeFolded(std::string_view text, FoldedReport* report) {
  return Guarded([&] {
    *report = DecodeFoldedInto(text, &words_->known, &words_->read);
    return Take();
  });
}

Result<SharedSamples> SharedDictionary::DecodePprof(std::string_view bytes) {
  return Guarded([&] {
    Status status = DecodePprofInto(bytes, &words_->read);
    SharedSamples taken = Take();
    return status.ok() ? Result<SharedSamples>(std::move(taken)) : status;
  });
}

Result<bool> SharedDictionary::Append(const SharedSamples& samples, store::Record record,
                                      store::StoreWriter* writer) {
  const std::lock_guard lock(mutex_);
  const SharedSamples::Words& words = *samples.words_;
  Profile& profile = *samples.profile_;
  profile.ClearSamples();
  for (const Sample& sample : samples.samples_) profile.AppendSample(sample);
  record.start_ns = profile.start_ns = samples.start_ns;
  record.end_ns = profile.end_ns = samples.end_ns;
  profile.period_ns = samples.period_ns_;
  record.profile = &profile;
  if (record.bucket_ns != 0 && samples.has_times()) record.times = &samples.times_;
  record.profile_number = &profile == &words.read ? words.read_number : words.redacted_number;
  return writer->Append(record);
}

int64_t SharedDictionary::WeightUnderOwn(const SharedSamples& samples, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  std::vector<std::optional<bool>> known(samples.profile_->label_sets().size());
  int64_t weight = 0;
  for (const Sample& sample : samples.samples_) {
    std::optional<bool>& clashes = known[sample.labels];
    if (!clashes) clashes = ShareKey(samples.profile_->label_sets()[sample.labels], labels);
    if (*clashes) weight += sample.weight;
  }
  return weight;
}

size_t SharedDictionary::bytes() const {
  const std::lock_guard lock(mutex_);
  return words_ == nullptr ? 0 : words_->Bytes();
}

Profile SharedDictionary::Copy(const SharedSamples& samples) {
  const std::lock_guard lock(mutex_);
  Profile copy;
  copy.start_ns = samples.start_ns;
  copy.end_ns = samples.end_ns;
  copy.period_ns = samples.period_ns_;
  if (samples.empty()) return copy;
  store::StackCopier stacks(*samples.profile_, &copy);
  for (const Sample& sample : samples.samples_) {
    copy.AddSample(stacks.Copy(sample.stack),
                   copy.InternLabels(samples.profile_->label_sets()[sample.labels]), sample.weight,
                   sample.cpu_ns);
  }
  return copy;
}

}  // namespace stacksampler::collector
