// SPDX-License-Identifier: MIT
//
// Purpose: what of a target's names and paths may not be stored, taken out before the store sees
//   it: home directories always, a build-id that is no number, and what the rules of --redact say.
// Shapes: a rule is PREFIX=REPLACEMENT, for texts that begin with PREFIX, or ~REGEX=REPLACEMENT
//   (RE2; \1 is a group) for every match. The last '=' counts. Rules apply one after the other to
//   names of functions, modules, source files, keys and values of labels, and to the path of a unix
//   socket; not to host and port, which are the collector's own words. A linker's name goes where a
//   rule fits it, its declaration or the shown name.
// Thread safety: const members of a Redactor from several threads; a Redaction in one at a time.
// Signal safety: none.
// Errors: kInvalidArgument names the rule and what is wrong with it.
#ifndef STACKSAMPLER_COLLECTOR_REDACT_H_
#define STACKSAMPLER_COLLECTOR_REDACT_H_

#include <cstddef>
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
  [[nodiscard]] bool has_rules() const { return !rules_.empty(); }

 private:
  struct Rule;
  std::vector<Rule> rules_;
};

/// A profile as it may be stored, kept up while the profile grows and gets other samples.
class Redaction {
 public:
  /// Both must outlive it. REQUIRES: all in `from` but its samples was made by interning.
  Redaction(const Redactor& redactor, Profile* from) : redactor_(redactor), from_(*from) {}

  /// What of `from` may be stored: `from` itself while there is nothing to take out; from then on
  /// always another one, with the same samples, in which stacks that read alike are one.
  Profile* Update();
  /// The timeline of `from`, in the ids of what Update() gave.
  [[nodiscard]] std::vector<TimedSample> Times() const;
  /// The other one; empty while there is none.
  [[nodiscard]] const Profile& made_anew() const { return to_; }

 private:
  bool AnyNewHome();
  bool AnyNewTextForBuildId();
  void CopyNew();
  FrameId CopyFrame(Frame frame);
  [[nodiscard]] bool IsSame(StringId text) const;
  [[nodiscard]] bool MayTell(const std::string& mangled) const;
  LabelSetId CopyLabels(Labels labels);

  const Redactor& redactor_;
  Profile& from_;
  bool changes_ = false;
  size_t strings_seen_ = 0;     // without a home
  size_t label_sets_seen_ = 0;  // without a home
  size_t mappings_seen_ = 0;    // whose build-id is none but hex digits
  Profile to_;
  // By the ids of `from_`.
  std::vector<StringId> strings_;
  std::vector<FrameId> frames_;
  std::vector<StackId> stacks_ = {0};
  std::vector<LabelSetId> label_sets_;
};

}  // namespace stacksampler::collector

#endif  // STACKSAMPLER_COLLECTOR_REDACT_H_
