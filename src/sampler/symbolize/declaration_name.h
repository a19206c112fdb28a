// SPDX-License-Identifier: MIT
//
// Purpose: the name in a declaration as the demangler prints it,
//   [return type ]scope::name<args>(parameters)[ const][ &][ requires ...]
//   where a scope may be a whole function declaration itself, "f(int)::local", and a return type
//   may stand around the name as in C, "void (*f<int>(int))(char)".
// Thread safety: pure.
// Signal safety: not async-signal-safe.
// Errors: "" for what holds no name.
#ifndef STACKSAMPLER_SAMPLER_SYMBOLIZE_DECLARATION_NAME_H_
#define STACKSAMPLER_SAMPLER_SYMBOLIZE_DECLARATION_NAME_H_

#include <string>
#include <string_view>

namespace stacksampler::symbolize {

/// Scopes, name and template arguments alone.
std::string DeclarationName(std::string_view declaration);

}  // namespace stacksampler::symbolize

#endif  // STACKSAMPLER_SAMPLER_SYMBOLIZE_DECLARATION_NAME_H_
