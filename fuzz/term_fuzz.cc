// The decoder of external terms, whose bytes come from drivers and from other nodes.
//
// An input is what binary_to_term/1 would be given.
// Oracles: the sanitizers; a term encodes to bytes that decode to the same term and encode to the
// same bytes again; a decoded prefix stands alone, and is refused when its last byte is missing; a
// refusal says why.
#include <cstdio>
#include <cstdlib>

#include "term/external_decoder.h"
#include "term/external_encoder.h"

namespace portlab {
namespace {

void Require(bool condition, const char* text) {
  if (condition) return;
  std::fprintf(stderr, "term_fuzz: FOUND: %s\n", text);
  std::abort();
}

void Run(Bytes input) {
  const Result<DecodedTerm> decoded = DecodeExternalPrefix(input);
  if (!decoded) {
    Require(!decoded.error().detail.empty(), "a refusal without a reason");
    return;
  }
  const std::size_t consumed = decoded->consumed;
  Require(consumed > 0 && consumed <= input.size(), "more bytes consumed than there are");
  Require(!DecodeExternal(input.first(consumed - 1)), "a term decodes without its last byte");

  const Result<DecodedTerm> alone = DecodeExternalPrefix(input.first(consumed));
  Require(alone && alone->term == decoded->term && alone->consumed == consumed,
          "what follows a term changes it");

  const std::string encoded = EncodeExternal(decoded->term);
  const Result<DecodedTerm> again = DecodeExternalPrefix(AsBytes(encoded));
  Require(again && again->consumed == encoded.size(), "an encoded term does not decode");
  Require(again->term == decoded->term, "a term changes on its way out and in");
  Require(EncodeExternal(again->term) == encoded, "a term has two encodings");
}

}  // namespace
}  // namespace portlab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portlab::Run(portlab::Bytes(data, size));
  return 0;
}
