/**
 * Functions shared by all steps. The bash code never uses braces around a variable, because these texts are template
 * literals. `patiently` retries what depends on other machines or on slow propagation of Google's permissions.
 */
export const prelude = String.raw`
readonly lib=/usr/local/lib/trizone
readonly run=/run/trizone
readonly disk=/mnt/disks/master-pd
readonly image=/etc/trizone/image.d
export DEBIAN_FRONTEND=noninteractive
export KUBECONFIG=/etc/kubernetes/admin.conf
boot_id=$(cat /proc/sys/kernel/random/boot_id)
readonly boot_id
step=setup n=0 of=0 reason=''

tool() { "$lib/cloud" "$@"; }
cfg() { tool get "$1"; }

# What this machine is doing, for the person who waits: guest attribute and serial console. A lost report stops nothing.
report() {
  echo "TRIZONE step=$step n=$n of=$of$(test -z "$1" || printf ' says="%s"' "$1")"
  tool progress "$step" "$n" "$of" "$boot_id" "$1" || echo "TRIZONE warning=progress-not-reported"
}

fail() { reason="$1"; exit 1; }

# The last words before the script ends by an error. BASH_COMMAND is the command's text without its values.
ended() {
  local code=$? command="$BASH_COMMAND"
  test "$code" -ne 0 || return 0
  test -n "$reason" || reason="command failed with $code: $command"
  echo "TRIZONE error step=$step message=\"$reason\""
  tool failure "$step" "$boot_id" "$reason" || echo "TRIZONE warning=error-not-reported"
}
trap ended EXIT

# patiently SECONDS WHAT COMMAND…: repeats until it works or the time is over, and says now and then what it waits for. Status 4
# of the command is what waiting cannot change.
patiently() {
  local limit=$((SECONDS + $1)) what="$2" last='' said='' code
  shift 2
  until last=$("$@" 2>&1 >/dev/null); do
    code=$?
    last=$(tail -n 1 <<<"$last" | tr -d '"')
    if test "$code" -eq 4 || test "$SECONDS" -ge "$limit"; then fail "$what: $last"; fi
    test "$last" = "$said" || report "$what: $last"
    said="$last"
    sleep 5
  done
}

# install_file PATH MODE: standard input becomes the file, at once or not at all.
install_file() {
  mkdir -p "$(dirname "$1")"
  cat >"$1.part"
  chmod "$2" "$1.part"
  mv "$1.part" "$1"
}

# The image brings this component itself (any version).
provided() { test -f "$image/provided" && grep -qx "$1" "$image/provided"; }

# Names what is missing, which later steps would only say in riddles.
needs() {
  local program
  for program in "$@"; do type -P "$program" >/dev/null || fail "required program not found: $program"; done
}

# Output of kubeadm goes to a file of root only; what is shown of it on failure has its tokens blotted out. The reason is the
# first finding of its preflight, or else the last line that sounds like one.
quietly() {
  local log=/var/log/trizone-kubeadm.log said
  if ! "$@" >"$log" 2>&1; then
    said=$(sed -E 's/[a-z0-9]{6}\.[a-z0-9]{16}/(token)/g; s/^[[:space:]]+//' "$log")
    tail -n 30 <<<"$said" | sed 's/^/TRIZONE log: /'
    fail "$1 $2 failed: $(reason_in <<<"$said" | tr -d '"')"
  fi
}
reason_in() {
  awk '
    /^\[ERROR / && !finding { finding = $0 }
    tolower($0) ~ /error|timed out|refused/ && !/stack trace/ { last = $0 }
    END { print finding ? finding : last ? last : $0 }
  '
}

# "Joined" stands on the persistent disk (on a node's boot disk) and is written only after the machine worked once.
joined_file() { if test "$role" = node; then echo /var/lib/trizone/joined; else echo "$disk/trizone/joined"; fi; }
joined() { test -s "$(joined_file)"; }
own_readyz() { curl -sSf -m 5 --cacert /etc/kubernetes/pki/ca.crt "https://$own_ip:443/readyz"; }
preflight() { test ! -f "$image/ignore-preflight-errors" || printf -- '--ignore-preflight-errors=%s' "$(paste -sd, "$image/ignore-preflight-errors")"; }
`;
