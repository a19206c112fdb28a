// SPDX-License-Identifier: MIT
//
// Purpose: folded stacks, the text form "root;caller;leaf 17" that flamegraph.pl, the original
//   stacksampler and people read. The LAST space of a line splits it: most C++ names hold spaces.
// Thread safety: free functions over their arguments.
// Signal safety: none.
// Errors: the reader never drops a line silently: it counts it and keeps where the first ones
//   stand.
// Source: https://github.com/brendangregg/FlameGraph#2-fold-stacks
#ifndef STACKSAMPLER_FOLDED_H_
#define STACKSAMPLER_FOLDED_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stacksampler/export.h"
#include "stacksampler/profile.h"

namespace stacksampler {

struct FoldedOptions {
  /// First lines "elapsed <seconds>" and "granularity <seconds>", as the original prints them.
  /// granularity is the period; elapsed is end_ns - start_ns.
  bool headers = false;
  /// Puts this label's value as the root frame ("" = none); samples without the label get "[no
  /// <label>]".
  std::string root_label = {};
  /// Whole declarations, with parameters and all template arguments, instead of shown names, where
  /// the linker's name is known.
  bool full_names = false;
  /// Only the heaviest lines, as many and as long together as this; the weight of all others stands
  /// in a last line "[omitted] N", so that the sum stays the whole.
  size_t max_lines = SIZE_MAX;
  size_t max_bytes = SIZE_MAX;
};

inline constexpr std::string_view kOmittedFrame = "[omitted]";

/// Lines by falling weight, ties by name. In frame names ';' becomes ':', control characters and
/// newlines a space.
STACKSAMPLER_EXPORT std::string EncodeFolded(const Profile& profile,
                                             const FoldedOptions& options = {});

struct FoldedError {
  uint64_t line = 0;  // 1-based
  std::string reason;
};

/// What a text says beside its samples.
struct FoldedReport {
  double elapsed_seconds = 0;             // from "elapsed", 0 without it
  uint64_t malformed_lines = 0;           // counted, not in the profile
  std::vector<FoldedError> first_errors;  // at most kMaxFoldedErrors
};

struct FoldedDocument : FoldedReport {
  Profile profile;  // period_ns from "granularity", 0 without it
};

inline constexpr size_t kMaxFoldedErrors = 8;

/// Accepts text with and without its two header lines (one alone is a stack), "\r\n", a missing
/// last newline and blank lines. A count is a non-negative integer below 2^63.
STACKSAMPLER_EXPORT FoldedDocument DecodeFolded(std::string_view text);

/// A frame name as it may stand between ';' on one line. Pure.
STACKSAMPLER_EXPORT std::string EscapeFoldedFrame(std::string_view name);

}  // namespace stacksampler

#endif  // STACKSAMPLER_FOLDED_H_
