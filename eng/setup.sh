# Sourced by run.sh and test.sh: chooses the package stack and prepares the machine for it.
# Sets MlNetPackages (nuget or offline) for every build that follows. See offline/README.md.
#
# MlNetPackages=nuget|offline in the environment overrules the probe.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

command -v dotnet >/dev/null || fail "the .NET 10 SDK is needed and 'dotnet' is not on the PATH. Install it from https://dot.net and try again."

probe_seconds=60
remembered=artifacts/packages-probe

# A probe restores the real packages once; its answer is kept until the versions change.
choose_packages() {
    if [ -n "${MlNetPackages:-}" ]; then
        case "$MlNetPackages" in nuget|offline) ;; *) fail "MlNetPackages is '$MlNetPackages'; it must be 'nuget' or 'offline'." ;; esac
        reason="MlNetPackages is set"
    else
        local versions; versions=$(cksum < Directory.Packages.props)
        if [ "$(sed -n 1p "$remembered" 2>/dev/null)" != "$versions" ]; then
            mkdir -p artifacts
            local answer why
            if timeout "$probe_seconds" dotnet restore eng/PackagesProbe/PackagesProbe.csproj -p:MlNetPackages=nuget >artifacts/packages-probe.log 2>&1; then
                answer=nuget why="they can be restored here"
            elif [ $? -eq 124 ]; then
                answer=offline why="restoring the real packages took more than $probe_seconds s"
            else
                answer=offline
                why=$(grep -oE 'NU[0-9]+: [^.[]*(\.[^ .[]+)*' artifacts/packages-probe.log | head -n 1) || true
                why="the real packages cannot be restored here (${why:-see artifacts/packages-probe.log})"
            fi
            printf '%s\n%s\n%s\n' "$versions" "$answer" "$why" >"$remembered.new" && mv "$remembered.new" "$remembered"
        fi
        MlNetPackages=$(sed -n 2p "$remembered")
        reason=$(sed -n 3p "$remembered")
    fi
    export MlNetPackages
    case "$MlNetPackages" in
        nuget)   echo "Packages: Microsoft.ML and TorchSharp from NuGet; $reason." ;;
        offline) echo "Packages: the stand-ins of offline/ on the system's LibTorch; $reason." ;;
    esac
}

# What the stand-ins are built from: command or file that proves the package, then the package.
install_native_packages() {
    local missing=() entry proof package
    for entry in cmake:cmake g++:g++ '/usr/include/torch/csrc:libtorch-dev' \
                 '/usr/lib/*/openblas-pthread/libblas.so.3:libopenblas0-pthread' \
                 /usr/include/jpeglib.h:libjpeg-dev '/usr/include/png.h:libpng-dev'; do
        proof=${entry%:*} package=${entry##*:}
        case "$proof" in
            /*) compgen -G "$proof" >/dev/null || missing+=("$package") ;;
            *)  command -v "$proof" >/dev/null || missing+=("$package") ;;
        esac
    done
    [ ${#missing[@]} -eq 0 ] && return
    local install="apt-get install -y --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null || fail "the stand-ins need the native packages ${missing[*]} (Debian's names), and this system has no apt-get. Install their equivalents, or restore the real packages: MlNetPackages=nuget."
    local as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        as_root="sudo"
        { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; } || fail "the stand-ins need native packages that only root can install. Run: sudo apt-get update && sudo $install"
    fi
    echo "Installing ${missing[*]}"
    { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root $install -qq; } >artifacts/apt.log 2>&1 \
        || fail "installing native packages failed (artifacts/apt.log). Run: ${as_root:+sudo }apt-get update && ${as_root:+sudo }$install"
}

choose_packages
mkdir -p artifacts
[ "$MlNetPackages" = offline ] && install_native_packages
true
