// SPDX-License-Identifier: MIT
#include "questions.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "stacksampler/folded.h"
#include "store/store_dir.h"

namespace stacksampler::bench {
namespace {

using nlohmann::json;

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kQuarterS = 900;
constexpr int64_t kHourS = 3600;
constexpr int64_t kDayS = 24 * kHourS;
constexpr int64_t kMicrosecondsOfSample = 10'000;

// How often each is asked, of their sum.
constexpr int kShares[Questions::kKinds] = {40, 14, 10, 14, 2, 2, 4, 6, 6, 2};

int64_t Seconds(int64_t ns) { return ns / kSecondNs; }

std::string Range(const Span& span, const std::string& prefix = "") {
  return prefix + "from=" + std::to_string(Seconds(span.from_ns)) + "&" + prefix +
         "until=" + std::to_string(Seconds(span.until_ns));
}

std::string Differs(const std::string& what, int64_t answered, int64_t right) {
  if (answered == right) return "";
  return what + " is " + std::to_string(answered) + ", not " + std::to_string(right);
}

std::string DiffersInWarnings(const json& answer) {
  const auto found = answer.find("warnings");
  if (found == answer.end() || found->empty()) return "";
  return "warns: " + found->dump();
}

std::string DiffersInTotal(const json& answer, int64_t weight) {
  const std::string warned = DiffersInWarnings(answer);
  if (!warned.empty()) return warned;
  return Differs("total", answer.at("total").get<int64_t>(), weight * kMicrosecondsOfSample);
}

// One line for each stack whose weight differs, but the first is enough.
std::string FirstDifference(const std::map<std::string, int64_t>& answered,
                            const std::map<std::string, int64_t>& right) {
  for (const auto& [stack, weight] : right) {
    const auto found = answered.find(stack);
    if (found == answered.end() || found->second != weight) {
      return Differs("stack " + stack, found == answered.end() ? 0 : found->second, weight);
    }
  }
  return Differs("number of stacks", static_cast<int64_t>(answered.size()),
                 static_cast<int64_t>(right.size()));
}

std::map<std::string, int64_t> StacksOf(const std::string& folded) {
  std::map<std::string, int64_t> stacks;
  const Profile profile = DecodeFolded(folded).profile;
  for (const Sample& sample : profile.samples()) {
    std::string text;
    for (const FrameId frame : profile.StackFrames(sample.stack)) {
      text += (text.empty() ? "" : ";") + profile.FrameName(frame);
    }
    stacks[text] += sample.weight;
  }
  return stacks;
}

}  // namespace

const char* Questions::NameOf(Kind kind) {
  static constexpr const char* kNames[kKinds] = {"the last 15 minutes",
                                                 "an hour",
                                                 "-3hours to -2hours",
                                                 "one target, any range",
                                                 "an hour, by port",
                                                 "any range up to a day",
                                                 "a whole day",
                                                 "a comparison",
                                                 "an exported file, stack by stack",
                                                 "what went long ago (none)"};
  return kNames[kind];
}

Questions::Kind Questions::NextKind() {
  static const int sum = std::accumulate(std::begin(kShares), std::end(kShares), 0);
  auto at = static_cast<int>(Below(static_cast<uint64_t>(sum)));
  int kind = 0;
  while (at >= kShares[kind]) at -= kShares[kind++];
  return static_cast<Kind>(kind);
}

// Whole seconds, all of which are settled and still kept.
std::optional<Span> Questions::Any(const Kept& kept, int64_t least_s, int64_t most_s) {
  const int64_t first = Seconds(std::max(kept.windows_from_ns, start_ns_) + kSecondNs - 1);
  const int64_t last = Seconds(ledger_.SettledUntil());
  if (kept.windows_from_ns == INT64_MAX || last - first < least_s) return std::nullopt;
  const int64_t longest = std::min(most_s, last - first);
  const int64_t length =
      least_s + static_cast<int64_t>(Below(static_cast<uint64_t>(longest - least_s + 1)));
  const int64_t from =
      first + static_cast<int64_t>(Below(static_cast<uint64_t>(last - first - length + 1)));
  return Span{from * kSecondNs, (from + length) * kSecondNs};
}

std::optional<Question> Questions::Make(Kind kind, const Kept& kept) {
  const int64_t settled_s = Seconds(ledger_.SettledUntil());
  const Span latest{(settled_s - kQuarterS) * kSecondNs, settled_s * kSecondNs};
  if (latest.from_ns < std::max(start_ns_, kept.windows_from_ns)) return std::nullopt;
  const bool any_length = kind == kPort || kind == kOdd;
  const int64_t length_s = kind == kFolded || kind == kDiff ? kQuarterS : kHourS;
  const auto any = Any(kept, any_length ? 1 : length_s, any_length ? kDayS : length_s);
  const size_t target = Below(ports_.size());
  switch (kind) {
    case kQuarter:
      return Total(latest);
    case kRelative:
      return latest.from_ns - 4 * kHourS * kSecondNs < std::max(start_ns_, kept.windows_from_ns)
                 ? std::nullopt
                 : std::optional(Relative());
    case kDay:
      if (kept.days_ns.empty()) return std::nullopt;
      return Total(WholeDay(kept.days_ns[Below(kept.days_ns.size())]));
    case kGone:
      if (kept.nothing_until_ns == 0) return std::nullopt;
      return Question{
          "/api/v1/flame?width=100&" + Range({start_ns_, kept.nothing_until_ns - kSecondNs}),
          {{start_ns_, kept.nothing_until_ns - kSecondNs}},
          [](const std::string& body) { return DiffersInTotal(json::parse(body), 0); }};
    default:
      break;
  }
  if (!any) return std::nullopt;
  if (kind == kPort) return OfPort(*any, target);
  if (kind == kPorts) return OfEachPort(*any);
  if (kind == kDiff) return Diff(*any, latest);
  if (kind == kFolded) return Folded(*any, target);
  return Total(*any);
}

Question Questions::Total(const Span& span) const {
  return {"/api/v1/flame?width=100&" + Range(span), {span}, [this, span](const auto& body) {
            return DiffersInTotal(json::parse(body), ledger_.Weight(span));
          }};
}

Question Questions::OfPort(const Span& span, size_t target) const {
  return {"/api/v1/flame?width=100&port=" + std::to_string(ports_[target]) + "&" + Range(span),
          {span},
          [this, span, target](const auto& body) {
            return DiffersInTotal(json::parse(body), ledger_.Weight(target, span));
          }};
}

// Which range that was the answer tells. All of it was settled before it was asked for.
Question Questions::Relative() const {
  return {"/api/v1/flame?width=100&from=-3hours&until=-2hours", {}, [this](const auto& body) {
            const json answer = json::parse(body);
            const json& range = answer.at("range");
            const auto moment = [&](const char* end) {
              return std::stoll(range.at(end).at("ns").get<std::string>());
            };
            const Span span{moment("from"), moment("until")};
            // The targets were late: nobody can say.
            if (span.until_ns > ledger_.SettledUntil()) return std::string();
            return DiffersInTotal(answer, ledger_.Weight(span));
          }};
}

// Without the frames: the tree of five hundred targets with theirs would take 150 MB at each
// question, and whether anything else grows could not be seen.
Question Questions::OfEachPort(const Span& span) const {
  return {"/api/v1/top?limit=1&by=port&edit=hide~.&" + Range(span),
          {span},
          [this, span](const auto& body) {
            const json answer = json::parse(body);
            std::map<std::string, int64_t> totals;
            const json& groups = answer.at("groups");
            for (size_t i = 0; i < groups.at("names").size(); ++i) {
              totals[groups["names"][i].get<std::string>()] = groups.at("total")[i].get<int64_t>();
            }
            std::string wrong = DiffersInTotal(answer, ledger_.Weight(span));
            for (size_t target = 0; target < ports_.size(); ++target) {
              const std::string port = std::to_string(ports_[target]);
              if (!wrong.empty()) break;
              wrong = Differs("port " + port, totals[port],
                              ledger_.Weight(target, span) * kMicrosecondsOfSample);
            }
            return wrong;
          }};
}

Question Questions::Diff(const Span& base, const Span& current) const {
  return {"/api/v1/diff?width=100&limit=1&" + Range(current) + "&" + Range(base, "base_"),
          {base, current},
          [this, base, current](const auto& body) {
            const json answer = json::parse(body);
            const std::string wrong = DiffersInTotal(answer.at("base"), ledger_.Weight(base));
            return wrong.empty() ? DiffersInTotal(answer.at("current"), ledger_.Weight(current))
                                 : wrong;
          }};
}

Question Questions::Folded(const Span& span, size_t target) const {
  return {"/api/v1/export?format=folded&port=" + std::to_string(ports_[target]) + "&" + Range(span),
          {span},
          [this, span, target](const auto& body) {
            std::map<std::string, int64_t> right;
            ledger_.ForEachBody(target, span, [&](uint32_t id) {
              for (const auto& [text, weight] : bodies_.At(id).stacks) {
                right[bodies_.Text(text)] += weight;
              }
            });
            return FirstDifference(StacksOf(body), right);
          }};
}

}  // namespace stacksampler::bench
