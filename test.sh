#!/usr/bin/env bash
# Builds everything and runs all tests. Arguments go to 'dotnet test', for example: ./test.sh --filter Name~Resize
# The last line counts them: N passed, N failed, N skipped.
set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/eng/setup.sh"

results=artifacts/test-results
rm -rf "$results"
dotnet build MlNetCnn.sln -c Release -v quiet -nologo -clp:NoSummary || fail "the build failed."
# One test assembly at a time: each may use every core for its arithmetic. A test that hangs is named and its assembly ended.
dotnet test MlNetCnn.sln -c Release --no-build -m:1 -nologo --logger "trx" --results-directory "$results" \
    --blame-hang-timeout 10m --blame-hang-dump-type none "$@" | grep -v "^Data collector 'Blame' message: All tests finished"
status=${PIPESTATUS[0]}

total() { cat "$results"/*.trx 2>/dev/null | grep -oE "<Counters [^>]*" | grep -oE " $1=\"[0-9]+" | awk -F'"' '{ sum += $2 } END { print sum + 0 }'; }
executed=$(total executed) passed=$(total passed) all=$(total total)
failed=$((executed - passed))
[ "$executed" -gt 0 ] || { echo "error: no test ran." >&2; status=1; }
[ "$failed" -eq 0 ] || status=1
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || echo "error: a test run broke off; the output above names the test that was running." >&2
echo "$passed passed, $failed failed, $((all - executed)) skipped"
exit $status
