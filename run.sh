#!/usr/bin/env bash
# The main job: trains ResNet-50 on CIFAR-10, evaluates it, saves it and predicts with the saved model.
# The name of another example may come first: ./run.sh resnet50 (as without a name), ./run.sh shufflenet,
# ./run.sh finetune, ./run.sh predict (classifies files with a saved model), ./run.sh serve (does so over HTTP).
# All other arguments are passed on; ./run.sh --help lists them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/eng/setup.sh"

case "${1:-}" in
    finetune)   name=FineTune.Photos; shift ;;
    predict)    name=Predict; shift ;;
    serve)      name=Serve; shift ;;
    shufflenet) name=ShuffleNet.Cifar10; shift ;;
    resnet50)   name=ResNet50.Cifar10; shift ;;
    *)          name=ResNet50.Cifar10 ;;
esac
# Under mpirun every rank comes here: one builds, and the others wait and find it done.
mkdir -p artifacts
command -v flock >/dev/null && exec 9>artifacts/build.lock && flock 9
dotnet build "examples/$name" -c Release -v quiet -nologo -clp:NoSummary -tl:off
exec 9>&-
exec dotnet exec "examples/$name/bin/Release/net10.0/$name.dll" "$@"
