#!/usr/bin/env bash
# Looks into a .deb without installing it: every program, page and entry is there, and it depends on the packages whose
# libraries its programs ask for.
#   scripts/package-check.sh FILE.deb        IAMBILLY_BASELINE=no: made without the workers for older processors
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

deb=${1:-}
[ -f "$deb" ] || fail "Which package?" "scripts/package-check.sh FILE.deb" 2
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
dpkg-deb -R "$deb" "$own/deb"
bad=0
want() { [ -s "$own/deb/$1" ] || { echo "missing: /$1" >&2; bad=1; }; }
for program in iambilly iambilly-window iambilly-whisper iambilly-llama iambilly-reader; do want "usr/bin/$program"; done
if [ "$(dpkg-deb -f "$deb" Architecture)" = amd64 ]; then
  case "$(dpkg-deb -f "$deb" Package)" in
    iambilly) [ "${IAMBILLY_BASELINE:-yes}" = no ] || for program in iambilly-whisper-baseline iambilly-llama-baseline; do want "usr/bin/$program"; done ;;
  esac
fi
for page in iambilly iambilly-claim iambilly-models-import; do want "usr/share/man/man1/$page.1.gz"; done
want usr/share/bash-completion/completions/iambilly
want usr/share/zsh/vendor-completions/_iambilly
want usr/share/fish/vendor_completions.d/iambilly.fish
want "usr/share/applications/$(dpkg-deb -f "$deb" Package).desktop"
ls "$own"/deb/usr/share/icons/hicolor/*/apps/*.png >/dev/null 2>&1 || { echo "missing: icons" >&2; bad=1; }
doc=usr/share/doc/$(dpkg-deb -f "$deb" Package)
for text in copyright CHANGELOG.md LICENSE-MIT LICENSE-APACHE sbom.cdx.json; do want "$doc/$text"; done
want DEBIAN/preinst
# Weights, keys, data of a person: nothing of that kind may ever be packed.
find "$own/deb" -name '*.gguf' -o -name 'ggml-*.bin' -o -name '*.db' -o -name 'vault*.json' | grep . && bad=1
# No path of who built it.
if grep -rlaF "$root" "$own/deb/usr" | grep .; then echo "these name the folder they were built in" >&2; bad=1; fi
depends=$(dpkg-deb -f "$deb" Depends)
for library in $(objdump -p "$own"/deb/usr/bin/iambilly* | awk '/NEEDED/ {print $2}' | sort -u); do
  package=$(dpkg-query -S "*/$library" 2>/dev/null | head -1 | cut -d: -f1)
  case "$package" in
    # Come with GTK and with every system.
    libc6 | libc6-* | libgcc-s1 | libglib2.0-0* | libcairo2 | libgdk-pixbuf-2.0-0 | libjavascriptcoregtk-4.1-0 | "") ;;
    *) tr ',|(' '\n' <<< "$depends" | tr -d ' ' | grep -qxF -e "${package%t64}" -e "$package" || { echo "does not depend on $package ($library)" >&2; bad=1; } ;;
  esac
done
[ $bad -eq 0 ] || fail "The package is not whole." "src-tauri/bundle/config.py says what goes in." 1
say "$(basename "$deb"): whole, $(du -h "$deb" | cut -f1) packed, $(du -sh "$own/deb" | cut -f1) installed"
