#!/usr/bin/env bash
# Prints how many of the libraries' lines the tests have run. First: MlNetCnnCoverage=true ./test.sh --collect "XPlat Code Coverage"
#
#   eng/coverage.sh [artifacts/test-results]
set -euo pipefail
mapfile -t reports < <(find "${1:-artifacts/test-results}" -name coverage.cobertura.xml)
[ ${#reports[@]} -gt 0 ] || { echo "error: no coverage.cobertura.xml in '${1:-artifacts/test-results}'." >&2; exit 1; }

# A line counts once, whichever test projects ran it.
sed 's/></>\n</g' "${reports[@]}" | awk '
    /<package /   { split($0, part, "\""); for (i = 1; i < length(part); i++) if (part[i] ~ /name=$/) library = part[i + 1] }
    /<class /     { match($0, /filename="[^"]*"/); file = substr($0, RSTART, RLENGTH) }
    /<line /      { match($0, /number="[0-9]+"/); line = library SUBSEP file SUBSEP substr($0, RSTART, RLENGTH)
                    if (!(line in lines)) { lines[line] = library; all[library]++ }
                    if ($0 !~ /hits="0"/ && !(line in run)) { run[line] = 1; hit[library]++ } }
    END {
        for (library in all) { printf "%-32s %5.1f %% of %d lines\n", library, 100 * hit[library] / all[library], all[library] | "sort"; a += all[library]; h += hit[library] }
        close("sort")
        printf "%-32s %5.1f %% of %d lines\n", "line coverage", 100 * h / a, a
    }'
