// SPDX-License-Identifier: MIT
#include "profile/callgrind_writer.h"

#include <unordered_map>
#include <vector>

#include "profile/call_graph.h"
#include "stacksampler/keyed_hash.h"

namespace stacksampler {
namespace {

/// "(7) name" the first time, "(7)" after it.
class Names {
 public:
  std::string Text(const std::string& name) {
    const auto [it, added] = ids_.try_emplace(name, ids_.size() + 1);
    const std::string id = '(' + std::to_string(it->second) + ')';
    return added ? id + ' ' + name : id;
  }

 private:
  std::unordered_map<std::string, size_t, TextHasher> ids_;
};

std::string OrUnknown(const std::string& name) { return name.empty() ? "???" : name; }

class Writer {
 public:
  explicit Writer(const CallGraph& graph) : graph_(graph), calls_of_(graph.functions.size()) {
    for (const FunctionCall& call : graph.calls) calls_of_[call.caller].push_back(&call);
  }

  std::string Write() {
    const char* event = graph_.unit == TreeUnit::kSamples ? "Samples" : "Microseconds";
    out_ = std::string("# callgrind format\nversion: 1\ncreator: stackcollector\n") +
           "positions: line\nevents: " + event + "\nsummary: " + std::to_string(graph_.total) +
           '\n';
    for (size_t i = 0; i < graph_.functions.size(); ++i) WriteFunction(i);
    return std::move(out_);
  }

 private:
  void WriteFunction(size_t place) {
    const CalledFunction& function = graph_.functions[place];
    out_ += "\nob=" + modules_.Text(OrUnknown(function.module));
    out_ += "\nfl=" + files_.Text(OrUnknown(function.file));
    out_ += "\nfn=" + functions_.Text(function.name) + '\n';
    WriteCost(function.line, function.self);
    for (const FunctionCall* call : calls_of_[place]) WriteCall(function, *call);
  }

  void WriteCall(const CalledFunction& caller, const FunctionCall& call) {
    const CalledFunction& callee = graph_.functions[call.callee];
    out_ += "cob=" + modules_.Text(OrUnknown(callee.module));
    out_ += "\ncfi=" + files_.Text(OrUnknown(callee.file));
    out_ += "\ncfn=" + functions_.Text(callee.name);
    out_ += "\ncalls=1 " + std::to_string(callee.line) + '\n';
    WriteCost(caller.line, call.entered);
  }

  void WriteCost(uint32_t line, int64_t cost) {
    out_ += std::to_string(line) + ' ' + std::to_string(cost) + '\n';
  }

  const CallGraph& graph_;
  std::vector<std::vector<const FunctionCall*>> calls_of_;
  Names modules_;
  Names files_;
  Names functions_;
  std::string out_;
};

}  // namespace

std::string EncodeCallgrind(const Profile& profile) {
  const CallGraph graph = BuildCallGraph(profile);
  return Writer(graph).Write();
}

}  // namespace stacksampler
