// How often the program asked for memory so far: shows that a hot path never does. For this program only, as it
// replaces the global operator new.
#pragma once

#include <cstddef>

std::size_t allocation_count();
