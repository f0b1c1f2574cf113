#!/usr/bin/env bash
# Runs tests, benchmarks and examples with the LibTorch of this machine's PyTorch; part of the bundle that eng/gpu/bundle.sh makes.
#
#   run-there.sh [--quick] [RESULTS [STEP...]]
#
#   --quick    little of everything
#   RESULTS    a folder for what comes out, a text file for each step: $OUT, else ./results
#   STEP       tests-cpu, tests-cuda, training-step, scoring, examples: all without any. Where PyTorch finds no CUDA device tests-cuda is
#              left out, and the others run on the CPU.
#
# A step may take STEP_SECONDS (600). PYTHON names the interpreter that has PyTorch (python3). The exit code is 1 where a step failed.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
quick=false
[ "${1:-}" = --quick ] && { quick=true; shift; }
results=${1:-${OUT:-results}}
steps=("${@:2}")
[ ${#steps[@]} -gt 0 ] || steps=(tests-cuda training-step scoring examples tests-cpu)
mkdir -p "$results" && results=$(cd "$results" && pwd) || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say() { echo "$*" | tee -a "$results/summary.txt"; }
: > "$results/summary.txt"

# The machine.
python=${PYTHON:-python3}
torch=$("$python" -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))') || { say "error: '$python' has no PyTorch."; exit 1; }
{
    "$python" -c 'import torch; print("PyTorch", torch.__version__, "CUDA", torch.version.cuda, "in", torch.__file__)'
    echo "commit $(cat "$here/commit.txt"), $(nproc) processors, $(uname -sr)"
    nvidia-smi || echo "nvidia-smi does not run."
} > "$results/machine.txt" 2>&1
head -2 "$results/machine.txt" | tee -a "$results/summary.txt"
device=$("$python" -c 'import torch; print("cuda" if torch.cuda.is_available() else "cpu")' || echo cpu)
[ "$device" = cuda ] && say "device: $(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | head -1)" \
    || say "device: the CPU, as PyTorch finds no CUDA device."

# Every program from here on: this runtime, PyTorch's LibTorch. TorchSharp finds no LibTorch beside itself, and so the loader's.
export DOTNET_ROOT=$here/dotnet PATH=$here/dotnet:$PATH LD_LIBRARY_PATH=$torch${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 HOME=$scratch MLNETCNN_DATA=$here/data
# Matrix products of CUDA give the same bits twice only with a workspace of this size.
export CUBLAS_WORKSPACE_CONFIG=:4096:8

# What TorchSharp's native library looks for and this LibTorch lacks.
library=$here/apps/MlNetCnn.Benchmarks/libLibTorchSharp.so
ldd -r "$library" 2>&1 | grep -E "undefined symbol|not found" | grep -v "weak version" | sed 's/[ \t]*(.*\.so)$//; s/^[ \t]*//' | sort -u \
    | { if command -v c++filt >/dev/null; then c++filt; else cat; fi; } > "$results/symbols.txt"
if [ -s "$results/symbols.txt" ]; then
    say "symbols: $(wc -l < "$results/symbols.txt") that TorchSharp's native library needs are missing; what uses them ends its process:"
    head -5 "$results/symbols.txt" | cut -c 1-200 | sed 's/^/    /' | tee -a "$results/summary.txt"
else
    say "symbols: all that TorchSharp's native library needs are there."
fi

failed=0
app() { dotnet exec "$here/apps/$1/$1.dll" "${@:2}"; }
# Runs a step: its file, then the command. Its results and errors go to the summary, too.
step() {
    local name=$1 start=$SECONDS code
    timeout --kill-after 10 "${STEP_SECONDS:-600}" bash -c "$2" > "$results/$name.txt" 2>&1 < /dev/null
    code=$?
    [ $code -eq 0 ] || failed=1
    say "$name: $(case $code in 0) echo done ;; 124 | 137) echo "ended after ${STEP_SECONDS:-600} s" ;; *) echo "failed with exit code $code" ;; esac) in $((SECONDS - start)) s"
    grep -E "^(Passed!|Failed!|  Failed |Test Run|\|)|error|Unhandled|accuracy|Accuracy" "$results/$name.txt" | head -20 | sed 's/^/    /' | tee -a "$results/summary.txt"
}

# Each suite has a process of its own, so that one that dies leaves the others.
tests() {
    local code=0 filter=()
    $quick && filter=(--TestCaseFilter:"Name~device_of_the_tests|Name~A_trained|Name~continues_to_the_same")
    for suite in MlNet.ImageClassification.Tests MlNet.ResNet.Tests MlNet.ShuffleNet.Tests; do
        MLNETCNN_DEVICE=$1 dotnet exec "$here/testrunner/vstest.console.dll" "$here/apps/$suite/$suite.dll" "${filter[@]}" || code=1
    done
    return $code
}
training_step() {
    if $quick; then
        app MlNetCnn.Benchmarks training-step --device "$1" --network resnet18 --batch 16 --turns 1
    else
        app MlNetCnn.Benchmarks training-step --device "$1" --network resnet50 shufflenet-strided shufflenet-cifar --size 32 --batch 512 --turns 7 &&
            app MlNetCnn.Benchmarks training-step --device "$1" --network resnet50 shufflenet-imagenet --size 224 --batch 128 --turns 5
    fi
}
scoring() {
    if $quick; then
        app MlNetCnn.Benchmarks scoring --device "$1" --network resnet18 --size 32 --batch 1 --turns 1
    else
        app MlNetCnn.Benchmarks scoring --device "$1" --batch 1 16 256
    fi
}
examples() {
    local epochs=5 arch=resnet50 width=2 code=0
    $quick && epochs=1 arch=resnet18 width=0.25
    app ResNet50.Cifar10 --device "$1" --arch $arch --epochs $epochs --data "$here/data" --output "$scratch/resnet" || code=1
    app ShuffleNet.Cifar10 --device "$1" --width $width --epochs $epochs --data "$here/data" --output "$scratch/shufflenet" || code=1
    return $code
}

# A step is a process that 'timeout' can end with all it has started.
export here quick scratch
export -f app tests training_step scoring examples
for name in "${steps[@]}"; do
    case $name in
        # The GPU is hidden: a model that is loaded would take it.
        tests-cpu) step $name "CUDA_VISIBLE_DEVICES= tests cpu" ;;
        tests-cuda) if [ $device = cuda ]; then step $name "tests cuda"; else say "tests-cuda: left out, as there is no CUDA device."; fi ;;
        training-step) step $name "training_step $device" ;;
        scoring) step $name "scoring $device" ;;
        examples) step $name "examples $device" ;;
        *) say "error: '$name' is no step."; failed=1 ;;
    esac
done
say "results are in $results"
exit $failed
