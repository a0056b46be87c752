#!/usr/bin/env bash
# Installs the .deb in a clean root of Debian that has nothing of ours and nothing of this machine's, and works with it there:
#   scripts/package-test.sh [FILE.deb]     default: the one scripts/package.sh makes, made now
#
# Needs root (chroot), network (the root and what the package depends on come from Debian) and about 2 GB of disk.
#   IAMBILLY_TEST_ROOT    a folder with a clean root made before (mmdebstrap --variant=apt); it is copied, not changed
#   IAMBILLY_TEST_SUITE   the release of Debian, default bookworm
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

deb=${1:-}
[ -n "$deb" ] || deb=$(scripts/package.sh deb | tail -1)
[ -f "$deb" ] || fail "There is no package at ${deb:-scripts/package.sh}." "scripts/package.sh deb makes it." 2
[ "$(id -u)" -eq 0 ] || fail "A clean root is made and entered as root only." "sudo scripts/package-test.sh $deb"
need_apt mmdebstrap qemu-user-static
[ -f "$IAMBILLY_MODELS_DIR/ggml-tiny.en.bin" ] || need_models
wav=$root/tests/fixtures/dictations/tlif_l34.wav

clean=$(mktemp -d -t iambilly-root.XXXXXX)
leave() {
  local each
  for each in models proc dev/shm dev; do umount -l "$clean/$each" 2>/dev/null || true; done
  rm -rf --one-file-system "$clean"
}
trap leave EXIT
if [ -n "${IAMBILLY_TEST_ROOT:-}" ]; then
  cp -a "$IAMBILLY_TEST_ROOT/." "$clean/"
else
  say "Making a clean root"
  mmdebstrap --quiet --variant=apt --include=ca-certificates "${IAMBILLY_TEST_SUITE:-bookworm}" "$clean" ||
    fail "The clean root could not be made." "Check the network; IAMBILLY_TEST_ROOT names one made before."
