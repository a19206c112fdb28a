// SPDX-License-Identifier: MIT
#include "profile/speedscope_writer.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <vector>

#include "base/json_writer.h"
#include "base/visible_text.h"
#include "profile/call_tree.h"

namespace stacksampler {
namespace {

constexpr const char* kSchema = "https://www.speedscope.app/file-format-schema.json";

/// A stack of all threads and what it weighs.
using Sums = std::map<StackId, int64_t>;

class Writer {
 public:
  explicit Writer(const Profile& profile)
      : profile_(profile), in_samples_(UnitOf(profile) == TreeUnit::kSamples) {
    for (const Sample& sample : profile.samples()) {
      const int64_t weight = in_samples_ ? sample.weight : sample.cpu_ns;
      if (weight > 0) sums_[sample.stack] += weight;
    }
  }

  std::string Write() {
    json_.BeginObject().Key("$schema").String(kSchema);
    json_.Key("exporter").String("stackcollector").Key("activeProfileIndex").Int(0);
    WriteFrames();
    json_.Key("profiles").BeginArray();
    WriteSamples();
    json_.EndArray().EndObject();
    return json_.Take();
  }

 private:
  void WriteFrames() {
    json_.Key("shared").BeginObject().Key("frames").BeginArray();
    for (const Frame& frame : profile_.frames()) {
      json_.BeginObject().Key("name").String(VisibleText(profile_.String(frame.name)));
      const std::string& file = profile_.String(frame.file);
      const StringId module = profile_.mappings()[frame.mapping].module;
      if (frame.file != 0 || module != 0) {
        json_.Key("file").String(VisibleText(frame.file != 0 ? file : profile_.String(module)));
      }
      if (frame.line != 0) json_.Key("line").Uint(frame.line);
      json_.EndObject();
    }
    json_.EndArray().EndObject();
  }

  void WriteSamples() {
    std::vector<std::pair<StackId, int64_t>> stacks(sums_.begin(), sums_.end());
    std::stable_sort(stacks.begin(), stacks.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    int64_t total = 0;
    json_.BeginObject().Key("type").String("sampled").Key("name").String("all threads");
    json_.Key("unit").String(in_samples_ ? "none" : "nanoseconds").Key("startValue").Int(0);
    json_.Key("samples").BeginArray();
    for (const auto& [stack, weight] : stacks) {
      json_.BeginArray();
      for (const FrameId frame : profile_.StackFrames(stack)) json_.Uint(frame);
      json_.EndArray();
      total += weight;
    }
    json_.EndArray().Key("weights").BeginArray();
    for (const auto& [stack, weight] : stacks) json_.Int(weight);
    json_.EndArray().Key("endValue").Int(total).EndObject();
  }

  const Profile& profile_;
  const bool in_samples_;
  Sums sums_;
  JsonWriter json_;
};

}  // namespace

std::string EncodeSpeedscope(const Profile& profile) { return Writer(profile).Write(); }

}  // namespace stacksampler
