// One hash for the whole state of a thread, so that two readers, or a test and a golden value, compare it in one line.
#pragma once

#include "client/view/comments.h"
#include "proto/crypto.h"

namespace xylem {

// SHA-256 over the state that readers see, in the order in which entries were first named; layout in docs/views.md.
Hash256 state_hash(const Comments& comments);

}  // namespace xylem
