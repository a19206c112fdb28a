// SPDX-License-Identifier: MIT
#include "profile/pprof_reader.h"

#include <algorithm>
#include <limits>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "profile/pprof_schema.h"
#include "profile/pprof_tables.h"
#include "profile/proto_wire.h"
#include "stacksampler/keyed_hash.h"
#include "stacksampler/pprof.h"

namespace stacksampler {
namespace {

using pprof::Damaged;
using pprof::ForEach;
using pprof::ReadFields;
using pprof::TooMany;

// A location may hold many lines, a stack name it many times, a label name a long string: without
// bounds on what comes of them a few bytes could ask for gigabytes and hours.
constexpr size_t kMaxPprofStackNodes = size_t{1} << 22;
constexpr size_t kMaxPprofFramesWalked = size_t{1} << 28;
constexpr size_t kMaxPprofLabelBytes = size_t{1} << 28;

constexpr size_t kNoValue = std::numeric_limits<size_t>::max();

struct ValueType {
  std::string_view type;
  std::string_view unit;
};

// One Sample message.
struct RawSample {
  void Clear() {
    locations.clear();
    packed = {};
    values.clear();
    labels.clear();
    label_bytes = 0;
    has_moment = false;
    moment_ns = 0;
  }

  std::vector<uint64_t> locations;  // leaf first
  std::string_view packed;          // the same as bytes, where they stand in one piece
  std::vector<uint64_t> values;
  Labels labels;
  size_t label_bytes = 0;
  bool has_moment = false;
  int64_t moment_ns = 0;
};

// 0 for what is not a unit of time.
int64_t NanosecondsPer(std::string_view unit) {
  if (unit == pprof::kNanoseconds) return 1;
  if (unit == "microseconds") return 1000;
  if (unit == "milliseconds") return 1000000;
  return 0;
}

class Reader {
 public:
  Reader(std::string_view bytes, Profile* profile)
      : bytes_(bytes),
        profile_(*profile),
        stacks_before_(profile->stacks().size()),
        tables_(bytes, profile) {}

  Status Read() {
    if (Status status = tables_.Read(); !status.ok()) return status;
    if (Status status = ReadHead(); !status.ok()) return status;
    ChooseValues();
    Status status = ForEach(bytes_, pprof::kSample,
                            [this](ProtoReader& field) { return ReadSample(field.Message()); });
    return status.ok() ? profile_.ValidateSamples() : status;
  }

 private:
  Status ReadHead() {
    int64_t duration_ns = 0;
    int64_t period = 0;
    ValueType period_type;
    Status status = ReadFields(ProtoReader(bytes_), [&](ProtoReader& field) {
      if (field.field() == pprof::kTimeNanos) profile_.start_ns = field.Int();
      if (field.field() == pprof::kDurationNanos) duration_ns = field.Int();
      if (field.field() == pprof::kPeriod) period = field.Int();
      if (field.field() == pprof::kPeriodType) return ReadType(field.Message(), &period_type);
      if (field.field() != pprof::kSampleType) return true;
      types_.emplace_back();
      return ReadType(field.Message(), &types_.back());
    });
    if (!status.ok()) return status;
    if (__builtin_add_overflow(profile_.start_ns, duration_ns, &profile_.end_ns) ||
        duration_ns < 0) {
      return Damaged("a duration that cannot be", bytes_.size());
    }
    const int64_t scale =
        period_type.type == pprof::kCpuType ? NanosecondsPer(period_type.unit) : 0;
    if (__builtin_mul_overflow(period, scale, &profile_.period_ns) || period < 0) {
      return Damaged("a period that cannot be", bytes_.size());
    }
    return types_.empty() ? Damaged("no sample type", bytes_.size()) : Status::Ok();
  }

  bool ReadType(const ProtoReader& message, ValueType* type) {
    bool known = true;
    const Status status = ReadFields(message, [&](ProtoReader& field) {
      if (field.field() == pprof::kType) known &= tables_.String(field.Uint(), &type->type);
      if (field.field() == pprof::kUnit) known &= tables_.String(field.Uint(), &type->unit);
      return known;
    });
    return status.ok();
  }

  void ChooseValues() {
    for (size_t i = types_.size(); i-- > 0;) {
      if (types_[i].type == pprof::kSamplesType) weight_index_ = i;
      if (types_[i].type != pprof::kCpuType || NanosecondsPer(types_[i].unit) == 0) continue;
      cpu_index_ = i;
      cpu_scale_ = NanosecondsPer(types_[i].unit);
    }
  }

