// SPDX-License-Identifier: MIT
//
// Purpose: JSON text, written. One pass, no tree; strings are escaped, invalid UTF-8 becomes
//   U+FFFD, '<' '>' '&' and U+2028/9 are escaped too, so that the text is safe wherever it lands.
#ifndef STACKSAMPLER_BASE_JSON_WRITER_H_
#define STACKSAMPLER_BASE_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stacksampler {

class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  /// REQUIRES: inside an object, a value follows.
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& Int(int64_t value);
  JsonWriter& Uint(uint64_t value);
  /// Shortest text that reads back as the same double; a value that is not finite becomes null.
  JsonWriter& Double(double value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  /// REQUIRES: `json` is one value, as a JsonWriter wrote it. For texts that are written often.
  JsonWriter& Value(std::string_view json);

  /// The text so far; empties the writer.
  std::string Take();

 private:
  void Separate();
  void Open(char bracket);
  void Close(char bracket);

  std::string out_;
  std::vector<bool> has_element_;  // one per open bracket
  bool after_key_ = false;
};

}  // namespace stacksampler

#endif  // STACKSAMPLER_BASE_JSON_WRITER_H_
