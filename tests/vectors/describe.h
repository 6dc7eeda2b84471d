// Decoded bytes as named values, one text each: what the examples of docs/spec.md state and what records.json calls
// "values". A value is a number in decimal, bytes in hex, or a text as it is.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "proto/beacon.h"
#include "proto/directory.h"
#include "proto/frames.h"
#include "proto/manifest.h"
#include "proto/record.h"

namespace xylem::example {

using Values = std::vector<std::pair<std::string, std::string>>;

// Header and form of a record, and its events or its notice where it has them.
Values describe(const RecordView& record);
Values describe(const Notice& notice);
Values describe(const Manifest& manifest);
Values describe(const Directory& directory);
Values describe(const Beacon& beacon);
Values describe(const ControlFrame& frame);

std::string to_lines(const Values& values);  // "name = value\n" each

}  // namespace xylem::example
