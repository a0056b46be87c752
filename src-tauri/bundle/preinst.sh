#!/bin/sh
# The program is not replaced under somebody who dictates: while the installed one is open, an upgrade waits.
# $1 is `upgrade` from dpkg, the number of versions that will be here from rpm.
set -e
case "$1" in
  upgrade | 2) ;;
  *) exit 0 ;;
esac
for each in /proc/[0-9]*/exe; do
  case "$(readlink "$each" 2>/dev/null || true)" in
    /usr/bin/iambilly | /usr/bin/iambilly-window)
      echo "IamBilly is open on this computer and may be recording. Close it, then install the new version again; nothing was changed." >&2
      exit 1
      ;;
  esac
done
exit 0
