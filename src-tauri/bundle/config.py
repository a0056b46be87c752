"""Prints what is merged into tauri.conf.json to bundle for this system: stage folder and variant come as arguments.

    config.py STAGE [VARIANT]

STAGE holds bin/ (every program, stripped, named with the target triple), man/, completions/ and doc/. VARIANT names
another build of the workers (vulkan, cuda), which gets a package name of its own. Signing is read from the environment
by the bundler itself (docs/packaging.md) except for the Windows command, which Tauri takes from its configuration.
"""
import json
import os
import pathlib
import sys

stage = pathlib.Path(sys.argv[1]).absolute()
variant = sys.argv[2] if len(sys.argv) > 2 else ""
here = pathlib.Path(__file__).parent
name = f"iambilly-{variant}" if variant else "iambilly"
triple = (stage / "triple").read_text().strip()

# Where each staged page goes on a Linux system.
files = {}
for page in sorted((stage / "man").glob("*.1.gz")):
    files[f"/usr/share/man/man1/{page.name}"] = str(page)
files["/usr/share/bash-completion/completions/iambilly"] = str(stage / "completions/iambilly.bash")
files["/usr/share/zsh/vendor-completions/_iambilly"] = str(stage / "completions/_iambilly")
files["/usr/share/fish/vendor_completions.d/iambilly.fish"] = str(stage / "completions/iambilly.fish")
for text in sorted((stage / "doc").iterdir()):
    files[f"/usr/share/doc/{name}/{text.name}"] = str(text)

programs = sorted({p.name[: -len(f"-{triple}")] for p in (stage / "bin").iterdir() if p.name.endswith(f"-{triple}")})
others = [n for n in ("iambilly", "iambilly-vulkan", "iambilly-cuda") if n != name]
# The bundler adds WebKitGTK and GTK by itself.
debian = [
    "libsoup-3.0-0", "libasound2", "libdbus-1-3", "libssl3", "libstdc++6", "libgcc-s1", "libc6 (>= 2.36)",
]
fedora = ["libsoup3", "alsa-lib", "dbus-libs", "openssl-libs", "libstdc++"]
if variant == "vulkan":
    debian.append("libvulkan1")
    fedora.append("vulkan-loader")

config = {
    "productName": name if sys.platform.startswith("linux") else "IamBilly",
    "bundle": {
        "externalBin": [str(stage / "bin" / p) for p in programs],
        "publisher": "The IamBilly authors",
        "license": "MIT OR Apache-2.0",
        "licenseFile": str(here.parent.parent / "LICENSE-MIT"),
        "longDescription": "Dictation, coding, scrubbing and sending of a spine surgeon's professional claims. Everything runs on this machine.",
        # The program fetches nothing by itself, so neither does a new version of it (docs/packaging.md).
        "createUpdaterArtifacts": False,
        "linux": {
            "deb": {
                "depends": debian,
                "recommends": ["gnome-keyring | libsecret-1-0", "python3-venv", "tesseract-ocr"],
                "provides": ["iambilly"] if variant else [],
                "conflicts": others,
                "section": "misc",
                "priority": "optional",
                "files": files,
                "desktopTemplate": str(here / "iambilly.desktop"),
                "preInstallScript": str(here / "preinst.sh"),
            },
            "rpm": {
                "depends": fedora,
                "recommends": ["gnome-keyring", "python3", "tesseract"],
                "provides": ["iambilly"] if variant else [],
                "conflicts": others,
                "files": files,
                "desktopTemplate": str(here / "iambilly.desktop"),
                "preInstallScript": str(here / "preinst.sh"),
                "compression": {"type": "zstd", "level": 10},
            },
            "appimage": {"bundleMediaFramework": False},
        },
        "windows": {
            "digestAlgorithm": "sha256",
            "timestampUrl": os.environ.get("IAMBILLY_TIMESTAMP_URL") or None,
            "certificateThumbprint": os.environ.get("IAMBILLY_WINDOWS_THUMBPRINT") or None,
            "allowDowngrades": False,
            # The clinic's machines often have no network: the web view's installer goes along.
            "webviewInstallMode": {"type": "offlineInstaller"},
            "nsis": {"installMode": "perMachine", "compression": "lzma"},
            "wix": {"language": "en-US"},
        },
        "macOS": {
            "minimumSystemVersion": "12.0",
            "hardenedRuntime": True,
            "entitlements": str(here / "macos.entitlements"),
            "infoPlist": str(here / "Info.plist"),
            "signingIdentity": os.environ.get("APPLE_SIGNING_IDENTITY") or None,
        },
    },
}
if os.environ.get("IAMBILLY_WINDOWS_SIGN"):
    # E.g. a cloud signer: the command gets the file in place of %1.
    config["bundle"]["windows"]["signCommand"] = os.environ["IAMBILLY_WINDOWS_SIGN"]
json.dump(config, sys.stdout, indent=1)
