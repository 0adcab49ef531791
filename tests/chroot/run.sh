#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Both commands of the README in a fresh Debian 12, by hand (needs root, debootstrap and some GB of disk; not part of CI):
# a bare system in a folder, the committed project copied in, nothing else prepared.
#
# usage: bash tests/chroot/run.sh [--keep] [--all] FOLDER [COMMAND...]
#   FOLDER     a new or empty folder for the system; with --keep it stays, and a second run starts in it
#   --all      tests/run.sh --all instead of tests/run.sh
#   COMMAND    instead of both commands, run this in the project's folder inside
# The Debian mirror, the apt and pip settings are those of this machine; MLSOAP_DATA, where set, is copied in.
set -euo pipefail
project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

arguments=("$@") folder='' keep=no tests='bash tests/run.sh'
while [ $# -gt 0 ]; do
    case $1 in
    --keep) keep=yes ;;
    --all) tests='bash tests/run.sh --all' ;;
    -h | --help) sed -n '3,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) if [ -z "$folder" ]; then folder=$1; else break; fi ;;
    esac
    shift
done
[ -n "$folder" ] || die "no folder given (see --help)"
[ "$(id -u)" -eq 0 ] || die "only root can make a chroot"
command -v debootstrap >/dev/null || die "debootstrap is missing: apt-get install debootstrap"
mkdir -p "$folder"
folder=$(realpath "$folder")
if [ ! -d "$folder/debootstrap" ] && [ ! -e "$folder/etc/debian_version" ] && [ -n "$(ls -A "$folder")" ]; then
    die "$folder holds other files, which would be removed at the end; name a new or empty folder"
elif [ "$folder" -ef / ]; then
    die "$folder is the system of this machine"
fi

# The first Debian mirror among this machine's own sources.
host_mirror() {
    {
        sed -n 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null
        sed -n 's/^deb[[:space:]]\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\).*/\2/p' /etc/apt/sources.list \
            /etc/apt/sources.list.d/*.list 2>/dev/null
    } | awk '!/security/ { print; exit }' || : # files of one kind may be absent
}

# Mounts of this process alone, gone with it however it ends: a folder left by a killed run with this machine's /dev in it
# would take /dev along when somebody removes it.
if [ "$(readlink /proc/self/ns/mnt)" = "$(readlink /proc/$PPID/ns/mnt)" ]; then
    unshare --mount --propagation private bash "${BASH_SOURCE[0]}" "${arguments[@]}"
    exit
fi

finish() {
    umount --recursive --lazy "$folder"/{dev,proc,sys} 2>/dev/null || : # those that are mounted
    if [ "$keep" = no ]; then rm -rf --one-file-system "$folder"; fi
}
trap finish EXIT

if [ ! -e "$folder/etc/debian_version" ]; then
    mirror=$(host_mirror)
    [ -n "$mirror" ] || die "no Debian mirror found in this machine's apt sources"
    debootstrap --variant=minbase bookworm "$folder" "$mirror"
fi
# Everything that makes apt and pip work here makes them work there: proxies, sources, certificates, name resolution.
mkdir -p "$folder/etc/apt/apt.conf.d" "$folder/etc/apt/sources.list.d"
for name in etc/resolv.conf etc/hosts etc/pip.conf etc/apt/sources.list; do
    if [ -e "/$name" ]; then cp -L "/$name" "$folder/$name"; fi
done
if [ ! -e /etc/apt/sources.list ]; then rm -f "$folder/etc/apt/sources.list"; fi # named again in sources.list.d
cp -L /etc/apt/apt.conf.d/[89]* "$folder/etc/apt/apt.conf.d/" 2>/dev/null || :
cp -L /etc/apt/sources.list.d/* "$folder/etc/apt/sources.list.d/" 2>/dev/null || :

rm -rf "$folder/mlsoap"
mkdir -p "$folder/mlsoap"
git -C "$project_root" archive HEAD | tar -x -C "$folder/mlsoap"
data=()
if [ -n "${MLSOAP_DATA:-}" ]; then
    mkdir -p "$folder/mlsoap-data"
    cp -r "$MLSOAP_DATA/." "$folder/mlsoap-data/"
    data=(MLSOAP_DATA=/mlsoap-data)
fi
mount -t proc proc "$folder/proc"
mount -t sysfs sys "$folder/sys"
mount --rbind /dev "$folder/dev"

inside() {
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C "${data[@]}" \
        "${passed_on[@]}" chroot "$folder" bash -c "cd /mlsoap && $1" </dev/null
}
passed_on=()
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then # a name of its own: installing ca-certificates writes that one anew
    cp -L /etc/ssl/certs/ca-certificates.crt "$folder/etc/host-certificates.crt"
    passed_on+=(PIP_CERT=/etc/host-certificates.crt)
fi
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY PIP_INDEX_URL PIP_TRUSTED_HOST; do
    if [ -n "${!name:-}" ]; then passed_on+=("$name=${!name}"); fi
done

if [ $# -gt 0 ]; then
    inside "$*"
    exit
fi
for command in 'bash examples/quickstart.sh' "$tests"; do
    printf '\n#### %s\n' "$command"
    start=$SECONDS
    inside "$command"
    printf '#### %s: %d s\n' "$command" $((SECONDS - start))
done
