// SPDX-License-Identifier: MIT
#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "profile/pprof_schema.h"
#include "profile/pprof_within.h"
#include "profile/proto_wire.h"
#include "profile/select.h"
#include "stacksampler/keyed_hash.h"
#include "stacksampler/pprof.h"

namespace stacksampler {
namespace {

using pprof::kNanoseconds;

// proto3 strings are UTF-8 and strict readers refuse a whole profile over one bad byte.
std::string Utf8(std::string_view text) {
  std::string valid;
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    const bool bad = NextCodePoint(text, &i) == kInvalidCodePoint;
    valid += bad ? kReplacementUtf8 : text.substr(begin, i - begin);
  }
  return valid;
}

class Writer {
 public:
  Writer(const Profile& profile, size_t max_bytes)
      : profile_(profile), max_bytes_(max_bytes), steps_(profile.stacks().size()) {
    String("");
  }

  PprofWithin Write() {
    WriteTypes();
    const std::vector<Sample> rest = SamplesWithoutMoments(profile_);
    written_.samples = profile_.timeline().size() + rest.size();
    if (!WriteTimeline() || !WriteSamples(rest)) return std::move(written_);
    for (const ProtoWriter* table : {&mappings_, &locations_, &functions_, &strings_}) {
      out_.Append(*table);
    }
    written_.bytes = out_.Take();
    return std::move(written_);
  }

 private:
  // From a stack's leaf over one location, which stacks share that share their callers: deep ones
  // would else be kept one by one.
  struct Step {
    uint64_t location = 0;
    StackId caller = 0;
  };

  uint64_t String(std::string_view text) {
    const auto [it, added] = string_ids_.try_emplace(text, string_ids_.size());
    if (added) strings_.Bytes(pprof::kStringTable, Utf8(text));
    return it->second;
  }
  uint64_t String(StringId id) { return String(std::string_view(profile_.String(id))); }

  ProtoWriter ValueType(std::string_view type, std::string_view unit) {
    ProtoWriter message;
    message.Uint(pprof::kType, String(type));
    message.Uint(pprof::kUnit, String(unit));
    return message;
  }

  void WriteTypes() {
    out_.Message(pprof::kSampleType, ValueType(pprof::kSamplesType, pprof::kCountUnit));
    out_.Message(pprof::kSampleType, ValueType(pprof::kCpuType, kNanoseconds));
    out_.Int(pprof::kTimeNanos, profile_.start_ns);
    out_.Int(pprof::kDurationNanos, profile_.end_ns - profile_.start_ns);
    out_.Message(pprof::kPeriodType, ValueType(pprof::kCpuType, kNanoseconds));
    out_.Int(pprof::kPeriod, profile_.period_ns);
    // Without a period only the counts say something.
    const bool has_cpu = profile_.period_ns != 0 || profile_.TotalCpuNs() != 0;
    out_.Uint(pprof::kDefaultSampleType, String(has_cpu ? pprof::kCpuType : pprof::kSamplesType));
  }

  // Both are false when the bound is passed.
  bool WriteTimeline() {
    for (const TimedSample& timed : profile_.timeline()) {
      ProtoWriter moment;
      moment.Uint(pprof::kLabelKey, String(pprof::kMomentLabel));
      moment.Int(pprof::kLabelNum, timed.time_ns);
      moment.Uint(pprof::kLabelUnit, String(kNanoseconds));
      WriteSample({timed.stack, timed.labels, timed.weight, timed.cpu_ns}, &moment);
      if (!Fits()) return false;
    }
    return true;
  }

  bool WriteSamples(const std::vector<Sample>& samples) {
    for (const Sample& sample : samples) {
      WriteSample(sample, nullptr);
      if (!Fits()) return false;
    }
    return Fits();
  }

  // What is written is what will be: the tables grow with the samples that need them.
  [[nodiscard]] bool Fits() const {
    return out_.bytes().size() + mappings_.bytes().size() + locations_.bytes().size() +
               functions_.bytes().size() + strings_.bytes().size() <=
           max_bytes_;
  }