  Status ReadSample(const ProtoReader& message) {
    RawSample& raw = raw_;
    raw.Clear();
    Status status = ReadFields(message, [&](ProtoReader& field) {
      switch (field.field()) {
        case pprof::kSampleLocation:
          raw.packed = raw.locations.empty() ? field.Bytes() : std::string_view();
          return field.Uints(&raw.locations);
        case pprof::kSampleValue:
          return field.Uints(&raw.values);
        case pprof::kSampleLabel:
          return ReadLabel(field.Message(), &raw);
        default:
          return true;
      }
    });
    if (!status.ok()) return status;
    label_bytes_ += raw.label_bytes;
    if (label_bytes_ > kMaxPprofLabelBytes) return TooMany("bytes of labels", kMaxPprofLabelBytes);
    const Result<StackId> stack = Stack(raw, message.offset());
    return stack.ok() ? Add(*stack, message.offset()) : stack.status();
  }

  bool ReadLabel(const ProtoReader& message, RawSample* raw) {
    std::string_view key;
    std::string_view text;
    int64_t number = 0;
    bool numeric = false;
    const Status status = ReadFields(message, [&](ProtoReader& field) {
      if (field.field() == pprof::kLabelKey) return tables_.String(field.Uint(), &key);
      if (field.field() == pprof::kLabelStr) return tables_.String(field.Uint(), &text);
      if (field.field() == pprof::kLabelNum) number = field.Int();
      numeric |= field.field() == pprof::kLabelNum || field.field() == pprof::kLabelUnit;
      return true;
    });
    if (numeric && key == pprof::kMomentLabel) {
      raw->has_moment = true;
      raw->moment_ns = number;
      return status.ok() && number >= 0;
    }
    raw->label_bytes += key.size() + text.size();
    // Read on past the bound: the caller tells of it, and the file's size bounds what is left.
    if (raw->label_bytes > kMaxPprofLabelBytes) return status.ok();
    raw->labels.emplace_back(key, numeric ? std::to_string(number) : std::string(text));
    return status.ok();
  }

  Result<StackId> Stack(const RawSample& raw, size_t offset) {
    const auto known = stacks_.find(raw.packed);
    if (!raw.packed.empty() && known != stacks_.end()) return known->second;
    StackId stack = 0;
    for (auto id = raw.locations.rbegin(); id != raw.locations.rend(); ++id) {
      const std::span<const FrameId> frames = tables_.Location(*id);
      if (frames.empty()) return Damaged("a sample of a location that is not there", offset);
      frames_walked_ += frames.size();
      if (frames_walked_ > kMaxPprofFramesWalked) {
        return TooMany("frames in all stacks", kMaxPprofFramesWalked);
      }
      for (const FrameId frame : frames) stack = profile_.InternStack(stack, frame);
      if (profile_.stacks().size() - stacks_before_ > kMaxPprofStackNodes) {
        return TooMany("distinct stacks", kMaxPprofStackNodes);
      }
    }
    if (!raw.packed.empty()) stacks_.emplace(raw.packed, stack);
    return stack;
  }

  Status Add(StackId stack, size_t offset) {
    RawSample& raw = raw_;
    if (raw.values.size() != types_.size()) {
      return Damaged("a sample with more or fewer values than sample types", offset);
    }
    const auto weight = static_cast<int64_t>(raw.values[weight_index_]);
    int64_t cpu_ns = cpu_index_ == kNoValue ? 0 : static_cast<int64_t>(raw.values[cpu_index_]);
    // Sums are checked here, not in Validate(): signed overflow would come before it.
    if (weight < 0 || cpu_ns < 0 || __builtin_mul_overflow(cpu_ns, cpu_scale_, &cpu_ns) ||
        __builtin_add_overflow(total_weight_, weight, &total_weight_) ||
        __builtin_add_overflow(total_cpu_ns_, cpu_ns, &total_cpu_ns_)) {
      return Damaged("a value that is negative or passes 2^63 in sum", offset);
    }
    const LabelSetId labels = profile_.InternLabels(std::move(raw.labels));
    if (raw.has_moment) {
      profile_.AddTimedSample({raw.moment_ns, stack, labels, weight, cpu_ns});
    } else {
      profile_.AddSample(stack, labels, weight, cpu_ns);
    }
    return Status::Ok();
  }

  std::string_view bytes_;
  Profile& profile_;
  const size_t stacks_before_;  // of other files
  pprof::Tables tables_;
  std::vector<ValueType> types_;
  RawSample raw_;  // of the sample being read: its memory is used again
  size_t weight_index_ = 0;
  size_t cpu_index_ = kNoValue;
  int64_t cpu_scale_ = 1;
  std::unordered_map<std::string_view, StackId, TextHasher> stacks_;  // by RawSample::packed
  size_t frames_walked_ = 0;
  size_t label_bytes_ = 0;
  int64_t total_weight_ = 0;
  int64_t total_cpu_ns_ = 0;
};

}  // namespace

Status DecodePprofInto(std::string_view bytes, Profile* profile) {
  profile->ClearSamples();
  profile->start_ns = profile->end_ns = profile->period_ns = 0;
  return Reader(bytes, profile).Read();
}

Result<Profile> DecodePprof(std::string_view bytes) {
  Profile profile;
  if (Status status = DecodePprofInto(bytes, &profile); !status.ok()) return status;
  return profile;
}

}  // namespace stacksampler
