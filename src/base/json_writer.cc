// SPDX-License-Identifier: MIT
#include "base/json_writer.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "base/defence.h"
#include "base/utf8.h"

namespace stacksampler {
namespace {

void AppendEscaped(uint32_t code_point, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  *out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) *out += kHex[(code_point >> shift) & 15];
}

bool IsMarkup(uint32_t c) { return c == '<' || c == '>' || c == '&'; }

bool NeedsEscape(uint32_t c) {
  return c < 0x20 || c == 0x7f || c == 0x2028 || c == 0x2029 ||
         (IsMarkup(c) && Stands(Defence::kMarkup));
}

// What most text is: nothing in it needs a look.
bool IsPlain(unsigned char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && !IsMarkup(c);
}

size_t PlainPrefix(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && IsPlain(static_cast<unsigned char>(text[length]))) ++length;
  return length;
}

void AppendCodePoint(std::string_view text, size_t* place, std::string* out) {
  const size_t begin = *place;
  const uint32_t c = NextCodePoint(text, place);
  if (c == '"' || c == '\\') {
    *out += '\\';
    *out += static_cast<char>(c);
  } else if (NeedsEscape(c)) {
    AppendEscaped(c, out);
  } else if (c == kInvalidCodePoint) {
    *out += kReplacementUtf8;
  } else {
    out->append(text, begin, *place - begin);
  }
}

template <typename Number>
void AppendNumber(Number value, std::string* out) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out->append(buffer, end);
}

}  // namespace

void JsonWriter::Separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_element_.empty()) return;
  if (has_element_.back()) out_ += ',';
  has_element_.back() = true;
}

void JsonWriter::Open(char bracket) {
  Separate();
  out_ += bracket;
  has_element_.push_back(false);
}

void JsonWriter::Close(char bracket) {
  out_ += bracket;
  has_element_.pop_back();
}

JsonWriter& JsonWriter::BeginObject() { return Open('{'), *this; }
JsonWriter& JsonWriter::EndObject() { return Close('}'), *this; }
JsonWriter& JsonWriter::BeginArray() { return Open('['), *this; }
JsonWriter& JsonWriter::EndArray() { return Close(']'), *this; }

JsonWriter& JsonWriter::Key(std::string_view key) {
  String(key);
  out_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  Separate();
  out_ += '"';
  for (size_t i = 0; i < value.size();) {
    const size_t plain = PlainPrefix(value.substr(i));
    out_.append(value, i, plain);
    i += plain;
    if (i < value.size()) AppendCodePoint(value, &i, &out_);
  }
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  Separate();
  AppendNumber(value, &out_);
  return *this;
}

JsonWriter& JsonWriter::Uint(uint64_t value) {
  Separate();
  AppendNumber(value, &out_);
  return *this;
}

JsonWriter& JsonWriter::Double(double value) {
  if (!std::isfinite(value)) return Null();
  Separate();
  AppendNumber(value, &out_);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) { return Value(value ? "true" : "false"); }

JsonWriter& JsonWriter::Null() { return Value("null"); }

JsonWriter& JsonWriter::Value(std::string_view json) {
  Separate();
  out_ += json;
  return *this;
}

std::string JsonWriter::Take() {
  has_element_.clear();
  after_key_ = false;
  return std::exchange(out_, {});
}

}  // namespace stacksampler
