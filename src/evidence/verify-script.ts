/** Checks a custody log with nothing but a POSIX shell and sha256sum; goes into packages as `verify-custody.sh`. */
export const VERIFY_CUSTODY_SH = `#!/bin/sh
# Checks a custody log: each line begins with the SHA-256 of the line before it, line feed included.
# usage: sh verify-custody.sh custody.jsonl [SHA-256 of the last line, as noted elsewhere]
# Exit code: 0 the chain is whole, 1 it is not, 2 wrong usage.
LC_ALL=C
export LC_ALL
log=$1
expected=$2
if [ ! -r "$log" ]; then
  echo "usage: sh verify-custody.sh custody.jsonl [SHA-256 of the last line]" >&2
  exit 2
fi
if command -v sha256sum >/dev/null 2>&1; then
  hash() { sha256sum | cut -c 1-64; }
elif command -v shasum >/dev/null 2>&1; then
  hash() { shasum -a 256 | cut -c 1-64; }
else
  echo "neither sha256sum nor shasum is here" >&2
  exit 2
fi
if [ -s "$log" ] && [ "$(tail -c 1 "$log" | wc -l)" -ne 1 ]; then
  echo "BROKEN: the last line is torn"
  exit 1
fi
prev=0000000000000000000000000000000000000000000000000000000000000000
count=0
while IFS= read -r line; do
  count=$((count + 1))
  case $line in
    "{\\"prev\\":\\"$prev\\",\\"seq\\":$count,"*) ;;
    *)
      echo "BROKEN: line $count does not follow from the one before it"
      exit 1
      ;;
  esac
  prev=$(printf '%s\\n' "$line" | hash)
done <"$log"
echo "$count lines, last $prev"
if [ -n "$expected" ] && [ "$expected" != "$prev" ]; then
  echo "BROKEN: the last line should be $expected; lines were cut off or added"
  exit 1
fi
echo "OK"
`;
