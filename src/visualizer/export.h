// SPDX-License-Identifier: MIT
//
// Purpose: the range as a file for other tools.
// Shapes: labels of samples are kept where the format has them; the label grouped by becomes the
//   root frame of folded stacks. Only what lies below the query's root is in the file.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_VISUALIZER_EXPORT_H_
#define STACKSAMPLER_VISUALIZER_EXPORT_H_

#include "http/server.h"
#include "stacksampler/profile.h"
#include "visualizer/query.h"

namespace stacksampler::visualizer {

/// 200 with the file as an attachment. REQUIRES: `profile` holds its samples' labels.
http::Response ExportFile(const Profile& profile, const ExportQuery& query);

}  // namespace stacksampler::visualizer

#endif  // STACKSAMPLER_VISUALIZER_EXPORT_H_