fi
chmod 755 "$clean"
# The way out that this machine uses: names, proxies, certificates of its own.
cp /etc/resolv.conf "$clean/etc/resolv.conf"
[ ! -d /etc/apt/apt.conf.d ] || cp -n /etc/apt/apt.conf.d/*proxy* "$clean/etc/apt/apt.conf.d/" 2>/dev/null || true
mkdir -p "$clean/proc" "$clean/dev/shm" "$clean/models" "$clean/home"
mount -t proc proc "$clean/proc"
mount --bind /dev "$clean/dev"
mount -t tmpfs tmpfs "$clean/dev/shm"
mount --bind -o ro "$IAMBILLY_MODELS_DIR" "$clean/models"
cp "$deb" "$clean/iambilly.deb"
cp "$wav" "$clean/dictation.wav"

inside() { chroot "$clean" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
# As a person of the clinic: no root, nothing but the package's programs.
person() {
  inside runuser -u clinic -- env HOME=/home/clinic IAMBILLY_MODELS_DIR=/models \
    IAMBILLY_PASSPHRASE='a passphrase for the package' "$@"
}
held() { say "✓ $*"; }

say "Installing the package"
inside useradd --create-home clinic
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends /iambilly.deb >/dev/null || fail "The package does not install." "apt's message is above." 1
held "installed with what it depends on: $(inside dpkg-query -W -f '${Package} ${Version}' iambilly)"

person iambilly --version
for file in usr/share/man/man1/iambilly.1.gz usr/share/man/man1/iambilly-claim.1.gz usr/share/bash-completion/completions/iambilly \
  usr/share/applications/iambilly.desktop usr/share/doc/iambilly/sbom.cdx.json; do
  [ -s "$clean/$file" ] || fail "The package lacks $file." "src-tauri/bundle/config.py lists what goes where." 1
done
held "manual pages, completions, menu entry, bill of materials"

person iambilly doctor --json > "$clean/doctor.json" || true
python3 - "$clean/doctor.json" <<'P' || fail "The doctor of the installed program finds it broken." "Its report is above." 1
import json, sys
bad = [c for c in json.load(open(sys.argv[1]))["checks"] if c["state"] == "fail"]
print(*(f"{c['name']}: {c['detail']}" for c in bad), sep="\n", end="")
sys.exit(bool(bad))
P
held "the doctor finds nothing that stops the main job"

from=$(date +%s%N)
person iambilly --quiet claim /dictation.wav --payer medicare --dos 2026-02-02 --reader rules --json > "$clean/draft.json" || [ $? -eq 1 ]
python3 - "$clean/draft.json" <<'P' || fail "The dictation did not become a draft." "See above." 1
import json, sys
draft = json.load(open(sys.argv[1]))
codes = [line["code"] for line in draft["coding"]["lines"]]
print("▸ service lines:", *codes, file=sys.stderr)
sys.exit(0 if codes else 1)
P
held "a dictation became a draft in $((($(date +%s%N) - from) / 1000000)) ms"

say "Opening the window under Xvfb"
inside apt-get install -y -qq --no-install-recommends xvfb xauth xdotool dbus >/dev/null
person xvfb-run -a -s "-screen 0 1440x900x24" dbus-run-session -- sh -c '
  iambilly-window & window=$!
  for _ in $(seq 120); do
    kill -0 $window 2>/dev/null || { echo "the window ended" >&2; exit 1; }
    xdotool search --name "^IamBilly$" >/dev/null 2>&1 && break
    sleep 0.5
  done
  xdotool search --name "^IamBilly$" >/dev/null || exit 1
  sleep 10
  kill -0 $window || exit 1
  touch /home/clinic/window-is-open
  while [ -e /home/clinic/window-is-open ]; do sleep 0.2; done
  kill $window
' & held_open=$!
for _ in $(seq 180); do [ -e "$clean/home/clinic/window-is-open" ] && break; kill -0 $held_open 2>/dev/null || break; sleep 0.5; done
[ -e "$clean/home/clinic/window-is-open" ] || fail "The window did not open." "Its message is above." 1
held "the window opens and stays open"
# The same version again is an upgrade to dpkg.
if inside dpkg -i /iambilly.deb >/dev/null 2>"$clean/upgrade.txt"; then
  rm -f "$clean/home/clinic/window-is-open"; wait $held_open || true
  fail "The program was replaced while its window was open." "src-tauri/bundle/preinst.sh must refuse." 1
fi
grep -q 'IamBilly is open' "$clean/upgrade.txt" || fail "An upgrade failed for another reason." "$(tail -2 "$clean/upgrade.txt")" 1
rm -f "$clean/home/clinic/window-is-open"; wait $held_open || true
inside dpkg -i /iambilly.deb >/dev/null || fail "A closed program could not be upgraded." "dpkg's message is above." 1
held "an upgrade waits while the window is open, and goes through once it is closed"

if [ "$(uname -m)" = x86_64 ] && [ -e "$clean/usr/bin/iambilly-whisper-baseline" ]; then
  say "On a processor of 2008 without AVX (emulated: minutes)"
  mkdir -p "$clean/opt/old"
  cp "$(command -v qemu-x86_64-static)" "$clean/opt/old/qemu"
  for each in iambilly-whisper iambilly-whisper-baseline iambilly-llama iambilly-llama-baseline iambilly-reader; do
    printf '#!/bin/sh\nexec /opt/old/qemu -cpu Nehalem /usr/bin/%s "$@"\n' "$each" > "$clean/opt/old/$each"
    chmod 755 "$clean/opt/old/$each"
  done
  # Three seconds are enough: what is tried is every instruction of the encoder and the decoder.
  python3 - "$wav" "$clean/short.wav" <<'P'
import sys, wave
with wave.open(sys.argv[1]) as whole, wave.open(sys.argv[2], "w") as short:
    short.setparams(whole.getparams())
    short.writeframes(whole.readframes(whole.getframerate() * 3))
P
  # The worker by itself first: under emulation one sentence can take longer than the program waits for a sign of life.
  scripts/worker_hears.py "$IAMBILLY_MODELS_DIR/ggml-tiny.en.bin" "$clean/short.wav" qemu-x86_64-static -cpu Nehalem "$clean/usr/bin/iambilly-whisper-baseline" > "$clean/old.txt" ||
    fail "Without AVX2 the speech worker does not hear." "See above." 1
  say "heard without AVX2: $(cat "$clean/old.txt")"
  held "the workers for older processors hear without AVX2"
  old() { person env IAMBILLY_WORKERS_DIR=/opt/old /opt/old/qemu -cpu Nehalem /usr/bin/iambilly "$@"; }
  old doctor --json > "$clean/old.json" || true
  python3 - "$clean/old.json" <<'P' || fail "The program does not take the workers for older processors." "See above." 1
import json, sys
checks = {c["name"]: c for c in json.load(open(sys.argv[1]))["checks"]}
print("▸", checks["processor"]["detail"], "·", checks["speech worker"]["detail"], file=sys.stderr)
sys.exit(0 if "AVX2" in checks["processor"]["detail"] and checks["speech worker"]["state"] == "ok" else 1)
P
  held "the program sees an older processor and takes the workers made for it"
  # Half installed: the workers for older processors are gone. What would crash is not started, and the fix is named.
  rm "$clean/opt/old/iambilly-whisper-baseline"
  old --quiet transcribe /short.wav --json 2> "$clean/old.txt" && fail "The wrong worker was started." "" 1
  grep -q processor_too_old "$clean/old.txt" || fail "The missing worker is not named." "$(cat "$clean/old.txt")" 1
  held "without them it says so, and does not crash"
fi

# Half installed: a library of the window's is gone. The command line works on, and the doctor names what to install.
library=$(inside sh -c 'ls /usr/lib/*/libwebkit2gtk-4.1.so.0')
mv "$clean$library" "$clean$library.away"
person iambilly doctor --json > "$clean/doctor.json" || true
python3 - "$clean/doctor.json" <<'P' || fail "The doctor does not name the missing library." "See above." 1
import json, sys
window = [c for c in json.load(open(sys.argv[1]))["checks"] if c["name"] == "window"]
print("▸", window, file=sys.stderr)
sys.exit(0 if window and "libwebkit2gtk-4.1" in window[0]["detail"] and window[0]["fix"] else 1)
P
mv "$clean$library.away" "$clean$library"
held "a missing libwebkit2gtk is named with its fix"

inside apt-get purge -y -qq iambilly >/dev/null
[ ! -e "$clean/usr/bin/iambilly" ] && [ -d "$clean/home/clinic/.local/share/iambilly/data" ] ||
  fail "Taking the package away left programs, or took a person's data." "" 1
held "taken away again; the data folder stays"
say "All held."
