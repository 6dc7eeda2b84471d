// The worked examples of docs/spec.md: bytes made by our encoders, and what our decoders read in bytes of that kind.
//
// Where the document has a block `hex name=X` its bytes must be those of the example X, and the block `values name=X`
// what read() finds in them (tests/unit/proto/spec_examples_test.cc). Examples without bytes have values only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/vectors/describe.h"

namespace xylem::example {

struct Example {
  std::string name;
  Bytes bytes;
  std::function<Values(ByteView)> read;
};

std::vector<Example> spec_examples();

// A document whose blocks were filled in anew.
std::string with_examples(std::string_view document);

}  // namespace xylem::example
