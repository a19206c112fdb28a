// SPDX-License-Identifier: MIT
#include "cpuprofile/extract_command.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "cpuprofile/commands.h"

namespace stacksampler::cpuprofile {
namespace {

constexpr char kExtractExample[] =
    "Example:\n"
    "  cpuprofile extract --store /var/lib/stackcollector/db --label host=web-1 -o web-1.pb.gz\n"
    "The password of clickhouse:// is read from the file that STACKCOLLECTOR_STORE_PASSWORD_FILE\n"
    "names, or from STACKCOLLECTOR_STORE_PASSWORD.";

}  // namespace

ExtractCommand::ExtractCommand(CLI::App* app) : output_(app, "-") {
  app->footer(kExtractExample);
  app->add_option("--store", store_, "Directory, or clickhouse://[user@]host:port/database")
      ->required()
      ->type_name("STORE");
  cli::AddRange(app, &range_);
  app->add_option("--label", labels_,
                  "NAME=VALUE or NAME!=VALUE; of several values of one name any")
      ->type_name("MATCH")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Status ExtractCommand::Check() {
  auto output = ChooseOutput(output_.path, output_.format, FileFormat::kFolded);
  if (!output.ok()) return output.status();
  options_.output = *std::move(output);
  options_.thread = output_.thread;
  auto place = ParseStorePlace(store_);
  if (!place.ok()) return place.status();
  options_.store = *std::move(place);
  options_.query.keep_labels = true;
  for (const std::string& label : labels_) {
    auto match = ParseLabelMatch(label);
    if (!match.ok()) return match.status();
    options_.query.matches.push_back(*std::move(match));
  }
  return cli::ReadRange(range_, &options_.query.from_ns, &options_.query.until_ns);
}

Result<int> ExtractCommand::Run() const {
  const Result<bool> whole = Extract(options_);
  if (!whole.ok()) return whole.status();
  return *whole ? kExitDone : kExitFailed;
}

}  // namespace stacksampler::cpuprofile
