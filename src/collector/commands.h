// SPDX-License-Identifier: MIT
//
// Purpose: the collector's subcommands, which work on a store and poll nobody.
// Thread safety: call from main().
// Signal safety: none.
// Errors: Run() answers with what went wrong; wrong words and what is only incomplete it prints
//   itself, and answers with the exit code.
#ifndef STACKSAMPLER_COLLECTOR_COMMANDS_H_
#define STACKSAMPLER_COLLECTOR_COMMANDS_H_

#include <string>

#include "cli/range.h"
#include "stacksampler/status.h"

namespace CLI {
class App;
}

namespace stacksampler::collector {

class Commands {
 public:
  /// Adds import, export and check to the command line; `dbpath` is the value of the option that it
  /// has already. Must outlive the parsing.
  Commands(CLI::App* app, std::string* dbpath);

  /// One of them was asked for.
  [[nodiscard]] bool chosen() const;
  /// Does it, and gives the exit code.
  Result<int> Run();

 private:
  Result<int> Import();
  Result<int> Export();
  Result<int> Check();
  Result<int> Repair();

  CLI::App* import_;
  CLI::App* export_;
  CLI::App* check_;
  const std::string& dbpath_;
  std::string old_path_;
  std::string out_path_;
  std::string checked_dir_;
  bool repair_ = false;
  cli::RangeWords range_;
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_COMMANDS_H_
