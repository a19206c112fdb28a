// SPDX-License-Identifier: MIT
//
// Purpose: the source file of a function, with what its lines cost.
// Shapes: self and total stand on the lines that the frames have: those on which their functions
//   begin or, of samplers with running_lines, those that ran. A stack counts once in a line's
//   total.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none: where the source is not to be had, the answer says why.
#ifndef STACKSAMPLER_VISUALIZER_SOURCE_VIEW_H_
#define STACKSAMPLER_VISUALIZER_SOURCE_VIEW_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "stacksampler/profile.h"
#include "visualizer/query.h"
#include "visualizer/source_files.h"

namespace stacksampler::visualizer {

struct LineCost {
  int64_t self = 0;  // in the profile's unit of trees
  int64_t total = 0;
  std::set<std::string> names;
};

/// The files that frames of that name were recorded with, the one with the most time first.
std::vector<std::string> FilesOf(const Profile& profile, const std::string& function);

/// By line; line 0 is not known.
std::map<uint32_t, LineCost> CostByLine(const Profile& profile, const std::string& file);

std::string SourceJson(const Profile& profile, const SourceQuery& query, const SourceFiles& files);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_SOURCE_VIEW_H_
