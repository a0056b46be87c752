#!/usr/bin/env bash
# Builds the packages of this system from this source (docs/packaging.md):
#   scripts/package.sh [deb|rpm|appimage|nsis|msi|dmg …]     default: deb
#
# IAMBILLY_GPU       vulkan, cuda or metal: the workers' variant; vulkan and cuda get a package name of their own
# IAMBILLY_BASELINE  no: leave out the workers for processors without AVX2 (they take as long to compile as the usual ones)
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

formats=${*:-deb}
need_tools
# shellcheck disable=SC2086
need_apt $apt_build binutils
need_page
need_build iambilly iambilly-whisper iambilly-llama iambilly-reader iambilly-window

triple=$(rustc -vV | sed -n 's/^host: //p')
suffix=
case "$triple" in *windows*) suffix=.exe ;; esac
stage=$cache/package
target=$stage/target
rm -rf "$stage"
mkdir -p "$stage"/{bin,man,completions,doc} "$target/release"
echo "$triple" > "$stage/triple"

# Symbols stay with us: a tenth of the size, and no path of the machine that built it.
staged() {
  cp "$1" "$2"
  if [ -z "$suffix" ]; then strip "$2"; fi
}
for program in iambilly iambilly-whisper iambilly-llama iambilly-reader; do
  staged "$bin/$program$suffix" "$stage/bin/$program-$triple$suffix"
done
staged "$bin/iambilly-window$suffix" "$target/release/iambilly-window$suffix"

# The same engines for processors without AVX2: docs/packaging.md, crates/engines/src/processor.rs.
if [[ $triple == x86_64-* && ${IAMBILLY_BASELINE:-yes} != no && -z ${IAMBILLY_GPU:-} ]]; then
  say "Compiling the workers for older processors"
  # A target of its own: the native crates do not notice by themselves that these have changed.
  CARGO_TARGET_DIR=$CARGO_TARGET_DIR/baseline GGML_AVX=OFF GGML_AVX2=OFF GGML_FMA=OFF GGML_F16C=OFF GGML_BMI2=OFF \
    cargo build --release --locked --quiet -p iambilly-whisper -p iambilly-llama || fail "The workers for older processors did not build." "The compiler's message is above."
  for program in iambilly-whisper iambilly-llama; do
    staged "$CARGO_TARGET_DIR/baseline/release/$program$suffix" "$stage/bin/$program-baseline-$triple$suffix"
  done
fi

"$bin/iambilly" man --to "$stage/man"
gzip -9n "$stage"/man/*.1
for shell in bash:iambilly.bash zsh:_iambilly fish:iambilly.fish; do
  "$bin/iambilly" completions "${shell%%:*}" > "$stage/completions/${shell#*:}"
done
cp src-tauri/bundle/copyright LICENSE-MIT LICENSE-APACHE CHANGELOG.md "$stage/doc/"
cp -r ui/dist/licences "$stage/licences" && (cd "$stage/licences" && for text in *; do cp "$text" "../doc/licence-$text"; done)
# What is built in: crates and packages with versions and licences (scripts/supply-chain.sh).
scripts/sbom.py > "$stage/doc/sbom.cdx.json"

# Tauri's bundler as its makers publish it; it holds one program for each system, so there is no lock file for all.
bundler=2.12.5
tools=$cache/tools/bundle
if [ "$("$tools/node_modules/.bin/tauri" --version 2>/dev/null)" != "tauri-cli $bundler" ]; then
  npm install --prefix "$tools" --no-audit --no-fund --loglevel=error "@tauri-apps/cli@$bundler" >/dev/null ||
    fail "The bundler could not be installed." "Check the network, then run this again."
fi
variant=${IAMBILLY_GPU:-}
[ "$variant" != metal ] || variant=
python3 src-tauri/bundle/config.py "$stage" ${variant:+"$variant"} > "$stage/config.json"
for format in $formats; do
  say "Bundling $format"
  CARGO_TARGET_DIR=$target "$tools/node_modules/.bin/tauri" bundle --ci --bundles "$format" --config "$stage/config.json" ||
    fail "The $format bundle was not made." "The bundler's message is above; docs/packaging.md says what it needs."
done
find "$target/release/bundle" -maxdepth 2 -type f \( -name '*.deb' -o -name '*.rpm' -o -name '*.AppImage' -o -name '*.exe' -o -name '*.msi' -o -name '*.dmg' \) -print
