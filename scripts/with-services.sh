#!/usr/bin/env bash
# Runs a command with a private D-Bus session, an unlocked Secret Service keyring and a PulseAudio server with a
# null sink, in a home of its own: tests touch neither this user's keyring nor this machine's sound.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: with-services.sh COMMAND …" >&2; exit 2; }
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
mkdir -m 700 "$own/run" "$own/data"
# Toolchains live in the real home; only what the services write is moved.
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export XDG_RUNTIME_DIR=$own/run XDG_DATA_HOME=$own/data XDG_CONFIG_HOME=$own/data IAMBILLY_TEST_KEYRING=1
dbus-run-session -- bash -c '
  printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
  pulseaudio -n --daemonize=yes --exit-idle-time=-1 --disable-shm=yes --log-target=null \
    -L module-native-protocol-unix -L "module-null-sink sink_name=spk rate=16000 channels=1" >/dev/null 2>&1 || true
  pactl set-default-source spk.monitor >/dev/null 2>&1 || true
  "$@"; status=$?
  pulseaudio --kill >/dev/null 2>&1 || true
  exit $status' bash "$@"
