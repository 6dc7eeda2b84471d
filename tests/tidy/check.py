#!/usr/bin/env python3
"""Runs the rules about the sources: one line for each, `ok NAME` or `not ok NAME`, and each breach with its cure.

usage: tests/tidy/check.py [NAME…]     all rules, or those with these names
"""

import sys

import errors_doc
import headers
import includes
import layout
import links
import text
import tree

CHECKS = [check for module in (includes, tree, text, links, errors_doc, layout, headers) for check in module.CHECKS]


def main(wanted):
    unknown = set(wanted) - {check.__name__ for check in CHECKS}
    if unknown:
        sys.exit(f"no rule {', '.join(sorted(unknown))}; there is {', '.join(check.__name__ for check in CHECKS)}")
    failed = False
    for check in CHECKS:
        if wanted and check.__name__ not in wanted:
            continue
        problems = sorted(check())
        title = f"{check.__name__}: {check.__doc__.splitlines()[0].rstrip('.')}"
        if not problems:
            print(f"ok {title}", flush=True)
            continue
        failed = True
        print(f"not ok {check.__name__}: {len(problems)} of: {check.__doc__.splitlines()[0]}")
        for problem in problems:
            print(f"    {problem}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
