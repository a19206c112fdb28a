// SPDX-License-Identifier: MIT
#include "cpuprofile/output_flags.h"

#include <CLI/CLI.hpp>

namespace stacksampler::cpuprofile {

std::vector<std::string> FormatNames(bool readable_only) {
  std::vector<std::string> names;
  for (const FileFormat format : kFileFormats) {
    if (!readable_only || IsReadable(format)) names.emplace_back(FileFormatName(format));
  }
  return names;
}

void AddFormat(CLI::App* app, const char* name, std::optional<FileFormat>* format, const char* help,
               const std::vector<std::string>& names) {
  app->add_option_function<std::string>(
         name, [format](const std::string& text) { *format = FileFormatFromName(text); }, help)
      ->check(CLI::IsMember(names));
}

OutputFlags::OutputFlags(CLI::App* app, const std::string& standard_path, const std::string& dash)
    : path(standard_path) {
  app->add_option("-o,--output", path, "File to write, " + dash + " (" + path + ")")
      ->type_name("OUT");
  AddFormat(app, "--to", &format, "Format of OUT (its extension tells)", FormatNames(false));
  app->add_option("--thread", thread, "Keep the threads of this name only")->type_name("NAME");
}

}  // namespace stacksampler::cpuprofile
