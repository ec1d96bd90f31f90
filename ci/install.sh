#!/usr/bin/env bash
# Makes this checkout of Bycatch ready to run: builds it, unless it is built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  echo "bycatch: needs Node 20.19 or later on the path; set it up in a step before this one" >&2
  exit 2
fi
if [[ -f dist/cli.js ]]; then exit 0; fi
# The build is npm's prepare script, and needs the development dependencies whatever the job's environment says.
npm ci --include=dev --no-audit --no-fund
