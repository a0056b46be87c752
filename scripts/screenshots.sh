#!/usr/bin/env bash
# Takes every picture of the docs anew, from the real window on a real dictation: runs the end-to-end tests and copies what the
# docs show. Some five minutes.
#   scripts/screenshots.sh [FOLDER]      FOLDER holds pictures of a run of tests/e2e/run.sh already made: nothing is run
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

shots=${1:-}
if [ -z "$shots" ]; then
  need_tools
  # shellcheck disable=SC2086
  need_apt $apt_build $apt_test
  need_page
  need_build iambilly iambilly-whisper iambilly-llama iambilly-reader iambilly-window
  need_models
  shots=$(mktemp -d)
  trap 'rm -rf "$shots"' EXIT
  IAMBILLY_SHOTS=$shots tests/e2e/run.sh
fi
# The docs' name, and the end of the name that the test gave the picture; the first that is there (the work can be
# done before a picture of it is taken).
while read -r name names; do
  found=
  for shot in $names; do
    [ -n "$found" ] || found=$(find "$shots" -name "$shot.png" | sort | head -1)
  done
  [ -n "$found" ] || fail "No picture $names in $shots." "The end-to-end tests name their pictures: tests/e2e/*.mjs." 1
  cp "$found" "docs/screenshots/$name.png"
  say "docs/screenshots/$name.png from $(basename "$found")"
done <<'P'
unlock [0-9]*-first-use
import [0-9]*-import
progress [0-9]*-working [0-9]*-drafted
review-light [0-9]*-review-light
review-dark [0-9]*-review-dark
keys [0-9]*-keys
charges rules-[0-9]*-charges
claim-form approve-[0-9]*-filled
editions rules-[0-9]*-editions
microphone record-[0-9]*-speaking
first-steps physician-[0-9]*-first-steps
note physician-[0-9]*-signed
queries physician-[0-9]*-queries
queue approve-[0-9]*-queue
difference approve-[0-9]*-difference
insights approve-[0-9]*-insights
approved approve-[0-9]*-approved
rejected approve-[0-9]*-rejected
reopened approve-[0-9]*-reopened
answers exchange-[0-9]*-answers
paper exchange-[0-9]*-paper
coverage library-[0-9]*-coverage
send-sheet emr-[0-9]*-send-sheet
locked [0-9]*-locked
P
for picture in docs/screenshots/*.png; do
  grep -rqF "$(basename "$picture")" README.md docs/*.md || say "Nothing shows $picture: show it or remove it."
done
