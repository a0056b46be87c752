# Set-up shared by ./run and ./test: says what it does, can be run again at once, names the fix when something
# cannot be had. Sourced, not run.
#
# IAMBILLY_BUILD_CACHE  where compiled code and tools are kept between clones (default ~/.cache/iambilly);
#                       nothing depends on what is in it.
# IAMBILLY_GPU          cuda, vulkan or metal: builds both workers with that back end (its tool kit must be installed).
# IAMBILLY_MODELS_DIR   where the weights are kept (default ~/.local/share/iambilly/models).

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

cache=${IAMBILLY_BUILD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/iambilly}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
export IAMBILLY_MODELS_DIR=${IAMBILLY_MODELS_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/iambilly/models}
bin=$CARGO_TARGET_DIR/release

# What another clone compiled into the cache names that clone's folder, and cargo takes it for fresh by its dates: it is
# compiled anew here.
if [ -d "$CARGO_TARGET_DIR" ] && [ "$(cat "$CARGO_TARGET_DIR/.clone" 2>/dev/null)" != "$root" ]; then
  find crates src-tauri tests workers -name '*.rs' -not -path '*/node_modules/*' -exec touch {} +
  echo "$root" > "$CARGO_TARGET_DIR/.clone"
fi

apt_build="build-essential pkg-config cmake libclang-dev libssl-dev libasound2-dev libpulse-dev libwebkit2gtk-4.1-dev libxdo-dev libayatana-appindicator3-dev librsvg2-dev"
apt_test="openssh-server openssh-client tesseract-ocr poppler-utils fonts-urw-base35 xvfb xauth webkit2gtk-driver dbus gnome-keyring pulseaudio pulseaudio-utils xdotool"

say() { printf '▸ %s\n' "$*" >&2; }
fail() { printf '✗ %s\n  %s\n' "$1" "$2" >&2; exit "${3:-5}"; }

need() { command -v "$1" >/dev/null 2>&1 || fail "$1 is not installed." "$2"; }

