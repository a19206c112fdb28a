// SPDX-License-Identifier: MIT
#include "collector/redact.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/demangle.h"
#include "base/home_path.h"

namespace stacksampler::collector {

struct Redactor::Rule {
  std::string prefix;
  std::unique_ptr<re2::RE2> regex;  // in place of `prefix`
  std::string replacement;

  void Apply(std::string* text) const {
    if (regex != nullptr) {
      re2::RE2::GlobalReplace(text, *regex, replacement);
    } else if (text->compare(0, prefix.size(), prefix) == 0) {
      text->replace(0, prefix.size(), replacement);
    }
  }
};

namespace {

// A linker's is a number; what is none may be any text.
bool IsBuildId(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

Status BadRule(const std::string& rule, const std::string& what) {
  return {StatusCode::kInvalidArgument,
          "--redact '" + rule + "': " + what +
              "; write PREFIX=REPLACEMENT or ~REGEX=REPLACEMENT, for example "
              "/srv/build/= or ~customer_[a-z]+=customer"};
}

Result<std::unique_ptr<re2::RE2>> RegexOf(const std::string& rule, const std::string& pattern,
                                          const std::string& replacement) {
  auto regex = std::make_unique<re2::RE2>(pattern, re2::RE2::Quiet);
  if (!regex->ok()) return BadRule(rule, "no regular expression: " + regex->error());
  std::string error;
  if (!regex->CheckRewriteString(replacement, &error)) return BadRule(rule, error);
  return regex;
}

}  // namespace

Redactor::Redactor() = default;
Redactor::~Redactor() = default;
Redactor::Redactor(Redactor&&) noexcept = default;
Redactor& Redactor::operator=(Redactor&&) noexcept = default;

Result<Redactor> Redactor::Of(const std::vector<std::string>& rules) {
  Redactor redactor;
  for (const std::string& text : rules) {
    const size_t equals = text.rfind('=');
    if (equals == std::string::npos) return BadRule(text, "it has no '='");
    Rule rule{text.substr(0, equals), nullptr, text.substr(equals + 1)};
    if (rule.prefix.empty() || rule.prefix == "~") return BadRule(text, "nothing before '='");
    if (rule.prefix.front() == '~') {
      auto regex = RegexOf(text, rule.prefix.substr(1), rule.replacement);
      if (!regex.ok()) return regex.status();
      rule.regex = *std::move(regex);
    }
    redactor.rules_.push_back(std::move(rule));
  }
  return redactor;
}

std::string Redactor::Text(std::string_view text) const {
  std::string out(text);
  for (const Rule& rule : rules_) rule.Apply(&out);
  return WithoutHomes(out);
}

Profile* Redaction::Update() {
  changes_ = changes_ || redactor_.has_rules() || AnyNewHome() || AnyNewTextForBuildId();
  if (!changes_) return &from_;
  CopyNew();
  to_.ClearSamples();
  to_.start_ns = from_.start_ns;
  to_.end_ns = from_.end_ns;
  to_.period_ns = from_.period_ns;
  for (const Sample& sample : from_.samples()) {
    to_.AddSample(stacks_[sample.stack], label_sets_[sample.labels], sample.weight, sample.cpu_ns);
  }
  return &to_;
}

std::vector<TimedSample> Redaction::Times() const {
  std::vector<TimedSample> times = from_.timeline();
  if (!changes_) return times;
  for (TimedSample& timed : times) {
    timed.stack = stacks_[timed.stack];
    timed.labels = label_sets_[timed.labels];
  }
  return times;
}

// Seldom: our sampler leaves homes out.
bool Redaction::AnyNewHome() {
  const auto& strings = from_.strings();
  const auto& sets = from_.label_sets();
  const auto in_label = [](const Label& label) {
    return HasHome(label.first) || HasHome(label.second);
  };
  for (; strings_seen_ < strings.size(); ++strings_seen_) {
    if (HasHome(*strings[strings_seen_])) return true;
  }
  for (; label_sets_seen_ < sets.size(); ++label_sets_seen_) {
    const Labels& labels = sets[label_sets_seen_];
    if (std::any_of(labels.begin(), labels.end(), in_label)) return true;
  }
  return false;
}

bool Redaction::AnyNewTextForBuildId() {
  const auto& mappings = from_.mappings();
  for (; mappings_seen_ < mappings.size(); ++mappings_seen_) {
    if (!IsBuildId(from_.String(mappings[mappings_seen_].build_id))) return true;
  }
  return false;
}

// Everything but the samples' weights is made anew out of redacted texts.
void Redaction::CopyNew() {
  for (size_t i = strings_.size(); i < from_.strings().size(); ++i) {
    strings_.push_back(to_.InternString(redactor_.Text(*from_.strings()[i])));
  }
  for (size_t i = frames_.size(); i < from_.frames().size(); ++i) {
    frames_.push_back(CopyFrame(from_.frames()[i]));
  }
  for (size_t i = stacks_.size(); i < from_.stacks().size(); ++i) {
    const StackNode& node = from_.stacks()[i];
    stacks_.push_back(to_.InternStack(stacks_[node.parent], frames_[node.frame]));
  }
  for (size_t i = label_sets_.size(); i < from_.label_sets().size(); ++i) {
    label_sets_.push_back(CopyLabels(from_.label_sets()[i]));
  }
}

FrameId Redaction::CopyFrame(Frame frame) {
  const Mapping& mapping = from_.mappings()[frame.mapping];
  const bool keeps_mangled = IsSame(frame.name) && MayTell(from_.String(frame.mangled_name));
  const std::string& build_id = from_.String(mapping.build_id);
  frame.mapping =
      to_.InternMapping(to_.String(strings_[mapping.module]), IsBuildId(build_id) ? build_id : "");
  frame.mangled_name = keeps_mangled ? strings_[frame.mangled_name] : 0;
  frame.name = strings_[frame.name];
  frame.file = strings_[frame.file];
  return to_.InternFrame(frame);
}

bool Redaction::IsSame(StringId text) const {
  return to_.String(strings_[text]) == from_.String(text);
}

// A shown name may have been shortened by what the linker's still says.
bool Redaction::MayTell(const std::string& mangled) const {
  const std::string full = FullName(mangled);
  return redactor_.Text(mangled) == mangled && redactor_.Text(full) == full;
}

LabelSetId Redaction::CopyLabels(Labels labels) {
  for (auto& [key, value] : labels) {
    key = redactor_.Text(key);
    value = redactor_.Text(value);
  }
  return to_.InternLabels(std::move(labels));
}

}  // namespace stacksampler::collector
