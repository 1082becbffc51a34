#!/usr/bin/env bash
# Step of action.yml: builds the layers, builds them once more as they were at the base of the pull request, and writes
# what changed and what it weighs as Markdown.
#
# SOURCES, ARGS: words separated by blanks or lines. BASE: a commit, empty outside pull requests. OUT_DIR, RUNTIME, ARCH.
set -euo pipefail
# shellcheck source=action/targets.sh
. "$(dirname "$0")/targets.sh"
read -r -d '' -a sources <<<"${SOURCES:-}" || true
read -r -d '' -a arguments <<<"${ARGS:-}" || true
work=$(mktemp -d "$RUNNER_TEMP/layerpack.XXXXXX")
report=$work/report.md
new=$OUT_DIR old=$work/old

# build FOLDER ARGUMENTS…: the sources that are there, of where this is called, into FOLDER.
build() {
    local folder=$1 there=() source
    shift
    for source in ${sources[@]+"${sources[@]}"}; do
        [ -e "$source" ] && there+=("$source")
    done
    # Where all sources are new, nothing was built before.
    [ ${#sources[@]} = ${#there[@]} ] || [ ${#there[@]} != 0 ] || return 0
    layerpack build ${there[@]+"${there[@]}"} ${targets[@]+"${targets[@]}"} ${arguments[@]+"${arguments[@]}"} \
        --out-dir "$folder" "$@"
}

for source in ${sources[@]+"${sources[@]}"}; do
    [ -e "$source" ] || { echo "::error::there is no $source"; exit 2; }
done
build "$new" --format github

at_base=none
if [ -n "${BASE:-}" ]; then
    # A checkout of depth 1 does not have it.
    git cat-file -e "$BASE^{commit}" 2>/dev/null || git fetch --quiet --no-tags --depth=1 origin "$BASE"
    below=$(git rev-parse --show-prefix)
    git worktree add --quiet --detach "$work/base" "$BASE"
    at_base=built
    if [ -d "$work/base/$below" ]; then
        # What does not build at the base is no fault of this pull request.
        (cd "$work/base/$below" && build "$old" --emit zip,report --quiet >/dev/null) 2>"$work/base.log" || at_base=failed
    fi
    git worktree remove --force "$work/base"
fi

shopt -s nullglob
zips=("$new"/*.zip)
changed=false
{
    echo "### Lambda layers"
    if [ $at_base = failed ]; then
        printf '\nThe layers of the base (%s) could not be built, so there is no comparison:\n\n```\n' "${BASE:0:9}"
        cat "$work/base.log"
        printf '```\n'
    fi
    for zip in ${zips[@]+"${zips[@]}"}; do
        name=$(basename "$zip")
        printf '\n#### %s\n\n' "${name%.zip}"
        if [ -e "$old/$name" ]; then
            layerpack diff "$old/$name" "$zip" --format markdown
            layerpack diff "$old/$name" "$zip" --exit-code --quiet >/dev/null || changed=true
        elif [ $at_base = built ]; then
            changed=true
            echo "This layer is new."
        fi
    done
    for zip in "$old"/*.zip; do
        name=$(basename "$zip")
        if [ ! -e "$new/$name" ]; then
            changed=true
            printf '\n#### %s\n\nThis layer is no longer built.\n' "${name%.zip}"
        fi
    done
} >"$report"

# All layers of one target together: that is what a function may load.
over=0
endings=$(printf '%s\n' ${zips[@]+"${zips[@]}"} | sed -nE 's/.*-(python[0-9.]+-(arm64|x86_64))\.zip$/\1/p' | sort -u)
for ending in $endings; do
    layerpack size "$new"/*-"$ending".zip >"$work/size" || over=$?
    # shellcheck disable=SC2016
    printf '\n<details><summary>Weight of all layers together, %s: %s</summary>\n\n```\n%s\n```\n\n</details>\n' \
        "$ending" "$(grep -m1 ' unzipped · ' "$work/size")" "$(cat "$work/size")" >>"$report"
done

[ $at_base = built ] || changed=
{
    echo "report=$report"
    echo "changed=$changed"
    echo "zips<<layerpack-end"
    printf '%s\n' ${zips[@]+"${zips[@]}"}
    echo "layerpack-end"
} >>"$GITHUB_OUTPUT"
cat "$report" >>"$GITHUB_STEP_SUMMARY"
layerpack cache prune --older-than 30d --quiet >/dev/null
exit $over
