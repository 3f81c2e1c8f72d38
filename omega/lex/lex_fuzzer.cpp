// SPDX-License-Identifier: Apache-2.0
// Any bytes: the stream keeps its invariants, the lanes agree, and chunks give the sequential result.
#include <cstddef>
#include <cstdint>
#include <string>

#include "omega/base/check.h"
#include "omega/lex/lex_testing.h"
#include "omega/lex/literals.h"
#include "omega/lex/outline.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace omega::lex;
  const testing::PaddedText text({reinterpret_cast<const char*>(data), size});
  OMEGA_CHECK(testing::invariant_broken(text.view()).empty(), "a stream keeps its invariants");
  for (const Lane lane : {Lane::blockwise, Lane::wide}) {
    OMEGA_CHECK(lane > fastest_lane() || testing::lex_lane(text.view(), lane) == testing::lex_lane(text.view(), Lane::tokenwise), "lanes agree");
  }
  const auto whole = testing::lex_whole(text.view());
  for (const size_t count : {size_t{2}, size_t{3}, 4 + size % 13}) {
    OMEGA_CHECK(testing::lex_chunked(text.view(), count) == whole, "chunks give the sequential result");
  }
  for (const size_t count : {size_t{1}, size_t{3}}) {
    std::vector<OutlineTokens> parts;
    for (const Chunk chunk : plan_outline_chunks(text.view(), count)) {
      parts.push_back(lex_outline_chunk(omega::base::FileId{0}, text.view(), chunk));
    }
    omega::diag::Sink reported;
    OMEGA_CHECK(merge_outlines(omega::base::FileId{0}, text.view(), parts, reported).has_value() || count > 1, "one part begins at the top level");
  }
  omega::diag::Sink sink;
  const TokenStream stream = lex(omega::base::FileId{0}, text.view(), sink);
  for (uint32_t i = 0; i < stream.size(); ++i) {
    if (stream.kind(i) >= TokenKind::String && stream.kind(i) <= TokenKind::UnicodeString) {
      OMEGA_CHECK(string_value(stream.spelled(i)).size() <= stream.spelled(i).size(), "a literal means no more bytes than it has");
    }
  }
  return 0;
}
