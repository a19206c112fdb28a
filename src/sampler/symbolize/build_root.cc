// SPDX-License-Identifier: MIT
#include "sampler/symbolize/build_root.h"

#include <algorithm>
#include <filesystem>

#include "base/home_path.h"

namespace stacksampler::symbolize {
namespace {

// What many programs have files below, whoever built them.
constexpr std::string_view kNoRoots[] = {"", "/", "/usr/"};

// Only where it has to: it takes a dozen allocations.
std::string Normal(std::string_view path) {
  if (path.find("/.") == std::string_view::npos && path.find("//") == std::string_view::npos) {
    return std::string(path);
  }
  return std::filesystem::path(path).lexically_normal().string();
}

std::string DirectoryOf(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

}  // namespace

void BuildRoot::AddUnit(std::string_view directory, std::string_view source) {
  if (directory.substr(0, 1) != "/") return;
  const std::string in = std::string(directory) + '/';
  Add(Normal(in));
  if (source.empty()) return;
  const std::string name(source);
  Add(DirectoryOf(Normal(name.front() == '/' ? name : in + name)));
}

void BuildRoot::Add(std::string directory) {
  if (root_.empty()) {
    root_ = std::move(directory);
    return;
  }
  const auto differs =
      std::mismatch(root_.begin(), root_.end(), directory.begin(), directory.end());
  root_ = DirectoryOf(std::string(root_.begin(), differs.first));
}

std::string BuildRoot::Without(std::string_view file) const {
  std::string path = Normal(file);
  const std::string without_home = WithoutHomes(path);
  const bool is_root =
      std::find(std::begin(kNoRoots), std::end(kNoRoots), root_) == std::end(kNoRoots);
  if (is_root && path.compare(0, root_.size(), root_) == 0) path.erase(0, root_.size());
  // Two users' home directories have a root above both.
  return path.size() < without_home.size() ? path : without_home;
}

}  // namespace stacksampler::symbolize
