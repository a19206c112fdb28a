// SPDX-License-Identifier: MIT
//
// Purpose: what of a target's names and paths may not be stored, taken out before the store sees
//   it: home directories always, and what the rules of --redact say.
// Shapes: a rule is PREFIX=REPLACEMENT, for texts that begin with PREFIX, or ~REGEX=REPLACEMENT
//   (RE2; \1 is a group) for every match. The last '=' counts. Rules apply one after the other to
//   names of functions, modules, source files and values of labels; not to host and port, which are
//   the collector's own words. A linker's name goes where a rule fits it, its declaration or the
//   shown name.
// Thread safety: const members from several threads.
// Signal safety: none.
// Errors: kInvalidArgument names the rule and what is wrong with it.
#ifndef STACKSAMPLER_COLLECTOR_REDACT_H_
#define STACKSAMPLER_COLLECTOR_REDACT_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stacksampler/profile.h"
#include "stacksampler/status.h"

namespace stacksampler::collector {

class Redactor {
 public:
  /// Takes out home directories alone.
  Redactor();
  static Result<Redactor> Of(const std::vector<std::string>& rules);
  ~Redactor();
  Redactor(Redactor&&) noexcept;
  Redactor& operator=(Redactor&&) noexcept;

  [[nodiscard]] std::string Text(std::string_view text) const;
  /// The same samples; stacks that read alike now are one. REQUIRES: a valid profile.
  [[nodiscard]] Profile Apply(Profile profile) const;

 private:
  struct Rule;
  std::vector<Rule> rules_;
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_REDACT_H_
