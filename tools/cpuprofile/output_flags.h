// SPDX-License-Identifier: MIT
//
// Purpose: the options that all subcommands have, and how a format is asked for.
// Thread safety: main thread.
// Signal safety: none.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_OUTPUT_FLAGS_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_OUTPUT_FLAGS_H_

#include <optional>
#include <string>
#include <vector>

#include "cpuprofile/output.h"
#include "profile/file_format.h"

namespace CLI {
class App;
}

namespace stacksampler::cpuprofile {

/// The names of all formats, or of those that can be read.
std::vector<std::string> FormatNames(bool readable_only);
/// `format` must live as long as the parser.
void AddFormat(CLI::App* app, const char* name, std::optional<FileFormat>* format, const char* help,
               const std::vector<std::string>& names);

/// -o, --to and --thread. Must live as long as the parser.
struct OutputFlags {
  std::string path;
  std::optional<FileFormat> format;
  std::string thread;

  OutputFlags(CLI::App* app, const std::string& standard_path,
              const std::string& dash = "- for standard output");
};

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_OUTPUT_FLAGS_H_
