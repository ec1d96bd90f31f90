#!/usr/bin/env bash
# The check of a GitLab job: report in the log, and the verdict in files that the job keeps. Ends with check's exit
# code.
set -euo pipefail
# shellcheck source=ci/settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/../settings.sh"

folder=${BYCATCH_REPORTS:-bycatch-reports}
mkdir -p -- "$folder"
# Those of an earlier run would be taken for this one's where a check ends before it writes.
rm -f -- "$folder"/bycatch.{xml,sarif,md,json}
arguments+=(--output=- "--output=junit=$folder/bycatch.xml" "--output=sarif=$folder/bycatch.sarif")
arguments+=("--output=markdown=$folder/bycatch.md" "--output=json=$folder/bycatch.json" --width=120)
add_settings
run_bycatch "${arguments[@]}"