  void WriteSample(const Sample& sample, const ProtoWriter* moment) {
    ProtoWriter message;
    message.PackedUints(pprof::kSampleLocation, Locations(sample.stack));
    message.PackedUints(pprof::kSampleValue, {static_cast<uint64_t>(sample.weight),
                                              static_cast<uint64_t>(sample.cpu_ns)});
    for (const auto& [key, value] : profile_.label_sets()[sample.labels]) {
      ProtoWriter label;
      label.Uint(pprof::kLabelKey, String(key));
      label.Uint(pprof::kLabelStr, String(value));
      message.Message(pprof::kSampleLabel, label);
    }
    if (moment != nullptr) message.Message(pprof::kSampleLabel, *moment);
    out_.Message(pprof::kSample, message);
    ++written_.samples_written;
  }

  // Leaf first. A function and what is inlined into it share one location.
  std::vector<uint64_t> Locations(StackId stack) {
    std::vector<uint64_t> locations;
    for (StackId at = stack; at != 0; at = steps_[at].caller) {
      if (steps_[at].location == 0) steps_[at] = StepFrom(at);
      locations.push_back(steps_[at].location);
    }
    return locations;
  }

  Step StepFrom(StackId at) {
    std::vector<FrameId> run;
    while (true) {
      const StackNode& node = profile_.stacks()[at];
      run.push_back(node.frame);
      at = node.parent;
      if (!profile_.frames()[node.frame].inlined || at == 0) return {Location(run), at};
    }
  }

  uint64_t Location(const std::vector<FrameId>& run) {
    const auto [it, added] = location_ids_.try_emplace(run, location_ids_.size() + 1);
    if (!added) return it->second;
    ProtoWriter message;
    message.Uint(pprof::kLocationId, it->second);
    message.Uint(pprof::kLocationMapping, MappingOf(profile_.frames()[run.back()].mapping));
    for (const FrameId frame : run) {
      ProtoWriter line;
      line.Uint(pprof::kLineFunction, Function(profile_.frames()[frame]));
      line.Uint(pprof::kLineNumber, profile_.frames()[frame].line);
      message.Message(pprof::kLine, line);
    }
    locations_.Message(pprof::kLocation, message);
    return it->second;
  }

  uint64_t MappingOf(MappingId mapping) {
    if (mapping == 0) return 0;
    const auto [it, added] = mapping_ids_.try_emplace(mapping, mapping_ids_.size() + 1);
    if (!added) return it->second;
    ProtoWriter message;
    message.Uint(pprof::kMappingId, it->second);
    message.Uint(pprof::kMappingFile, String(profile_.mappings()[mapping].module));
    message.Uint(pprof::kBuildId, String(profile_.mappings()[mapping].build_id));
    // Readers must not try to name the frames again: there are no addresses to do it with.
    for (const auto has : {pprof::kHasFunctions, pprof::kHasFilenames, pprof::kHasLineNumbers,
                           pprof::kHasInlineFrames}) {
      message.Uint(has, 1);
    }
    mappings_.Message(pprof::kMapping, message);
    return it->second;
  }

  uint64_t Function(const Frame& frame) {
    const auto [it, added] = function_ids_.try_emplace(
        std::tuple(frame.name, frame.mangled_name, frame.file, frame.line),
        function_ids_.size() + 1);
    if (!added) return it->second;
    ProtoWriter message;
    message.Uint(pprof::kFunctionId, it->second);
    message.Uint(pprof::kName, String(frame.name));
    message.Uint(pprof::kSystemName, String(frame.mangled_name));
    message.Uint(pprof::kFunctionFile, String(frame.file));
    message.Uint(pprof::kStartLine, frame.line);
    functions_.Message(pprof::kFunction, message);
    return it->second;
  }

  const Profile& profile_;
  const size_t max_bytes_;
  PprofWithin written_;
  ProtoWriter out_;
  ProtoWriter mappings_;
  ProtoWriter locations_;
  ProtoWriter functions_;
  ProtoWriter strings_;
  std::unordered_map<std::string_view, uint64_t, TextHasher> string_ids_;
  std::unordered_map<MappingId, uint64_t, NumberHasher> mapping_ids_;
  std::map<std::tuple<StringId, StringId, StringId, uint32_t>, uint64_t> function_ids_;
  std::map<std::vector<FrameId>, uint64_t> location_ids_;  // frames leaf first
  std::vector<Step> steps_;                                // by StackId
};

}  // namespace

std::string EncodePprof(const Profile& profile) {
  return *EncodePprofWithin(profile, SIZE_MAX).bytes;
}

PprofWithin EncodePprofWithin(const Profile& profile, size_t max_bytes) {
  return Writer(profile, max_bytes).Write();
}

}  // namespace stacksampler
