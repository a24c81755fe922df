#!/bin/sh
# Checks a change and writes what its reviewers are told: OUT/comment.md, and OUT/findings in the format of the host.
#
#   review.sh BASE [OUT]      BASE: the branch or commit that the change is for
#
# FINDINGS=github | gitlab | sarif | text (the default), PROJECT: the folder with the definitions (the current one).
# Exits with 1 if the change must not be merged as it is.
set -u
base=${1:?the branch that the change is for}
out=${2:-review}
project=${PROJECT:-.}
findings=${FINDINGS:-text}
mkdir -p "$out"
failed=0

if ! disco -C "$project" fmt --check --diff >"$out/fmt.diff"; then
    failed=1
    cat "$out/fmt.diff"
    echo "run \`disco fmt\`" >&2
fi

# 0: nothing, 1: errors, 2: warnings, which do not keep anybody from merging.
disco -C "$project" lint --format "$findings" >"$out/findings"
if [ $? -eq 1 ]; then
    failed=1
fi
# GitHub reads annotations from the output of the job.
if [ "$findings" = github ] || [ "$findings" = text ]; then
    cat "$out/findings"
fi

# 0: no differences, 2: some.
disco -C "$project" diff "$base" --format markdown >"$out/comment.md"
if [ $? -eq 1 ]; then
    failed=1
    echo "The definitions cannot be compared with \`$base\`; see the job." >"$out/comment.md"
fi
exit "$failed"