need_tools() {
  # A Rust toolchain installed a moment ago may not be on this shell's PATH yet.
  command -v cargo >/dev/null 2>&1 || { [ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"; } || true
  need cargo "Install the Rust toolchain (rustup, stable 1.89 or newer), then run this again."
  need node "Install Node.js 20 or newer, then run this again."
  need npm "Install npm 10 or newer, then run this again."
  need python3 "apt-get install python3 python3-venv, then run this again."
}

# System packages, only the missing ones.
need_apt() {
  command -v dpkg-query >/dev/null 2>&1 || {
    say "This is not a Debian-like system: install the equivalents of: $*"
    return 0
  }
  local missing=() p
  for p in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  say "Installing system packages: ${missing[*]}"
  local sudo=
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || fail "System packages are missing and there is no sudo." \
      "As root: apt-get install ${missing[*]}"
    sudo=sudo
  fi
  $sudo apt-get update -qq || fail "apt-get update failed." "Check the network and apt's sources, then run this again."
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get could not install: ${missing[*]}" "Run the same apt-get install by hand to see why."
}

# Front-end packages, when the lock file changed; then the page, when a source changed.
need_page() {
  local want
  want=$(sha256sum ui/package-lock.json | cut -d' ' -f1)
  if [ "$(cat ui/node_modules/.iambilly-lock 2>/dev/null)" != "$want" ]; then
    say "Installing front-end packages"
    (cd ui && npm ci --no-audit --no-fund --loglevel=error) || fail "npm ci failed in ui/." "Check the network, then run this again."
    echo "$want" > ui/node_modules/.iambilly-lock
  fi
  if [ ! -f ui/dist/index.html ] || [ -n "$(find ui/src ui/index.html ui/*.ts ui/package-lock.json -newer ui/dist/index.html -print -quit)" ]; then
    say "Building the page"
    (cd ui && npm run --silent build >/dev/null) || fail "The page did not build." "cd ui && npm run build shows why."
    touch ui/dist/index.html
  fi
}

# A disk that is nearly full, most often with this cache's own leavings: those go first, then all that was compiled.
# A whole ./test from nothing takes about 12 GB.
need_space() {
  local drop
  mkdir -p "$CARGO_TARGET_DIR"
  free_gb() { df -Pk "$CARGO_TARGET_DIR" | awk 'NR == 2 { print int($4 / 1048576) }'; }
  for drop in release/incremental release; do
    [ "$(free_gb)" -ge 12 ] && return 0
    [ -d "$CARGO_TARGET_DIR/$drop" ] || continue
    say "Only $(free_gb) GB are free: removing compiled code in $CARGO_TARGET_DIR/$drop"
    rm -rf "${CARGO_TARGET_DIR:?}/$drop"
  done
  [ "$(free_gb)" -ge 8 ] || fail "Only $(free_gb) GB are free where the program is compiled; it needs 8." \
    "Free some room, or set IAMBILLY_BUILD_CACHE to a folder on a larger disk ($CARGO_TARGET_DIR)."
}

# need_build PACKAGE…: compiles; the first time takes ten minutes or so (two native engines), later seconds.
need_build() {
  local args=() p
  for p in "$@"; do args+=(-p "$p"); done
  if [ -n "${IAMBILLY_GPU:-}" ]; then
    args+=(--features "iambilly-whisper/$IAMBILLY_GPU,iambilly-llama/$IAMBILLY_GPU")
  fi
  need_space
  [ -x "$bin/iambilly-llama" ] || say "Compiling (the first time takes 10 to 20 minutes on two cores)"
  cargo build --release --locked --quiet "${args[@]}" || fail "The build failed." "The compiler's message is above."
}

need_models() {
  # Debian keeps what makes a Python environment in a package of its own.
  python3 -c 'import ensurepip' 2>/dev/null || need_apt python3-venv
  "$bin/iambilly" models fetch --default || fail "The model weights could not be had." \
    "On a machine without the network copy a models folder to $IAMBILLY_MODELS_DIR from one that has it."
}

# A FHIR server of others for tests of the protocol: tests/fhir, pinned by its lock file. Its packages want Node 22 and do with 20.
need_fhir_server() {
  local want
  want=$(sha256sum tests/fhir/package-lock.json | cut -d' ' -f1)
  if [ "$(cat "$cache/fhir/.iambilly-lock" 2>/dev/null)" != "$want" ]; then
    say "Installing the FHIR server of the tests"
    rm -rf "$cache/fhir" && mkdir -p "$cache/fhir" && cp tests/fhir/package.json tests/fhir/package-lock.json "$cache/fhir/" &&
      (cd "$cache/fhir" && npm ci --no-audit --no-fund --loglevel=error) ||
      fail "The FHIR server of the tests could not be installed." "Check the network, then run this again; npm ci in tests/fhir shows why."
    echo "$want" > "$cache/fhir/.iambilly-lock"
  fi
  export IAMBILLY_TEST_FHIR=$cache/fhir
}

# Two independent X12 validators, each in a Python environment of its own, pinned by hash: tests/x12.
need_x12_validators() {
  local name want
  python3 -c 'import ensurepip' 2>/dev/null || need_apt python3-venv
  for name in pyx12 linuxforhealth; do
    want=$(sha256sum "tests/x12/$name.txt" | cut -d' ' -f1)
    [ "$(cat "$cache/x12/$name/.iambilly-lock" 2>/dev/null)" = "$want" ] && continue
    say "Installing the X12 validator $name"
    rm -rf "$cache/x12/$name"
    python3 -m venv "$cache/x12/$name" &&
      "$cache/x12/$name/bin/pip" -q install --disable-pip-version-check --require-hashes -r "tests/x12/$name.txt" ||
      fail "The X12 validator $name could not be installed." "Check the network, then run this again."
    echo "$want" > "$cache/x12/$name/.iambilly-lock"
  done
  export IAMBILLY_TEST_X12=$cache/x12
}
