#!/usr/bin/env bash
# Prints every figure of the project beside its peers, the contenders turn by turn in one process, and keeps the output in
# benchmarks/results. --quick: all in about ten minutes on two cores. --goals: one line for each goal, name, ratio and goal with tabs between them.
# Measure on a machine that does nothing else.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../eng/setup.sh"

quick=false goals=()
for argument in "$@"; do
    case "$argument" in
        --quick) quick=true ;;
        --goals) goals=(--goals) ;;
        *) echo "error: '$argument' is not known; it must be --quick or --goals." >&2; exit 1 ;;
    esac
done
turns() { if $quick; then echo "$1"; else echo "$2"; fi; }

dotnet build benchmarks/MlNetCnn.Benchmarks -c Release -v quiet -nologo -clp:NoSummary
run() {
    [ ${#goals[@]} -gt 0 ] || printf '\n## %s\n\n' "$*"
    dotnet exec benchmarks/MlNetCnn.Benchmarks/bin/Release/net10.0/MlNetCnn.Benchmarks.dll "$@" ${goals[@]+"${goals[@]}"}
}
all() {
    run training-step --network resnet50 shufflenet-strided shufflenet-cifar --size 32 --batch 128 --turns "$(turns 3 7)"
    run training-step --network resnet50 shufflenet-imagenet --size 224 --batch 16 --turns "$(turns 2 5)"
    run scoring --turns "$(turns 9 25)"
    run engine-overhead --batches "$(turns 8 32)" --turns "$(turns 2 5)"
    run engine-overhead --files --image-size 224 --batch 16 --batches "$(turns 8 24)" --turns "$(turns 2 3)"
    [ ${#goals[@]} -gt 0 ] && return
    run image-pipeline
    run cifar-read
    $quick || run convolutions
}

results=benchmarks/results/$(date +%Y-%m-%d)$($quick && echo -quick || true).md
[ ${#goals[@]} -gt 0 ] && { all; exit; }
mkdir -p benchmarks/results
{
    echo "# Benchmarks of $(date +%Y-%m-%d)"
    echo
    echo "Commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown), $(nproc) cores of $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)$(grep -q amx /proc/cpuinfo && echo ', AMX' || echo ', no AMX'), .NET $(dotnet --version), packages of Directory.Packages.props. Medians, with the shortest and the longest turn in parentheses."
    all
} | tee "$results"
