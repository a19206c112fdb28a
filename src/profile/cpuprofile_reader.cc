// SPDX-License-Identifier: MIT
#include "profile/cpuprofile_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "stacksampler/keyed_hash.h"

namespace stacksampler {
namespace {

using Json = nlohmann::json;

constexpr int kMaxJsonDepth = 16;
// What a double holds exactly; microseconds of it are below 2^63 ns.
constexpr int64_t kMaxExact = int64_t{1} << 53;
constexpr int64_t kNsPerUs = 1000;
constexpr std::string_view kFileUrl = "file://";
constexpr std::string_view kModuleUrl = "native:";

Status Damaged(const std::string& what) { return {StatusCode::kDataLoss, "cpuprofile: " + what}; }

std::string At(const char* array, size_t index) {
  return std::string(array) + '[' + std::to_string(index) + ']';
}

// Null when there is no such member.
const Json* Member(const Json& object, const char* name) {
  const auto it = object.find(name);
  return it == object.end() ? nullptr : &*it;
}

std::string_view Text(const Json* value) {
  if (value == nullptr || !value->is_string()) return {};
  return value->get_ref<const std::string&>();
}

/// A number from -2^53 to 2^53; fractions are cut off.
std::optional<int64_t> Number(const Json* value) {
  if (value == nullptr || !value->is_number()) return {};
  const auto number = value->get<double>();
  if (!(number >= -static_cast<double>(kMaxExact) && number <= static_cast<double>(kMaxExact)))
    return {};
  return static_cast<int64_t>(number);
}

struct Node {
  StackId stack = 0;
  bool on_cpu = false;
  int64_t hits = 0;
  int64_t samples = 0;
  int64_t samples_left = 0;
  std::optional<size_t> parent;
};

// Before it is parsed: parsing with a callback, which could count levels, looks at all elements of
// an array again at the end of each.
bool IsTooDeep(std::string_view json) {
  int depth = 0;
  bool in_text = false;
  for (size_t i = 0; i < json.size() && depth <= kMaxJsonDepth; ++i) {
    const char c = json[i];
    if (c == '"') in_text = !in_text;
    if (in_text) {
      if (c == '\\') ++i;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
  return depth > kMaxJsonDepth;
}

class Reader {
 public:
  Result<Profile> Read(std::string_view text) {
    if (Status status = Parse(text); !status.ok()) return status;
    for (const auto step : {&Reader::ReadNodes, &Reader::LinkNodes, &Reader::BuildStacks,
                            &Reader::ReadTimes, &Reader::ReadSamples}) {
      if (Status status = (this->*step)(); !status.ok()) return status;
    }
    return std::move(profile_);
  }

 private:
  Status Parse(std::string_view text) {
    if (IsTooDeep(text)) {
      return Damaged("nested deeper than " + std::to_string(kMaxJsonDepth) + " levels");
    }
    json_ = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
    if (json_.is_discarded())
      return Damaged("not JSON; it is cut short, or no .cpuprofile: save it anew");
    if (!json_.is_object()) return Damaged("not a JSON object");
    if (json_.contains("head")) {
      return {StatusCode::kUnsupported,
              "cpuprofile: the nested form of old DevTools (member \"head\"); save it with a newer "
              "one"};
    }
    return Status::Ok();
  }

  Status ReadNodes() {
    const Json* nodes = Member(json_, "nodes");
    if (nodes == nullptr || !nodes->is_array() || nodes->empty()) {
      return Damaged("no member \"nodes\" with at least one node");
    }
    int64_t total = 0;
    for (const Json& json : *nodes) {
      const std::string name = At("nodes", nodes_.size());
      if (!json.is_object()) return Damaged(name + " is not an object");
      const auto id = Number(Member(json, "id"));
      if (!id) return Damaged(name + " has no number \"id\"");
      if (!node_index_.emplace(*id, nodes_.size()).second) {
        return Damaged(name + ": id " + std::to_string(*id) + " is taken");
      }
      Node& node = nodes_.emplace_back();
      node.hits = std::max<int64_t>(0, Number(Member(json, "hitCount")).value_or(0));
      total += node.hits;
      if (total > kMaxExact) return Damaged(name + ": the sum of the hitCounts passes 2^53");
    }
    return Status::Ok();
  }

  Status Link(size_t child, size_t parent) {
    if (child == 0) return Damaged("nodes[0] is the root and cannot be a child");
    if (nodes_[child].parent == parent) return Status::Ok();
    if (nodes_[child].parent) return Damaged(At("nodes", child) + " has two parents");
    nodes_[child].parent = parent;
    children_[parent].push_back(child);
    return Status::Ok();
  }

  // Parents name their children, or, in older files, children their parent.
  Status LinkNodes() {
    children_.resize(nodes_.size());
    for (size_t i = 0; i < nodes_.size(); ++i) {
      const Json& node = json_["nodes"][i];
      if (Status status = LinkChildren(i, Member(node, "children")); !status.ok()) return status;
      const Json* parent = Member(node, "parent");
      if (parent == nullptr) continue;
      const auto index = Index(parent);
      if (!index) return Damaged(At("nodes", i) + " has a parent that is not there");
      if (Status status = Link(i, *index); !status.ok()) return status;
    }
    return Status::Ok();
  }

  Status LinkChildren(size_t parent, const Json* children) {
    if (children == nullptr) return Status::Ok();
    if (!children->is_array()) return Damaged(At("nodes", parent) + ": children is not an array");
    for (const Json& child : *children) {
      const auto index = Index(&child);
      if (!index) return Damaged(At("nodes", parent) + " has a child that is not there");
      if (Status status = Link(*index, parent); !status.ok()) return status;
    }
    return Status::Ok();
  }

  std::optional<size_t> Index(const Json* id) const {
    const auto number = Number(id);
    const auto it = number ? node_index_.find(*number) : node_index_.end();
    if (it == node_index_.end()) return {};
    return it->second;
  }

  // From the root on, since a parent may stand behind its children. What is not reached is in a
  // circle.
  Status BuildStacks() {
    std::vector<size_t> open = {0};
    size_t reached = 0;
    while (!open.empty()) {
      const size_t index = open.back();
      open.pop_back();
      ++reached;
      if (index != 0) BuildStack(index);
      open.insert(open.end(), children_[index].begin(), children_[index].end());
    }
    return reached == nodes_.size() ? Status::Ok() : Damaged("some nodes hang from no root");
  }

  void BuildStack(size_t index) {
    const Json* call = Member(json_["nodes"][index], "callFrame");
    const Json none = Json::object();
    const Frame frame = ReadFrame(call != nullptr && call->is_object() ? *call : none);
    Node& node = nodes_[index];
    const std::string& name = profile_.String(frame.name);
    node.on_cpu = name != "(idle)" || *node.parent != 0;
    node.stack = profile_.InternStack(nodes_[*node.parent].stack, profile_.InternFrame(frame));
  }

  Frame ReadFrame(const Json& call) {
    Frame frame;
    const std::string_view name = Text(Member(call, "functionName"));
    const std::string_view url = Text(Member(call, "url"));
    frame.name = profile_.InternString(name.empty() ? "(anonymous)" : name);
    if (url.substr(0, kModuleUrl.size()) == kModuleUrl) {
      frame.mapping = profile_.InternMapping(url.substr(kModuleUrl.size()), "");
    } else {
      const bool local = url.substr(0, kFileUrl.size()) == kFileUrl;
      frame.file = profile_.InternString(local ? url.substr(kFileUrl.size()) : url);
    }
    const int64_t line = Number(Member(call, "lineNumber")).value_or(-1);
    if (line >= 0 && line < UINT32_MAX) frame.line = static_cast<uint32_t>(line + 1);
    return frame;
  }

  Status ReadTimes() {
    const auto start = Number(Member(json_, "startTime"));
    const auto end = Number(Member(json_, "endTime"));
    if (!start || !end || *start < 0 || *end < *start) {
      return Damaged("startTime and endTime must be microseconds, and in this order");
    }
    profile_.start_ns = *start * kNsPerUs;
    profile_.end_ns = *end * kNsPerUs;
    return Status::Ok();
  }

  Status ReadSamples() {
    const Json* samples = Member(json_, "samples");
    const Json* deltas = Member(json_, "timeDeltas");
    if (samples == nullptr || deltas == nullptr) return AddHits();
    if (!samples->is_array() || !deltas->is_array() || samples->size() != deltas->size()) {
      return Damaged("samples and timeDeltas must be arrays of one length");
    }
    std::vector<std::pair<int64_t, size_t>> moments;  // begin in us, node
    int64_t now_us = profile_.start_ns / kNsPerUs;
    for (size_t i = 0; i < samples->size(); ++i) {
      const auto index = Index(&(*samples)[i]);
      if (!index) return Damaged(At("samples", i) + " names a node that is not there");
      const auto delta = Number(&(*deltas)[i]);
      if (!delta || now_us + *delta < 0 || now_us + *delta > kMaxExact) {
        return Damaged(At("timeDeltas", i) + " is not a number of microseconds that can be");
      }
      now_us += *delta;
      ++nodes_[*index].samples;
      moments.emplace_back(now_us, *index);
    }
    return AddMoments(std::move(moments));
  }

  // V8 writes negative deltas when its sampling thread was overtaken: order is by time.
  Status AddMoments(std::vector<std::pair<int64_t, size_t>> moments) {
    std::stable_sort(moments.begin(), moments.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (Node& node : nodes_) {
      node.hits = std::max(node.hits, node.samples);
      node.samples_left = node.samples;
    }
    for (size_t i = 0; i < moments.size(); ++i) {
      const int64_t begin_us = moments[i].first;
      const int64_t next_us =
          i + 1 < moments.size() ? moments[i + 1].first : profile_.end_ns / kNsPerUs;
      const int64_t end_us = std::max(begin_us, next_us);
      Node& node = nodes_[moments[i].second];
      const int64_t weight = node.hits / node.samples_left;
      node.hits -= weight;
      --node.samples_left;
      if (!node.on_cpu) continue;
      profile_.AddTimedSample(
          {end_us * kNsPerUs, node.stack, 0, weight, (end_us - begin_us) * kNsPerUs});
    }
    profile_.end_ns =
        std::max(profile_.end_ns, moments.empty() ? 0 : moments.back().first * kNsPerUs);
    return profile_.Validate();
  }

  // As DevTools does: the whole time, shared out by hitCount.
  Status AddHits() {
    double total = 0;
    for (const Node& node : nodes_) total += static_cast<double>(node.hits);
    const double ns_per_hit =
        total > 0 ? static_cast<double>(profile_.end_ns - profile_.start_ns) / total : 0;
    for (const Node& node : nodes_) {
      if (!node.on_cpu) continue;
      profile_.AddSample(node.stack, 0, node.hits,
                         static_cast<int64_t>(static_cast<double>(node.hits) * ns_per_hit));
    }
    return profile_.Validate();
  }

  Json json_;
  Profile profile_;
  std::vector<Node> nodes_;
  std::vector<std::vector<size_t>> children_;
  std::unordered_map<int64_t, size_t, NumberHasher> node_index_;
};

}  // namespace

Result<Profile> DecodeCpuProfile(std::string_view json) { return Reader().Read(json); }

}  // namespace stacksampler
