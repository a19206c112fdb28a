// SPDX-License-Identifier: MIT
//
// Purpose: messages of mistakes on a command line that name the word and the way out: the option or
//   command that was meant, the range that a number must have.
// Thread safety: free functions.
// Signal safety: none.
// Errors: none.
#ifndef STACKSAMPLER_CLI_SUGGEST_H_
#define STACKSAMPLER_CLI_SUGGEST_H_

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace stacksampler::cli {

/// The candidate that is `word` but for a few slips of the keyboard; empty when none is.
std::string Nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "--port: no such option of collector; did you mean --ports?"
std::string UnknownWord(const CLI::App& app, const std::string& word);

/// What `app` could not parse, and where help is.
std::string UsageMessage(const CLI::App& app, const CLI::ParseError& error);

/// A check of an option: a number from `low` to `high`, else "`hint`, from LOW to HIGH".
CLI::Validator NumberFrom(double low, double high, const std::string& hint);

}  // namespace stacksampler::cli

#endif  // STACKSAMPLER_CLI_SUGGEST_H_
