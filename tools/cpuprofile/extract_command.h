// SPDX-License-Identifier: MIT
//
// Purpose: the command line of `cpuprofile extract`.
// Thread safety: main thread.
// Errors: kInvalidArgument for words that do not fit.
#ifndef STACKSAMPLER_TOOLS_CPUPROFILE_EXTRACT_COMMAND_H_
#define STACKSAMPLER_TOOLS_CPUPROFILE_EXTRACT_COMMAND_H_

#include <string>
#include <vector>

#include "cli/range.h"
#include "cpuprofile/extract.h"
#include "cpuprofile/output_flags.h"

namespace stacksampler::cpuprofile {

class ExtractCommand {
 public:
  /// Must live as long as the parser.
  explicit ExtractCommand(CLI::App* app);
  /// Reads the words.
  Status Check();
  [[nodiscard]] Result<int> Run() const;

 private:
  OutputFlags output_;
  std::string store_;
  cli::RangeWords range_ = {"-15minutes", "now"};
  std::vector<std::string> labels_;
  ExtractOptions options_;
};

}  // namespace stacksampler::cpuprofile

#endif  // STACKSAMPLER_TOOLS_CPUPROFILE_EXTRACT_COMMAND_H_
