#!/usr/bin/env bash
# Step of action.yml: the report as one comment on the pull request, written again at every push. A pull request that
# changes no layer gets none. GH_TOKEN, GITHUB_REPOSITORY, NUMBER, REPORT: a file, CHANGED: true, false or empty.
set -euo pipefail
marker='<!-- layerpack -->'
body=$(mktemp)
trap 'rm -f "$body"' EXIT
{ echo "$marker"; cat "$REPORT"; } >"$body"
# GitHub takes 65,536 characters: where it is more, the lists of files and weights go.
if [ "$(wc -m <"$body")" -gt 65000 ]; then
    { echo "$marker"; sed '/<details>/,/<\/details>/d' "$REPORT"; echo; echo "The whole report is in the job's summary."; } >"$body"
fi

write() {
    local id
    id=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" \
        --jq ".[] | select(.body | startswith(\"$marker\")) | .id") || return
    id=${id%%$'\n'*}
    if [ -n "$id" ]; then
        gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$body"
    elif [ "$CHANGED" != false ]; then
        gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments" --field "body=@$body"
    fi
}
# The token of a pull request from a fork may only read.
write || echo "::warning::the comment could not be written: it takes the permission 'pull-requests: write'; the report is in the job's summary"
