#!/usr/bin/env bash
# The main job: trains ResNet-50 on CIFAR-10, evaluates it, saves it and predicts with the saved model.
# Arguments are passed on; ./run.sh --help lists them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/eng/setup.sh"

project=examples/ResNet50.Cifar10
dotnet build "$project" -c Release -v quiet -nologo -clp:NoSummary
exec dotnet exec "$project/bin/Release/net10.0/ResNet50.Cifar10.dll" "$@"
