// SPDX-License-Identifier: MIT
//
// Purpose: looking at a part of each stack, or at some stacks alone: focus, drop, hide, "only my
//   code", recursion. Done on the profile, before any tree is made of it, so that graph, table,
//   callers, comparison and files agree, and nothing was pruned before.
// Shapes: terms joined by ';', '%' and ';' in them as %25 and %3B:
//     focus:NAME      only stacks with such a frame; of several each is wanted
//     drop:NAME       no stacks with such a frame
//     hide:NAME       takes the frame out of its stacks: its callees become its caller's
//     module:NAME     hides all frames of a module, by path or by file name
//     mine            hides what the system brings: see IsSystemFrame()
//     recursion       a function that calls itself is one frame
//   '~' for ':' makes NAME a regular expression, as in a search. What is dropped is decided on
//   whole stacks, before anything is hidden.
// Thread safety: free functions, values.
// Signal safety: none.
// Errors: BadRequest, with the place of the term that is none.
#ifndef STACKSAMPLER_VISUALIZER_STACK_EDIT_H_
#define STACKSAMPLER_VISUALIZER_STACK_EDIT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"
#include "profile/call_tree.h"
#include "stacksampler/profile.h"
#include "visualizer/query.h"
#include "visualizer/search.h"

namespace stacksampler::visualizer {

inline constexpr size_t kMostEdits = 32;

/// Frames by name and module.
using FrameTest = std::function<bool(std::string_view name, std::string_view module)>;

struct StackEdit {
  std::vector<FrameTest> focus;
  std::vector<FrameTest> drop;
  std::vector<FrameTest> hide;
  bool collapse_recursion = false;

  [[nodiscard]] bool empty() const {
    return focus.empty() && drop.empty() && hide.empty() && !collapse_recursion;
  }
};

/// The C++ run time, the kernel, libraries below /lib and /usr/lib, and, where only a module's file
/// name is known, numbered ones ("libz.so.1"). Frames that no module is known of are told by their
/// namespace alone.
bool IsSystemFrame(std::string_view name, std::string_view module);

std::optional<BadRequest> ParseEdit(const std::string& text, StackEdit* edit);

struct EditedProfile {
  Profile profile;
  int64_t left_out_weight = 0;  // of the stacks that were dropped
  int64_t left_out_cpu_ns = 0;
};
EditedProfile ApplyEdit(const Profile& profile, const StackEdit& edit);

/// `profile` as the text edits it: itself where that is not at all, else what is kept in `edited`.
/// REQUIRES: ParseEdit() takes the text; a fresh `edited`.
const Profile& Edited(const Profile& profile, const std::string& text, EditedProfile* edited);

/// In a unit of trees.
int64_t LeftOut(const EditedProfile& edited, TreeUnit unit);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_STACK_EDIT_H_
