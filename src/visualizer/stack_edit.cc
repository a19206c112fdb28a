// SPDX-License-Identifier: MIT
#include "visualizer/stack_edit.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "profile/label_copier.h"
#include "profile/select.h"

namespace stacksampler::visualizer {
namespace {

constexpr int64_t kNsPerMicrosecond = 1000;
constexpr std::string_view kRuntimeScopes[] = {"std::", "__gnu_cxx::", "__cxxabiv1::"};
constexpr std::string_view kKernelModules[] = {"[vdso]", "[kernel]"};
constexpr std::string_view kSystemFolders[] = {"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/"};

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string_view FileOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// "libz.so.1": a distribution's libraries are numbered, one's own rarely are.
bool IsNumbered(std::string_view file) {
  const size_t place = file.find(".so.");
  return place != std::string_view::npos && place + 4 < file.size() && file[place + 4] >= '0' &&
         file[place + 4] <= '9';
}

/// Libraries alone: programs and their plugins may live below /usr/lib too. Our own endpoint sends
/// file names without folders.
bool IsSystemLibrary(std::string_view module) {
  const std::string_view file = FileOf(module);
  const bool is_library = file.find(".so") != std::string_view::npos &&
                          (StartsWith(file, "lib") || StartsWith(file, "ld-"));
  if (file == module) return is_library && IsNumbered(file);
  return is_library && std::any_of(std::begin(kSystemFolders), std::end(kSystemFolders),
                                   [&](auto folder) { return StartsWith(module, folder); });
}

/// What one frame is to the edit.
struct FrameRole {
  uint32_t focus = 0;  // one bit per term
  bool drops = false;
  bool hidden = false;
};

class Editor {
 public:
  Editor(const Profile& from, const StackEdit& edit)
      : from_(from), edit_(edit), places_(from.stacks().size()) {
    places_[0] = 0;
    for (const Frame& frame : from.frames()) roles_.push_back(RoleOf(frame));
    JudgeStacks();
  }

  EditedProfile Run() {
    Profile& to = edited_.profile;
    to.start_ns = from_.start_ns;
    to.end_ns = from_.end_ns;
    to.period_ns = from_.period_ns;
    LabelCopier labels(from_, &to);
    for (const TimedSample& timed : from_.timeline()) {
      if (!Keep(timed.stack, timed.weight, timed.cpu_ns)) continue;
      to.AddTimedSample({timed.time_ns, Place(timed.stack), labels.Copy(timed.labels), timed.weight,
                         timed.cpu_ns});
    }
    for (const Sample& sample : SamplesWithoutMoments(from_)) {
      if (!Keep(sample.stack, sample.weight, sample.cpu_ns)) continue;
      to.AddSample(Place(sample.stack), labels.Copy(sample.labels), sample.weight, sample.cpu_ns);
    }
    return std::move(edited_);
  }

 private:
  FrameRole RoleOf(const Frame& frame) const {
    const std::string& name = from_.String(frame.name);
    const std::string& module = from_.String(from_.mappings()[frame.mapping].module);
    const auto holds = [&](const FrameTest& test) { return test(name, module); };
    FrameRole role;
    for (size_t i = 0; i < edit_.focus.size(); ++i) {
      if (holds(edit_.focus[i])) role.focus |= 1u << i;
    }
    role.drops = std::any_of(edit_.drop.begin(), edit_.drop.end(), holds);
    role.hidden = std::any_of(edit_.hide.begin(), edit_.hide.end(), holds);
    return role;
  }

  void JudgeStacks() {
    const auto all = static_cast<uint32_t>((uint64_t{1} << edit_.focus.size()) - 1);
    std::vector<FrameRole> sums(from_.stacks().size());
    kept_.push_back(all == 0);
    for (size_t i = 1; i < sums.size(); ++i) {
      const auto& [parent, frame] = from_.stacks()[i];
      sums[i].focus = sums[parent].focus | roles_[frame].focus;
      sums[i].drops = sums[parent].drops || roles_[frame].drops;
      kept_.push_back(sums[i].focus == all && !sums[i].drops);
    }
  }

  bool Keep(StackId stack, int64_t weight, int64_t cpu_ns) {
    if (kept_[stack]) return true;
    edited_.left_out_weight += weight;
    edited_.left_out_cpu_ns += cpu_ns;
    return false;
  }

  StackId Place(StackId stack) {
    std::vector<StackId> missing;
    for (; !places_[stack]; stack = from_.stacks()[stack].parent) missing.push_back(stack);
    StackId place = *places_[stack];
    for (; !missing.empty(); missing.pop_back()) {
      place = Below(place, from_.stacks()[missing.back()].frame);
      places_[missing.back()] = place;
    }
    return place;
  }

