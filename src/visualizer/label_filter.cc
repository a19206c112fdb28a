// SPDX-License-Identifier: MIT
#include "visualizer/label_filter.h"

namespace stacksampler::visualizer {
namespace {

std::optional<store::LabelMatch> ParseTerm(const std::string& term) {
  const size_t equals = term.find('=');
  if (equals == std::string::npos) return {};
  const bool negated = equals > 0 && term[equals - 1] == '!';
  const std::string key = term.substr(0, equals - (negated ? 1 : 0));
  if (key.empty()) return {};
  return store::LabelMatch{key, term.substr(equals + 1), negated};
}

/// Of the n-th term of a list.
size_t PlaceOf(const std::string& text, size_t n) {
  size_t place = 0;
  for (; n > 0; --n) place = text.find(';', place) + 1;
  return place;
}

void AddPlain(const http::Request& request, const std::string& parameter, const char* label,
              std::vector<store::LabelMatch>* matches) {
  const std::string value = request.Param(parameter);
  if (!value.empty()) matches->push_back({label, value, false});
}

}  // namespace

std::optional<BadRequest> ReadWhere(const http::Request& request, const std::string& name,
                                    std::vector<store::LabelMatch>* matches) {
  const std::string text = request.Param(name);
  const std::vector<std::string> terms = DecodePath(text);
  for (size_t i = 0; i < terms.size(); ++i) {
    auto match = ParseTerm(terms[i]);
    if (!match) {
      return BadRequest{name,
                        text,
                        "expected KEY=VALUE or KEY!=VALUE, joined by ';'",
                        PlaceOf(text, i),
                        {"thread=worker-1", "host=web-1;version!=2"}};
    }
    matches->push_back(*std::move(match));
  }
  return {};
}

std::optional<BadRequest> ReadFilters(const http::Request& request,
                                      std::vector<store::LabelMatch>* matches) {
  matches->clear();
  for (const char* label : kPlainLabels) AddPlain(request, label, label, matches);
  return ReadWhere(request, "where", matches);
}

std::optional<BadRequest> ReadBaseFilters(const http::Request& request,
                                          std::vector<store::LabelMatch>* matches, bool* given) {
  matches->clear();
  const auto parameter_of = [&](const std::string& name) {
    const bool own = request.HasParam("base_" + name);
    *given = *given || own;
    return own ? "base_" + name : name;
  };
  for (const char* label : kPlainLabels) AddPlain(request, parameter_of(label), label, matches);
  return ReadWhere(request, parameter_of("where"), matches);
}

}  // namespace stacksampler::visualizer
