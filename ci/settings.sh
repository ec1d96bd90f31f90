# shellcheck shell=bash
# Turns the settings of a job, all from the environment, into the arguments of `bycatch check`. To be sourced.
#
#   BYCATCH_APP               the APK: a path, or a pattern that one file matches
#   BYCATCH_POLICY …_LOCK     paths; the defaults of `bycatch check` where empty, and so are those below
#   BYCATCH_MAPPING …_FORM
#   BYCATCH_RULES             paths, one a line
#   BYCATCH_FIRST_PARTY       package trees, one a line
#   BYCATCH_ALLOW_INCOMPLETE  true or false
#
# No value is ever evaluated: each becomes one argument, and none is taken for another option.

arguments=(check)

# refuse <message>: a mistake in the settings ends the job as a mistake on the command line does.
refuse() {
  printf 'bycatch: %s\n' "$1" >&2
  exit 2
}

# add_option <option> <value>: unless the value is empty.
add_option() {
  if [[ -n $2 ]]; then arguments+=("$1=$2"); fi
}

# add_lines <option> <value>: once for each line that is not blank.
add_lines() {
  local line
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    add_option "$1" "$line"
  done <<<"$2"
}

# add_flag <option> <setting's name> <true or false>
add_flag() {
  case $3 in
    true) arguments+=("$1") ;;
    false | '') ;;
    *) refuse "$2 is true or false, not $(printf '%q' "$3")" ;;
  esac
}

# add_app <path or pattern>: a path first, since names of files may look like patterns.
add_app() {
  local IFS='' files
  if [[ -z $1 ]]; then refuse "name the APK, in BYCATCH_APP or the input app"; fi
  if [[ -e $1 ]]; then
    files=("$1")
  else
    shopt -s nullglob
    shopt -s globstar 2>/dev/null || true # the bash of macOS has no **
    # shellcheck disable=SC2206 # A pattern is to be expanded; with an empty IFS nothing is split.
    files=($1)
    shopt -u nullglob
  fi
  case ${#files[@]} in
    0) refuse "no file matches $(printf '%q' "$1")" ;;
    1) arguments+=(-- "${files[0]}") ;;
    *) refuse "${#files[@]} files match $(printf '%q' "$1"), and a check is of one app: $(printf '%q ' "${files[@]}")" ;;
  esac
}

# add_settings: all of the above.
add_settings() {
  add_option --policy "${BYCATCH_POLICY:-}"
  add_option --lock "${BYCATCH_LOCK:-}"
  add_option --mapping "${BYCATCH_MAPPING:-}"
  add_option --form "${BYCATCH_FORM:-}"
  add_lines --rules "${BYCATCH_RULES:-}"
  add_lines --first-party "${BYCATCH_FIRST_PARTY:-}"
  add_flag --allow-incomplete BYCATCH_ALLOW_INCOMPLETE "${BYCATCH_ALLOW_INCOMPLETE:-}"
  add_app "${BYCATCH_APP:-}"
}

# run_bycatch <argument>...: that of this checkout.
run_bycatch() {
  node "$(dirname "${BASH_SOURCE[0]}")/../bin/bycatch.js" "$@"
}

# name_outcome <exit code>: what an exit code of `bycatch check` means, in a word.
name_outcome() {
  case $1 in
    0) echo pass ;;
    1) echo fail ;;
    3) echo incomplete ;;
    *) echo error ;;
  esac
}
