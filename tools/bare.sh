#!/bin/sh
# Proves on a bare Debian that the two commands suffice: builds a minimal one in a folder, with only the packages README.md names,
# puts a clean clone of this commit in it, and there runs `make setup`, `make run`, a chat and a real call. Says how long each took.
# Needs root and mmdebstrap. It runs without any network once installed, in name spaces of its own: nothing of it can clash.
#   SUITE      which Debian (default: bookworm)
#   BARE_BIND  folders of this machine to show inside, where its pip is configured to look (mirrors, certificates)
set -eu
cd "$(dirname "$0")/.."
SUITE=${SUITE:-bookworm}

die() { printf 'bare: %s\n' "$1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root, to make a system inside a folder: sudo sh tools/bare.sh"
for tool in mmdebstrap unshare ip git; do
    command -v $tool >/dev/null || die "no $tool here: apt install mmdebstrap util-linux iproute2 git"
done
packages=$(sed -n 's/^ *sudo apt install \(.*\)$/\1/p' README.md | head -1)
[ -n "$packages" ] || die "README.md names no packages: a line 'sudo apt install …' is missing"

root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
chmod 755 "$root"
took() { now=$(date +%s); printf 'bare: %-44s %4s s\n' "$1" $((now - began)); began=$now; }
began=$(date +%s)

mmdebstrap --quiet --mode=root --variant=minbase --include="$(echo "$packages" | tr ' ' ',')" "$SUITE" "$root" >"$root.log" 2>&1 ||
    { tail -20 "$root.log"; die "the bare system could not be built; the lines above say why"; }
rm -f "$root.log"
took "a bare $SUITE with: $packages"

git clone --quiet --no-hardlinks . "$root/srv/careline"
for file in /etc/resolv.conf /etc/hosts /etc/pip.conf "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf"; do
    if [ -f "$file" ]; then mkdir -p "$root$(dirname "$file")" && cat "$file" >"$root$file"; fi
done
export BARE_ROOT="$root"

# inside NET COMMAND: run it in the bare system, with its own processes and mounts; NET is "net" or "no-net".
inside() {
    alone=$([ "$1" = net ] || echo --net)
    # shellcheck disable=SC2016,SC2086 # expanded inside, and split on purpose
    unshare --mount --pid --fork $alone sh -euc '
        mount --make-rprivate /
        mount -t proc proc "$BARE_ROOT/proc"
        mount --rbind /dev "$BARE_ROOT/dev"
        for folder in ${BARE_BIND:-}; do
            mkdir -p "$BARE_ROOT$folder" && mount --rbind "$folder" "$BARE_ROOT$folder"
        done
        ip link set lo up 2>/dev/null || true
        settings=$(env | grep -E "^(PIP_|https?_proxy=|HTTPS?_PROXY=|no_proxy=|NO_PROXY=)" | cut -d= -f1 | sed "s/.*/&=\$&/" | tr "\n" " ")
        eval exec env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin $settings \
            chroot "\"\$BARE_ROOT\"" sh -euc "\"cd /srv/careline; \$1\""
    ' sh "$2"
}

inside net 'make --no-print-directory setup'
took "make setup, the first time"
inside no-net 'make --no-print-directory setup'
took "make setup again, without a network"
inside no-net 'exec sh tools/smoke.sh'
took "make run, a chat, a call, and Ctrl-C, offline"
du -sh "$root/srv/careline" | sed "s|\t.*| on disk, all told|; s|^|bare: |"
echo "bare: the two commands suffice"
