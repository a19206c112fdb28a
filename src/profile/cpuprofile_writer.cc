// SPDX-License-Identifier: MIT
#include <string>

#include "base/json_writer.h"
#include "profile/cpuprofile_layout.h"
#include "stacksampler/cpuprofile.h"

namespace stacksampler {
namespace {

constexpr int64_t kNsPerUs = 1000;
// DevTools takes small script ids for scripts of the page that is being inspected.
constexpr uint64_t kFirstScriptId = 1000000;
constexpr uint64_t kRootNode = 1;
constexpr uint64_t kIdleNode = 2;

uint64_t NodeOf(StackId stack) { return stack == 0 ? kRootNode : uint64_t{stack} + kIdleNode; }

uint64_t NodeOf(const CpuProfileMoment& moment) {
  return moment.idle ? kIdleNode : NodeOf(moment.stack);
}

class Writer {
 public:
  explicit Writer(const Profile& profile)
      : profile_(profile), tree_(profile), layout_(LayOutCpuProfile(profile, tree_)) {}

  std::string Write() {
    json_.BeginObject().Key("nodes").BeginArray();
    WriteRoot();
    for (StackId id = 1; id < tree_.self.size(); ++id) {
      if (tree_.used[id]) WriteStack(id);
    }
    json_.EndArray();
    WriteMoments(layout_.moments);
    json_.EndObject();
    return json_.Take();
  }

 private:
  void WriteRoot() {
    WriteNode(kRootNode, "(root)", 0, "", 0);
    json_.Key("hitCount").Int(tree_.self[0]).Key("children").BeginArray();
    if (layout_.has_idle) json_.Uint(kIdleNode);
    for (const StackId child : tree_.children[0]) json_.Uint(NodeOf(child));
    json_.EndArray().EndObject();
    if (!layout_.has_idle) return;
    WriteNode(kIdleNode, "(idle)", 0, "", 0);
    json_.Key("hitCount").Int(0).EndObject();
  }

  void WriteStack(StackId id) {
    const Frame& frame = profile_.frames()[profile_.stacks()[id].frame];
    const StringId module = profile_.mappings()[frame.mapping].module;
    WriteNode(NodeOf(id), profile_.String(frame.name),
              kFirstScriptId + (frame.file != 0 ? frame.file : module), Url(frame), frame.line);
    json_.Key("hitCount").Int(tree_.self[id]);
    if (!tree_.children[id].empty()) {
      json_.Key("children").BeginArray();
      for (const StackId child : tree_.children[id]) json_.Uint(NodeOf(child));
      json_.EndArray();
    }
    json_.EndObject();
  }

  // Leaves the node's object open. `line` counts from 1, 0 = unknown; the format counts from 0.
  void WriteNode(uint64_t id, std::string_view name, uint64_t script, std::string_view url,
                 uint32_t line) {
    json_.BeginObject().Key("id").Uint(id).Key("callFrame").BeginObject();
    json_.Key("functionName").String(name).Key("scriptId").String(std::to_string(script));
    json_.Key("url").String(url).Key("lineNumber").Int(int64_t{line} - 1);
    json_.Key("columnNumber").Int(line == 0 ? -1 : 0).EndObject();
  }

  std::string Url(const Frame& frame) const {
    const std::string& file = profile_.String(frame.file);
    if (!file.empty()) return file[0] == '/' ? "file://" + file : file;
    return "native:" + profile_.String(profile_.mappings()[frame.mapping].module);
  }

  // Differences of rounded moments: rounding each length instead would let the axis drift.
  void WriteMoments(const std::vector<CpuProfileMoment>& moments) {
    json_.Key("startTime").Int(moments.front().time_ns / kNsPerUs);
    json_.Key("endTime").Int(moments.back().time_ns / kNsPerUs);
    json_.Key("samples").BeginArray();
    for (const CpuProfileMoment& moment : moments) json_.Uint(NodeOf(moment));
    json_.EndArray().Key("timeDeltas").BeginArray();
    int64_t before_us = moments.front().time_ns / kNsPerUs;
    for (const CpuProfileMoment& moment : moments) {
      json_.Int(moment.time_ns / kNsPerUs - before_us);
      before_us = moment.time_ns / kNsPerUs;
    }
    json_.EndArray();
  }

  const Profile& profile_;
  const WeighedTree tree_;
  const CpuProfileLayout layout_;
  JsonWriter json_;
};

}  // namespace

std::string EncodeCpuProfile(const Profile& profile) { return Writer(profile).Write(); }

}  // namespace stacksampler
