# Reads `ctest -V` and prints a line for each test program, in the form that tests/run counts:
#   ok unit_log (34 cases)
#   not ok unit_log (2 of 34 cases): failed
# followed by the output of a failed one. Exits 1 when one failed.
function number_before(text, pattern) {
  return match(text, "[0-9]+ " pattern) ? substr(text, RSTART) + 0 : 0
}

# " 3/12 Test  #4: unit_log .....   Passed    0.02 sec", also "***Failed", "***Timeout", "***Exception: SegFault"
/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
  match($0, /#[0-9]+:/)
  id = substr($0, RSTART + 1, RLENGTH - 2) + 0
  name = $0
  sub(/^[^:]*: /, "", name)
  outcome = name
  sub(/ .*/, "", name)
  if (outcome ~ /   Passed +[0-9.]+ sec/) {
    print "ok " name (cases[id] > 1 ? " (" cases[id] " cases)" : "")
  } else {
    sub(/^[^ ]+ \.* */, "", outcome)
    sub(/:? +[0-9.]+ sec.*/, "", outcome)
    sub(/ *\*\*\* */, " ", outcome)
    sub(/^ /, "", outcome)
    count = failed[id] > 0 && cases[id] > 1 ? " (" failed[id] " of " cases[id] " cases)" : ""
    print "not ok " name count ": " tolower(outcome) ", build/" preset
    printf "%s", output[id]
    bad = 1
  }
  fflush()
  delete output[id]
  next
}

/^[0-9]+: / {
  id = $0 + 0
  text = $0
  sub(/^[0-9]+: /, "", text)
  if (lines[id]++ < 400) output[id] = output[id] "    " text "\n"
  # Catch2: "All tests passed (12 assertions in 3 test cases)", "test cases: 3 | 2 passed | 1 failed"
  if (text ~ /^All tests passed \(/) {
    cases[id] = number_before(text, "test case")
  } else if (text ~ /^test cases: /) {
    cases[id] = substr(text, 13) + 0
    failed[id] = number_before(text, "failed")
  } else if (text ~ /^ok /) {
    cases[id]++
  } else if (text ~ /^not ok /) {
    cases[id]++
    failed[id]++
  }
  next
}

/^No tests were found/ { print "not ok tests with this label: there are none"; bad = 1 }
END { exit bad }
