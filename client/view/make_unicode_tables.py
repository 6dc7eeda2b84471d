#!/usr/bin/env python3
"""Prints unicode_tables.cc, made from the Unicode data that Python carries."""
import unicodedata

LAST = 0x10FFFF
# Joiners are part of how words and emoji are written; other format characters only reorder, hide or pretend.
KEPT_FORMAT = {0x200C, 0x200D}
# Format characters that are seen: Arabic, Syriac and Kaithi number signs stand before the digits they govern.
SEEN_FORMAT = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


# Where what comes to be assigned will be wide: emoji and ideographs.
WIDE_UNASSIGNED = (range(0x1F300, 0x1FB00), range(0x20000, 0x2FFFE), range(0x30000, 0x3FFFE))


def is_wide(c):
    if unicodedata.category(chr(c)) == "Cn":
        return any(c in block for block in WIDE_UNASSIGNED)
    return unicodedata.east_asian_width(chr(c)) in "WF" and not is_mark(c)


def is_mark(c):
    medial_jamo = 0x1160 <= c <= 0x11FF
    return unicodedata.category(chr(c)) in ("Mn", "Me") or medial_jamo or c in KEPT_FORMAT


def is_hidden(c):
    if c in KEPT_FORMAT or c in SEEN_FORMAT:
        return False
    noncharacter = c & 0xFFFE == 0xFFFE or 0xFDD0 <= c <= 0xFDEF
    return unicodedata.category(chr(c)) in ("Cf", "Zl", "Zp") or noncharacter


def ranges(holds):
    first = None
    for c in range(0x80, LAST + 2):
        inside = c <= LAST and not 0xD800 <= c <= 0xDFFF and holds(c)
        if inside and first is None:
            first = c
        if not inside and first is not None:
            yield first, c - 1
            first = None


def table(name, holds):
    print(f"\nconstexpr CodeRange k{name}[] = {{")
    row = "   "
    for first, last in ranges(holds):
        item = f" {{0x{first:X}, 0x{last:X}}},"
        if len(row) + len(item) > 118:
            print(row)
            row = "   "
        row += item
    print(row + f"\n}};\nstd::span<const CodeRange> {name.lower()}_ranges() {{ return k{name}; }}")


print("// Made by make_unicode_tables.py from Unicode " + unicodedata.unidata_version + "; not edited by hand.")
print('#include "client/view/unicode_tables.h"\n\n// clang-format off\nnamespace xylem {')
table("Wide", is_wide)
table("Mark", is_mark)
table("Hidden", is_hidden)
print("\n}  // namespace xylem\n// clang-format on")
