#!/usr/bin/env bash
# Packs what tries this repository on a Linux machine that has a GPU and Python's PyTorch, but no .NET, no package source and no
# network: the .NET runtime, a test runner, tests, benchmarks, examples and some images. LibTorch, the bulk of it, is PyTorch's there.
#
#   eng/gpu/bundle.sh [--data FOLDER] [--images N] [--output FILE.tar.xz]
#
#   --data     a folder with cifar10-images.tar.gz; without it MLNETCNN_DATA, else no images are packed
#   --images   how many training images of each class, and a fifth as many test images (200)
#   --output   artifacts/mlnetcnn-gpu.tar.xz
#
# There: tar -xf mlnetcnn-gpu.tar.xz && mlnetcnn-gpu/run-there.sh RESULTS
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../setup.sh"

data=${MLNETCNN_DATA:-} images=200 output=artifacts/mlnetcnn-gpu.tar.xz
while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || fail "'$1' needs a value."
    case "$1" in
        --data) data=$2 ;;
        --images) images=$2 ;;
        --output) output=$2 ;;
        *) fail "'$1' is not known; it must be --data, --images or --output." ;;
    esac
    shift 2
done
archive=$data/cifar10-images.tar.gz
[ -z "$data" ] || [ -f "$archive" ] || fail "'$archive' does not exist."
[ "$images" -gt 0 ] 2>/dev/null || fail "--images is '$images'; it must be 1 or more."

# Without LibTorch what is built takes megabytes; in a folder of its own it leaves other builds alone.
work=artifacts/gpu bundle=artifacts/gpu/mlnetcnn-gpu
trap 'rm -rf "$work"' EXIT
rm -rf "$work"
mkdir -p "$bundle/apps" "$bundle/data" "$(dirname "$output")"
for project in tests/MlNet.ImageClassification.Tests tests/MlNet.ResNet.Tests tests/MlNet.ShuffleNet.Tests \
    benchmarks/MlNetCnn.Benchmarks examples/ResNet50.Cifar10 examples/ShuffleNet.Cifar10; do
    dotnet build "$project" -c Release --artifacts-path "$work" -p:TorchBackend=none -v quiet -nologo -clp:NoSummary -tl:off
    ln -s "../../bin/$(basename "$project")/release" "$bundle/apps/$(basename "$project")"
done

# The runtime and the test runner are this machine's; a link here becomes a copy in the bundle.
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")") sdk=$(dotnet --version)
mkdir -p "$bundle/dotnet/shared/Microsoft.NETCore.App" "$bundle/testrunner"
ln -s "$dotnet/dotnet" "$dotnet/host" "$bundle/dotnet/"
ln -s "$(printf '%s\n' "$dotnet"/shared/Microsoft.NETCore.App/10.* | sort -V | tail -1)" "$bundle/dotnet/shared/Microsoft.NETCore.App/"
# ASP.NET would be another 9 MB, and only benchmarks that are not run there need it.
sed -i -z 's/,[^{}]*{[^{}]*"Microsoft.AspNetCore.App"[^{}]*}//' "$work/bin/MlNetCnn.Benchmarks/release/MlNetCnn.Benchmarks.runtimeconfig.json"
ln -s "$dotnet/sdk/$sdk"/{vstest.console.*,Microsoft.TestPlatform.*.dll,Microsoft.VisualStudio.TestPlatform.*.dll,Microsoft.Extensions.{DependencyModel,FileSystemGlobbing}.dll,NuGet.Frameworks.dll,Newtonsoft.Json.dll,Extensions} "$bundle/testrunner/"

if [ -n "$data" ]; then
    tar -tzf "$archive" | sort | awk -F/ -v n="$images" 'NF == 3 && $3 != "" && count[$1 FS $2]++ < ($1 == "train" ? n : n / 5)' > "$work/images.txt"
    tar -xzf "$archive" -C "$bundle/data" -T "$work/images.txt"
fi
ln -s ../../../eng/gpu/run-there.sh "$bundle/"
git describe --always --dirty 2>/dev/null > "$bundle/commit.txt" || echo unknown > "$bundle/commit.txt"

# Files that several applications have are hard links to NuGet's cache, which tar packs once; xz finds the others, sorted by name.
(cd "$work" && find -L mlnetcnn-gpu -type f \
    ! -name '*.xml' ! -name '*.dbg' ! -name onnxruntime.dll ! -path '*/DnnImageModels/*' ! -path '*/Extensions/*/*' \
    | awk -F/ '{ print $NF "\t" $0 }' | sort | cut -f 2 | tar -chf - --no-recursion -T -) | xz -9 > "$output"
echo "$output: $(du -m "$output" | cut -f 1) MiB. There: tar -xf $(basename "$output") && mlnetcnn-gpu/run-there.sh RESULTS"
