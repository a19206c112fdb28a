// SPDX-License-Identifier: MIT
#include "generator.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace stacksampler::bench {
namespace {

constexpr size_t kFrames = 1500;
constexpr size_t kDrawsOfWindow = 620;
constexpr size_t kGuideParts = 4096;  // a power of two: its parts are exact
constexpr uint64_t kLeastDepth = 22;
constexpr uint64_t kDepths = 19;

// Not std::uniform_int_distribution: each library has its own.
uint64_t Below(std::mt19937_64* random, uint64_t limit) { return (*random)() % limit; }
double Unit(std::mt19937_64* random) {
  return static_cast<double>((*random)() >> 11) / static_cast<double>(uint64_t{1} << 53);
}

// A sum of twelve is near enough to a normal distribution.
double Normal(std::mt19937_64* random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += Unit(random);
  return sum;
}

}  // namespace

Generator::Generator() {
  for (size_t i = 0; i < kFrames; ++i) frames_.push_back(NewFrame());
  for (uint32_t i = 0; i < kStacks; ++i) {
    stacks_.push_back(NewStack());
    folded_.emplace_back();
    Fold(i);
  }
}

std::string Generator::NewFrame() {
  static constexpr const char* kForms[] = {
      "service::handlers::Request<proto::Message%, std::vector<int, std::allocator<int> > "
      ">::run(int)",
      "(anonymous namespace)::Parser%::parse(std::basic_string_view<char>, bool) const",
      "std::function<void (net::Connection&)>::operator()(net::Connection&) const [with T%]",
      "storage::Index%::lookup<std::pair<unsigned long, unsigned long> >(Key "
      "const&)::{lambda()#1}"};
  std::string name = kForms[Below(&random_, std::size(kForms))];
  return name.replace(name.find('%'), 1, std::to_string(Below(&random_, 1'000'000)));
}

// The upper part of another stack, and then frames of its own: about 15 new nodes each.
std::vector<uint32_t> Generator::NewStack() {
  std::vector<uint32_t> stack;
  const size_t depth = kLeastDepth + Below(&random_, kDepths);
  if (!stacks_.empty()) {
    stack = stacks_[Below(&random_, stacks_.size())];
    stack.resize(std::min(stack.size(), Below(&random_, depth)));
  }
  while (stack.size() < depth) {
    stack.push_back(static_cast<uint32_t>(Below(&random_, frames_.size())));
  }
  return stack;
}

void Generator::Fold(uint32_t stack) {
  std::string text;
  for (const uint32_t frame : stacks_[stack]) text += (text.empty() ? "" : ";") + frames_[frame];
  folded_[stack] = std::move(text);
}

void Generator::Deploy() {
  const uint64_t first = Below(&random_, 3);
  for (auto i = static_cast<uint32_t>(first); i < kStacks; i += 3) {
    frames_.push_back(NewFrame());
    stacks_[i][stacks_[i].size() / 2] = static_cast<uint32_t>(frames_.size() - 1);
    Fold(i);
  }
}

Generator::Chances Generator::NewChances() {
  Chances chances;
  double sum = 0;
  for (size_t rank = 1; rank <= kStacks; ++rank) {
    sum += std::exp(Normal(&random_)) / static_cast<double>(rank);
    chances.sums.push_back(sum);
  }
  const auto& sums = chances.sums;
  for (size_t part = 0; part < kGuideParts; ++part) {
    const double at = static_cast<double>(part) / kGuideParts * sum;
    const auto it = std::upper_bound(sums.begin(), sums.end() - 1, at);
    chances.guide.push_back(static_cast<uint16_t>(it - sums.begin()));
  }
  return chances;
}

uint32_t Generator::StackAt(const Chances& chances, double unit) {
  const double at = unit * chances.sums.back();
  uint32_t stack = chances.guide[static_cast<size_t>(unit * kGuideParts)];
  while (stack < kStacks - 1 && chances.sums[stack] <= at) ++stack;
  return stack;
}

Draws Generator::Draw(size_t process) {
  while (chances_.size() <= process) chances_.push_back(NewChances());
  std::array<uint16_t, kStacks> weights = {};
  for (size_t i = 0; i < kDrawsOfWindow; ++i) {
    ++weights[StackAt(chances_[process], Unit(&random_))];
  }
  Draws draws;
  for (uint32_t stack = 0; stack < kStacks; ++stack) {
    if (weights[stack] != 0) draws.emplace_back(stack, weights[stack]);
  }
  return draws;
}

StackId Generator::Intern(uint32_t stack, Profile* profile) const {
  StackId at = 0;
  for (const uint32_t frame : stacks_[stack]) {
    at = profile->InternStack(at, profile->InternFrame(frames_[frame]));
  }
  return at;
}

Profile Generator::ProfileOf(const Draws& draws) const {
  Profile profile;
  profile.period_ns = 10'000'000;
  std::vector<FrameId> ids(frames_.size(), UINT32_MAX);
  for (const auto& [stack, weight] : draws) {
    StackId at = 0;
    for (const uint32_t frame : stacks_[stack]) {
      if (ids[frame] == UINT32_MAX) ids[frame] = profile.InternFrame(frames_[frame]);
      at = profile.InternStack(at, ids[frame]);
    }
    profile.AddSample(at, 0, weight, weight * profile.period_ns);
  }
  return profile;
}

std::string Generator::FoldedOf(const Draws& draws) const {
  std::string text = "elapsed 60\ngranularity 0.01\n";
  for (const auto& [stack, weight] : draws) {
    text.append(folded_[stack]).append(" ").append(std::to_string(weight)).append("\n");
  }
  return text;
}

}  // namespace stacksampler::bench
