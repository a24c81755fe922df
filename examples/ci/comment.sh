#!/bin/sh
# Puts FILE into the one comment of a pull or merge request that begins with `<!-- disco -->`: a new one, or the one of the
# push before.
#
#   comment.sh FILE
#
# GitHub: GITHUB_TOKEN, GITHUB_REPOSITORY, PULL_REQUEST. GitLab: GITLAB_TOKEN, CI_API_V4_URL, CI_PROJECT_ID,
# CI_MERGE_REQUEST_IID. Needs curl and python3.
set -eu
file=${1:?the file with the comment}

if [ -n "${GITHUB_TOKEN:-}" ]; then
    api="${GITHUB_API_URL:-https://api.github.com}/repos/${GITHUB_REPOSITORY:?}/issues"
    list="$api/${PULL_REQUEST:?}/comments?per_page=100"
    create="$api/$PULL_REQUEST/comments"
    change="$api/comments"
    method=PATCH
    header="Authorization: Bearer $GITHUB_TOKEN"
else
    api="${CI_API_V4_URL:?}/projects/${CI_PROJECT_ID:?}/merge_requests/${CI_MERGE_REQUEST_IID:?}/notes"
    list="$api?per_page=100"
    create="$api"
    change="$api"
    method=PUT
    header="PRIVATE-TOKEN: ${GITLAB_TOKEN:?}"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The token stands in a file: arguments of a program can be read by everybody on the host.
printf 'header = "%s"\n' "$header" >"$work/curl"
chmod 600 "$work/curl"
python3 -c 'import json, sys; print(json.dumps({"body": open(sys.argv[1], encoding="utf-8").read()}))' "$file" >"$work/body"
curl --silent --show-error --fail --config "$work/curl" "$list" >"$work/comments"
known=$(python3 -c '
import json, sys
comments = json.load(open(sys.argv[1], encoding="utf-8"))
print(next((str(one["id"]) for one in comments if one["body"].startswith("<!-- disco -->")), ""))
' "$work/comments")
if [ -n "$known" ]; then
    create="$change/$known"
else
    method=POST
fi
curl --silent --show-error --fail --config "$work/curl" --request "$method" --header "Content-Type: application/json" \
    --data "@$work/body" "$create" >/dev/null
