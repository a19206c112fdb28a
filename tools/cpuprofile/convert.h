// SPDX-License-Identifier: MIT
//
// Purpose: `cpuprofile convert`: a profile from one file format into another.
// Errors: name the file and what is wrong with it; what was left out is said on stderr.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_CONVERT_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_CONVERT_H_

#include <optional>
#include <string>

#include "cpuprofile/output.h"
#include "profile/file_format.h"
#include "stacksampler/status.h"

namespace stacksampler::cpuprofile {

struct ConvertOptions {
  std::string input;  // "-" = standard input
  Output output;
  std::optional<FileFormat> from;  // default: the content tells
  std::string thread;              // "" = all
};

Status Convert(const ConvertOptions& options);

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_CONVERT_H_
