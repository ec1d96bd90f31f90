#!/usr/bin/env bash
# The action's check: report in the log, annotations, job summary, files and outputs. It ends well whatever the
# verdict is, so that what comes after can publish it; a last step fails the job.
set -euo pipefail
# shellcheck source=ci/settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/../settings.sh"

folder=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/bycatch.XXXXXX")
arguments+=(--output=- "--output=github=$folder/annotations.txt" "--output=sarif=$folder/bycatch.sarif")
arguments+=("--output=markdown=$folder/bycatch.md" "--output=json=$folder/bycatch.json" --color=never --width=120)

# A report holds texts of the app. Between these two commands the runner takes no line of it for a command.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '::group::bycatch check\n::stop-commands::%s\n' "$token"
code=0
# A subshell: settings that are refused end it, and are told like any other failure.
(
  add_settings
  run_bycatch "${arguments[@]}"
) 2>&1 || code=$?
printf '::%s::\n::endgroup::\n' "$token"

outcome=$(name_outcome "$code")
if [[ -s $folder/annotations.txt ]]; then
  cat "$folder/annotations.txt"
else
  printf '::error title=Bycatch::There is no verdict (%s, exit code %d): the log says why\n' "$outcome" "$code"
fi
if [[ -s $folder/bycatch.md ]]; then
  cat "$folder/bycatch.md" >>"$GITHUB_STEP_SUMMARY"
else
  printf '## Bycatch: no verdict\n\nThe check ended with exit code %d (%s). The log says why.\n' "$code" "$outcome" \
    >>"$GITHUB_STEP_SUMMARY"
fi

# tell_file <output> <path>: empty where the check ended before it wrote it.
tell_file() {
  if [[ -s $2 ]]; then printf '%s=%s\n' "$1" "$2"; else printf '%s=\n' "$1"; fi
}
{
  printf 'outcome=%s\nexit-code=%d\n' "$outcome" "$code"
  tell_file sarif-file "$folder/bycatch.sarif"
  tell_file markdown-file "$folder/bycatch.md"
  tell_file json-file "$folder/bycatch.json"
} >>"$GITHUB_OUTPUT"
