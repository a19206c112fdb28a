// SPDX-License-Identifier: MIT
#include "made_frames.h"

#include "sampler/unwind/pack_rule.h"

namespace stacksampler::unwind {
namespace {

Bytes WithLength(const Bytes& body) {
  Bytes entry = Little(body.size(), 4);
  Append(body, &entry);
  return entry;
}

}  // namespace

void Append(const Bytes& more, Bytes* bytes) {
  bytes->insert(bytes->end(), more.begin(), more.end());
}

ByteReader Reader(const Bytes& bytes) { return ByteReader(bytes.data(), bytes.size()); }

Bytes Little(uint64_t value, size_t bytes) {
  Bytes little;
  for (size_t i = 0; i < bytes; ++i) little.push_back(static_cast<uint8_t>(value >> (8 * i)));
  return little;
}

std::vector<RuleAt> RunProgram(const Bytes& program, bool is_signal_frame, const Bytes& initial,
                               uint32_t code_align) {
  Cie cie;
  cie.code_align = code_align;
  cie.data_align = -8;
  cie.program = Reader(initial);
  Fde fde;
  fde.begin = 0x100;
  fde.program = Reader(program);
  std::vector<RuleAt> rules;
  for (CfiRows rows(cie, fde); rows.Next();) {
    RuleAt at{rows.begin(), Rule(), SideRule()};
    at.rule = PackRule(rows.state(), is_signal_frame, &at.side);
    rules.push_back(at);
  }
  return rules;
}

Bytes GccCie() {
  return {0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0};
}

MadeFrames::MadeFrames(const std::vector<MadeFunction>& functions, const Bytes& cie,
                       const Bytes& augmentation_data) {
  constexpr size_t kHeaderBytes = 12;
  constexpr size_t kEntryBytes = 8;
  const uintptr_t begin = kHeaderBytes + kEntryBytes * functions.size();
  frames = WithLength(cie);
  for (const MadeFunction& function : functions) {
    const uintptr_t entry = begin + frames.size();
    const uintptr_t code = kMadeCode + function.begin;
    Append(Little(code - kMadeFrames, 4), &table);
    Append(Little(entry, 4), &table);
    Bytes body = Little(entry + 4 - begin, 4);
    Append(Little(code - (kMadeFrames + entry + 8), 4), &body);
    Append(Little(function.bytes, 4), &body);
    Append(augmentation_data, &body);
    Append(function.program, &body);
    Append(WithLength(body), &frames);
  }
  header = {1, 0x1b, 0x03, 0x3b};
  Append(Little(begin - 4, 4), &header);
  Append(Little(functions.size(), 4), &header);
}

UnwindImage MadeFrames::Image() {
  all_ = header;
  Append(table, &all_);
  Append(frames, &all_);
  return {all_.data(), all_.size(), kMadeFrames, kMadeFrames};
}

}  // namespace stacksampler::unwind
