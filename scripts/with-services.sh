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
# A service that the bus started can outlive it: everything with this mark ends with us.
export IAMBILLY_OWN_SERVICES=$own
end_services() {
  local each
  for each in $(grep -lszF "IAMBILLY_OWN_SERVICES=$own" /proc/[0-9]*/environ 2>/dev/null); do
    each=${each#/proc/} each=${each%/environ}
    [ "$each" = $$ ] || kill -9 "$each" 2>/dev/null || true
  done
  rm -rf "$own"
}
trap end_services EXIT
mkdir -m 700 "$own/run" "$own/home"
# Toolchains and models live in the real home; only what the services write is moved.
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export IAMBILLY_MODELS_DIR=${IAMBILLY_MODELS_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/iambilly/models}
export XDG_RUNTIME_DIR=$own/run XDG_DATA_HOME=$own/home XDG_CONFIG_HOME=$own/home XDG_CACHE_HOME=$own/home
export PULSE_COOKIE=$own/home/pulse/cookie NO_AT_BRIDGE=1 IAMBILLY_TEST_SOUND=1 IAMBILLY_OWN_KEYRING=$keyring
# Services get no stdout or stderr of ours: one left over would keep a reader of our output waiting for ever.
dbus-run-session "${bus[@]}" -- bash -c '
  if [ "$IAMBILLY_OWN_KEYRING" = yes ]; then
    printf test | gnome-keyring-daemon --unlock --components=secrets
    # It goes to the background before it has its name; who asks too early starts a second one.
    for _ in $(seq 200); do
      dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
        org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true && break
      sleep 0.05
    done
  fi
  pulseaudio -n --daemonize=yes --exit-idle-time=-1 --disable-shm=yes --log-target=null \
    -L module-native-protocol-unix -L "module-null-sink sink_name=spk rate=16000 channels=1" || true
  pactl set-default-source spk.monitor || true
  "$@" >&3 2>&4 3>&- 4>&-; status=$?
  pulseaudio --kill || true
  exit $status' bash "$@" 3>&1 4>&2 >/dev/null 2>&1
