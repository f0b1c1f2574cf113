# Sourced by run.sh and test.sh: goes to the repository's root and chooses the backend of every build that follows.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

command -v dotnet >/dev/null || fail "the .NET 10 SDK is needed and 'dotnet' is not on the PATH. Install it from https://dot.net and try again."

# A machine with an NVIDIA driver builds for CUDA, unless that package cannot be had here.
[ -e /proc/driver/nvidia/version ] && : "${NvidiaDriverPresent:=true}"
if [ "${NvidiaDriverPresent:-}" = true ] && [ "${TorchBackend:-auto}" = auto ] && ! dotnet restore examples/QuickStart -v quiet -nologo >/dev/null; then
    echo "notice: this machine has an NVIDIA driver, but TorchSharp-cuda-linux cannot be restored here; building for the CPU. 'dotnet restore examples/QuickStart' tells why."
    export TorchBackend=cpu
fi