  StackId Below(StackId place, FrameId id) {
    if (roles_[id].hidden) return place;
    Profile& to = edited_.profile;
    Frame frame = from_.frames()[id];
    frame.name = to.InternString(from_.String(frame.name));
    const bool recurs = edit_.collapse_recursion && place != 0 &&
                        to.frames()[to.stacks()[place].frame].name == frame.name;
    if (recurs) return place;
    const Mapping& mapping = from_.mappings()[frame.mapping];
    frame.mangled_name = to.InternString(from_.String(frame.mangled_name));
    frame.file = to.InternString(from_.String(frame.file));
    frame.mapping = to.InternMapping(from_.String(mapping.module), from_.String(mapping.build_id));
    return to.InternStack(place, to.InternFrame(frame));
  }

  const Profile& from_;
  const StackEdit& edit_;
  EditedProfile edited_;
  std::vector<FrameRole> roles_;                // by frame
  std::vector<bool> kept_;                      // by stack
  std::vector<std::optional<StackId>> places_;  // by old stack
};

BadRequest Refuse(const std::string& text, size_t position, const std::string& message) {
  return {"edit",
          text,
          message,
          position,
          {"focus:main", "drop:epoll_wait", "hide~^std::", "module:libc.so.6", "mine"}};
}

FrameTest ByName(NameMatcher matches) {
  return [matches = std::move(matches)](std::string_view name, std::string_view /*module*/) {
    return matches(name);
  };
}

std::vector<FrameTest>* ListOf(std::string_view kind, StackEdit* edit) {
  if (kind == "focus") return &edit->focus;
  if (kind == "drop") return &edit->drop;
  return kind == "hide" ? &edit->hide : nullptr;
}

/// A message when the term is none.
std::string AddTerm(const std::string& term, StackEdit* edit) {
  if (term == "mine") return edit->hide.emplace_back(IsSystemFrame), "";
  if (term == "recursion") return edit->collapse_recursion = true, "";
  const size_t sign = std::min(term.find_first_of(":~"), term.size());
  const std::string kind = term.substr(0, sign);
  const std::string name = term.substr(std::min(sign + 1, term.size()));
  const bool is_pattern = sign < term.size() && term[sign] == '~';
  std::vector<FrameTest>* list = ListOf(kind, edit);
  if (kind == "module" && !is_pattern && !name.empty()) {
    edit->hide.emplace_back([name](std::string_view, std::string_view module) {
      return module == name || FileOf(module) == name;
    });
    return "";
  }
  if (list == nullptr || name.empty()) return "expected focus:, drop:, hide: or module: and a name";
  NameMatcher matcher = [name](std::string_view text) { return text == name; };
  if (is_pattern) {
    if (const auto bad = CompileSearch("edit", name, &matcher)) return bad->message;
  }
  list->push_back(ByName(std::move(matcher)));
  return "";
}

}  // namespace

bool IsSystemFrame(std::string_view name, std::string_view module) {
  const bool runtime = std::any_of(std::begin(kRuntimeScopes), std::end(kRuntimeScopes),
                                   [&](auto scope) { return StartsWith(name, scope); });
  const bool kernel = std::find(std::begin(kKernelModules), std::end(kKernelModules), module) !=
                      std::end(kKernelModules);
  return runtime || kernel || IsSystemLibrary(module);
}

std::optional<BadRequest> ParseEdit(const std::string& text, StackEdit* edit) {
  *edit = {};
  size_t position = 0;
  const std::vector<std::string> terms = DecodePath(text);
  if (terms.size() > kMostEdits) return Refuse(text, 0, "expected at most 32 terms");
  for (const std::string& term : terms) {
    const std::string message = AddTerm(term, edit);
    if (!message.empty()) return Refuse(text, position, message);
    position = text.find(';', position) + 1;
  }
  return {};
}

EditedProfile ApplyEdit(const Profile& profile, const StackEdit& edit) {
  return Editor(profile, edit).Run();
}

const Profile& Edited(const Profile& profile, const std::string& text, EditedProfile* edited) {
  StackEdit edit;
  ParseEdit(text, &edit);
  if (edit.empty()) return profile;
  *edited = ApplyEdit(profile, edit);
  return edited->profile;
}

int64_t LeftOut(const EditedProfile& edited, TreeUnit unit) {
  return unit == TreeUnit::kSamples ? edited.left_out_weight
                                    : edited.left_out_cpu_ns / kNsPerMicrosecond;
}

}  // namespace stacksampler::visualizer
