#!/usr/bin/env bash
# Runs a command with a private D-Bus session, an unlocked Secret Service keyring and a PulseAudio server with a
# null sink, in a home of its own: tests touch neither this user's keyring nor this machine's sound.
#   with-services.sh [--no-keyring] COMMAND …
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
keyring=yes bus=()
# A bus that starts no service: otherwise the first question for a keyring would start one.
if [ "${1:-}" = --no-keyring ]; then keyring=no bus=(--config-file "$here/bare-bus.conf"); shift; fi
[ $# -gt 0 ] || { echo "usage: with-services.sh [--no-keyring] COMMAND …" >&2; exit 2; }
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
mkdir -m 700 "$own/run" "$own/home"
# Toolchains and models live in the real home; only what the services write is moved.
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export IAMBILLY_MODELS_DIR=${IAMBILLY_MODELS_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/iambilly/models}
export XDG_RUNTIME_DIR=$own/run XDG_DATA_HOME=$own/home XDG_CONFIG_HOME=$own/home XDG_CACHE_HOME=$own/home
export PULSE_COOKIE=$own/home/pulse/cookie NO_AT_BRIDGE=1 IAMBILLY_TEST_SOUND=1 IAMBILLY_OWN_KEYRING=$keyring
dbus-run-session "${bus[@]}" -- bash -c '
  if [ "$IAMBILLY_OWN_KEYRING" = yes ]; then
    printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
  fi
  pulseaudio -n --daemonize=yes --exit-idle-time=-1 --disable-shm=yes --log-target=null \
    -L module-native-protocol-unix -L "module-null-sink sink_name=spk rate=16000 channels=1" >/dev/null 2>&1 || true
  pactl set-default-source spk.monitor >/dev/null 2>&1 || true
  "$@"; status=$?
  pulseaudio --kill >/dev/null 2>&1 || true
  exit $status' bash "$@"
