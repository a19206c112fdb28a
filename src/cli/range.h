// SPDX-License-Identifier: MIT
//
// Purpose: a range of time that was given as options: --from, --until and --tz.
// Thread safety: free functions.
// Errors: kInvalidArgument names the option, what does not fit, and of a zone what would.
#ifndef STACKSAMPLER_CLI_RANGE_H_
#define STACKSAMPLER_CLI_RANGE_H_

#include <cstdint>
#include <string>

#include "stacksampler/status.h"

namespace CLI {
class App;
}

namespace stacksampler::cli {

/// As it was written: "-15minutes", "yesterday", ISO 8601; "" is no bound.
struct RangeWords {
  std::string from;
  std::string until;
  std::string zone = "UTC";
};

/// Adds the options, which say what there is without them. `words` must outlive the parsing.
void AddRange(CLI::App* app, RangeWords* words);

/// Leaves alone what has no bound. Both ends count from the same moment.
Status ReadRange(const RangeWords& words, int64_t* from_ns, int64_t* until_ns);

}  // namespace stacksampler::cli

#endif  // STACKSAMPLER_CLI_RANGE_H_
