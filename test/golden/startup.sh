#!/bin/bash
# Start of a machine of a Trizone cluster, at every power-on. The same text for every machine: what differs comes as data in
# the metadata items trizone-config, trizone-kubeadm and trizone-addons. It holds no secret.
set -Eeuo pipefail
umask 077

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

# "No version yet" (status 3) is an answer; a refused permission is to be waited for. The status stands in $run/secret.
secret_answers() {
  local code=0
  tool secret-exists "$1" >/dev/null || code=$?
  echo "$code" >"$run/secret"
  test "$code" -eq 0 || test "$code" -eq 3
}

# Etcd's members are known by peer URL: an unstarted one has no name yet.
remove_half_member() {
  local k="kubectl --kubeconfig $run/cleanup.conf --request-timeout=10s" pod id
  local etcdctl='etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key'
  # shellcheck disable=SC2086 # these two are lists of words
  pod=$($k -n kube-system get pods -l component=etcd --field-selector "spec.nodeName!=$name,status.phase=Running" -o name | sed -n 1p) || return 1
  test -n "$pod" || { echo 'no etcd member on another master is responding' >&2; return 1; }
  # shellcheck disable=SC2086
  id=$($k -n kube-system exec "$pod" -- $etcdctl member list | awk -F', ' -v url="https://$own_ip:2380" '$4 == url { print $1 }') || return 1
  # shellcheck disable=SC2086
  test -z "$id" || $k -n kube-system exec "$pod" -- $etcdctl member remove "$id" || return 1
  # shellcheck disable=SC2086
  $k delete node "$name" --ignore-not-found
}

# The surviving masters are asked by kubectl, with a certificate that the cluster's authority makes here.
forget_half_member() {
  tool kubeadm "$run/cluster.yaml" ClusterConfiguration
  kubeadm kubeconfig user --client-name trizone-cleanup --org kubeadm:cluster-admins --validity-period 1h --config "$run/cluster.yaml" >"$run/cleanup.conf" 2>/dev/null
  patiently 300 'removing the partially joined etcd member' remove_half_member
  rm -f "$run/cleanup.conf"
}

# Within half a year. Of the authorities, which live for ten years, kubeadm renews none.
certificates_end_soon() {
  local file
  for file in /etc/kubernetes/pki/{apiserver*,front-proxy-client,etcd/server,etcd/peer,etcd/healthcheck-client}.crt; do
    openssl x509 -noout -checkend 15552000 -in "$file" >/dev/null || return 0
  done
  return 1
}

# Static pods of the interrupted start outlive a stopped kubelet, and what still runs would write into folders that are emptied.
# A deletion by force kills and waits; containerd itself may be faster, so that only an empty list counts.
end_tasks() {
  local task tasks
  tasks=$(ctr -n k8s.io tasks ls -q) || return 1
  for task in $tasks; do ctr -n k8s.io tasks delete --force "$task" >/dev/null || true; done
  tasks=$(ctr -n k8s.io tasks ls -q) || return 1
  test -z "$tasks" || { echo 'containers are still running' >&2; return 1; }
}

endpoint_answers() {
  # Not --insecure: an answer with a certificate that curl does not know (60) is an answer.
  local code=0
  curl -sS -m 5 "https://$(cfg internalIp):443/readyz" || code=$?
  test "$code" -eq 0 || test "$code" -eq 60
}

# Free the pod range from the guest agent.
step_guest-agent() {
  local file=/etc/default/instance_configs.cfg unit range
  touch "$file"
  if ! grep -q '^ip_aliases *= *false' "$file"; then
    sed -i '/^ip_aliases/d' "$file"
    if grep -q '^\[IpForwarding\]' "$file"; then
      sed -i '/^\[IpForwarding\]/a ip_aliases = false' "$file"
    else
      printf '\n[IpForwarding]\nip_aliases = false\n' >>"$file"
    fi
    # The unit has had two names; whichever exists.
    for unit in google-guest-agent-manager.service google-guest-agent.service; do
      if systemctl cat "$unit" >/dev/null 2>&1; then systemctl restart "$unit"; fi
    done
  fi
  for range in $(tool metadata 'instance/network-interfaces/0/ip-aliases/' | tr -d /); do
    range=$(tool metadata "instance/network-interfaces/0/ip-aliases/$range")
    ip route del local "$range" table local 2>/dev/null || true # it may never have been there
  done
}

# Set kernel modules and parameters.
step_kernel() {
  local module
  printf 'overlay\nbr_netfilter\n' | install_file /etc/modules-load.d/trizone.conf 0644
  for module in overlay br_netfilter; do modprobe "$module" || echo "TRIZONE warning=no-module-$module"; done
  printf 'net.ipv4.ip_forward = 1\n' | install_file /etc/sysctl.d/90-trizone.conf 0644
  sysctl -q -w net.ipv4.ip_forward=1
  swapoff -a
  sed -i -E '/^[^#].*\sswap\s/s/^/#/' /etc/fstab
}

# Mount the persistent disk.
step_disk() {
  local device=/dev/disk/by-id/google-master-pd kind='' code=0
  cat <<'SH' | install_file "$lib/mount-disk" 0700
#!/bin/bash
set -euo pipefail
umask 077
device=/dev/disk/by-id/google-master-pd
disk=/mnt/disks/master-pd
mkdir -p "$disk"
# kubeadm does not sync what it writes, etcd does. Without nodelalloc a power cut leaves a voter with its log, but with empty
# manifests and keys: it cannot start, and of two masters neither could. With it each sync takes along what was written before.
mountpoint -q "$disk" || mount -t ext4 -o discard,nodelalloc "$device" "$disk"
bind() {
  mkdir -p "$disk/$1" "$2"
  mountpoint -q "$2" || mount --bind "$disk/$1" "$2"
}
bind etcd /var/lib/etcd
bind kubernetes /etc/kubernetes
bind kubelet-pki /var/lib/kubelet/pki
# Without these three a re-created master's kubelet does not start; links, because the files come to be later.
mkdir -p "$disk/kubelet" "$disk/trizone"
for file in config.yaml kubeadm-flags.env instance-config.yaml; do
  path="/var/lib/kubelet/$file"
  if test -f "$path" && test ! -L "$path"; then mv "$path" "$disk/kubelet/$file"; fi
  ln -sfn "$disk/kubelet/$file" "$path"
done
SH
  cat <<'SH' | install_file "$lib/disk-mounted" 0700
#!/bin/bash
set -euo pipefail
for path in /mnt/disks/master-pd /var/lib/etcd /etc/kubernetes /var/lib/kubelet/pki; do
  if ! mountpoint -q "$path"; then
    echo "not mounted from the persistent disk: $path" >&2
    exit 1
  fi
done
SH
  cat <<'UNIT' | install_file /etc/systemd/system/trizone-disk.service 0644
[Unit]
Description=Trizone: persistent disk of this master
Before=kubelet.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/trizone/mount-disk
[Install]
WantedBy=multi-user.target
UNIT
  cat <<'UNIT' | install_file /etc/systemd/system/kubelet.service.d/05-trizone-disk.conf 0644
[Unit]
Requires=trizone-disk.service
After=trizone-disk.service
[Service]
ExecStartPre=/usr/local/lib/trizone/disk-mounted
UNIT
  patiently 120 'waiting for the disk' blockdev --getsize64 "$device"
  # 2 = neither file system nor partition table; any other trouble is not a reason to format.
  kind=$(blkid -p -o value -s TYPE -s PTTYPE "$device") || code=$?
  case "$code:$kind" in
    2:) mkfs.ext4 -q -m 0 -E lazy_itable_init=0,lazy_journal_init=0,discard "$device" ;;
    0:ext4) ;;
    *) fail "the disk contains something else, leaving it unchanged: $kind" ;;
  esac
  systemctl daemon-reload
  systemctl enable --quiet trizone-disk.service
  systemctl start trizone-disk.service
  "$lib/disk-mounted"
  if joined && test "$(cat "$(joined_file)")" != "$uid"; then fail 'the disk belongs to another cluster'; fi
}

# Install containerd.
step_containerd() {
  local version base
  test "$(dpkg --print-architecture)" = amd64 || fail 'only amd64 machines are supported'
  fetch() { # URL CHECKSUM-URL PINNED FILE
    curl -sSfL --retry 5 --retry-all-errors -m 600 -o "$4" "$1"
    local want="$3"
    test -n "$want" || want=$(curl -sSfL --retry 5 --retry-all-errors -m 60 "$2" | awk -v file="$(basename "$1")" 'NF == 1 || $2 == file || $2 == "*" file { print $1; exit }')
    echo "$want  $4" | sha256sum --check --quiet - || fail "checksum mismatch: $(basename "$1")"
  }
  version=$(cfg versions.containerd)
  if ! provided containerd && test "$(containerd --version 2>/dev/null | awk '{ print $3 }')" != "v$version"; then
    base="https://github.com/containerd/containerd/releases/download/v$version/containerd-$version-linux-amd64.tar.gz"
    fetch "$base" "$base.sha256sum" "$(cfg versions.sha256.containerd)" "$run/containerd.tgz"
    tar -C /usr/local -xzf "$run/containerd.tgz"
  fi
  version=$(cfg versions.runc)
  if ! provided runc && test "$(runc --version 2>/dev/null | awk 'NR == 1 { print $3 }')" != "$version"; then
    base="https://github.com/opencontainers/runc/releases/download/v$version"
    fetch "$base/runc.amd64" "$base/runc.sha256sum" "$(cfg versions.sha256.runc)" "$run/runc.amd64"
    install -D -m 0755 "$run/runc.amd64" /usr/local/sbin/runc
  fi
  # A folder of our own: the package kubernetes-cni writes its plugins to /opt/cni/bin.
  version=$(cfg versions.cniPlugins)
  if ! provided cni-plugins && test "$(cat "$lib/cni/version" 2>/dev/null)" != "$version"; then
    base="https://github.com/containernetworking/plugins/releases/download/v$version/cni-plugins-linux-amd64-v$version.tgz"
    fetch "$base" "$base.sha256" "$(cfg versions.sha256.cniPlugins)" "$run/cni.tgz"
    mkdir -p "$lib/cni/bin"
    tar -C "$lib/cni/bin" -xzf "$run/cni.tgz"
    echo "$version" >"$lib/cni/version"
  fi
  rm -f "$run/containerd.tgz" "$run/runc.amd64" "$run/cni.tgz"
  needs containerd ctr runc
  # No CNI add-on: kubelet's pod range fills this template (ptp + host-local), routes are Google's alias ranges. 1460 is the VPC's MTU.
  cat <<'CNI' | install_file /etc/containerd/cni.template 0644
{"cniVersion": "1.0.0", "name": "trizone", "plugins": [
  {"type": "ptp", "mtu": 1460, "ipMasq": false, "ipam": {"type": "host-local", "routes": [{"dst": "0.0.0.0/0"}],
    "ranges": [{{range $i, $range := .PodCIDRRanges}}{{if $i}}, {{end}}[{"subnet": "{{$range}}"}]{{end}}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}
]}
CNI
  cat <<'TOML' | sed "s,@PAUSE@,$(cfg versions.pause)," | install_file /etc/containerd/config.toml 0644
version = 3
imports = ["/etc/containerd/conf.d/*.toml"]
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "registry.k8s.io/pause:@PAUSE@"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
    SystemdCgroup = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/usr/local/lib/trizone/cni/bin", "/opt/cni/bin"]
  conf_dir = "/etc/cni/net.d"
  conf_template = "/etc/containerd/cni.template"
TOML
  mkdir -p /etc/containerd/conf.d
  if test -d "$image/containerd"; then cp "$image"/containerd/*.toml /etc/containerd/conf.d/; fi
  if ! systemctl cat containerd.service >/dev/null 2>&1; then
    cat <<'UNIT' | install_file /etc/systemd/system/containerd.service 0644
[Unit]
Description=containerd
After=network.target local-fs.target
[Service]
Type=notify
ExecStart=/usr/local/bin/containerd
Delegate=yes
KillMode=process
Restart=always
RestartSec=5
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
OOMScoreAdjust=-999
[Install]
WantedBy=multi-user.target
UNIT
    systemctl daemon-reload
  fi
  systemctl enable --quiet containerd.service
  # A restart leaves running containers alone, but is only done where the configuration is new.
  version=$(find /etc/containerd -name '*.toml' -o -name cni.template | sort | xargs cat | sha256sum)
  if test "$(cat "$lib/containerd.sum" 2>/dev/null)" = "$version"; then
    systemctl start containerd.service
  else
    systemctl restart containerd.service
    echo "$version" >"$lib/containerd.sum"
  fi
}

# Install kubeadm and kubelet.
step_packages() {
  local version minor key="$run/release.key" found
  version=$(cfg versions.kubernetes)
  minor=$(cut -d. -f1,2 <<<"$version")
  if ! provided kubernetes && test "$(kubeadm version -o short 2>/dev/null)" != "v$version"; then
    apt() { apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 "$@"; }
    apt update
    apt install --no-install-recommends ca-certificates gpg nftables iproute2
    curl -sSfL --retry 5 --retry-all-errors -m 60 -o "$key" "https://pkgs.k8s.io/core:/stable:/v$minor/deb/Release.key"
    # isv:kubernetes OBS Project; exactly this one key, so that nothing else is trusted with it.
    found=$(gpg --batch --show-keys --with-colons "$key" | awk -F: '$1 == "pub" { p = 1 } $1 == "sub" { p = 0 } p && $1 == "fpr" { print $10 }')
    test "$found" = DE15B14486CD377B9E876E1A234654DA9A296436 || fail "unexpected signing key for the package repository: $found"
    install -d -m 0755 /etc/apt/keyrings
    gpg --batch --yes --dearmor -o "$run/kubernetes.gpg" "$key"
    install -m 0644 "$run/kubernetes.gpg" /etc/apt/keyrings/kubernetes.gpg
    echo "deb [signed-by=/etc/apt/keyrings/kubernetes.gpg] https://pkgs.k8s.io/core:/stable:/v$minor/deb/ /" | install_file /etc/apt/sources.list.d/kubernetes.list 0644
    apt update
    apt install --allow-change-held-packages --allow-downgrades "kubelet=$version-*" "kubeadm=$version-*" "kubectl=$version-*"
    apt-mark hold kubelet kubeadm kubectl
  fi
  needs kubeadm kubelet kubectl nft
  if test "$role" = node; then
    # Pods of a node that goes down get time to end; a Spot machine has 30 s. kubeadm adds this to the cluster's kubelet settings.
    printf '{"shutdownGracePeriod": "30s", "shutdownGracePeriodCriticalPods": "10s"}\n' | install_file /etc/trizone/patches/kubeletconfiguration+strategic.json 0600
  fi
  systemctl enable --quiet kubelet.service
}

# Block pods from the metadata server.
step_firewall() {
  cat <<'NFT' | sed "s,@POD_CIDR@,$(cfg podCidr)," | install_file /etc/trizone/firewall.nft 0600
table ip trizone
delete table ip trizone
table ip trizone {
  set private {
    type ipv4_addr
    flags interval
    elements = { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 169.254.0.0/16, 224.0.0.0/4 }
  }
  chain metadata {
    type filter hook forward priority filter - 5; policy accept;
    ip saddr @POD_CIDR@ ip daddr 169.254.169.254 meta l4proto { tcp, udp } th dport 53 accept
    ip saddr @POD_CIDR@ ip daddr 169.254.169.254 ip protocol tcp reject with tcp reset
    ip saddr @POD_CIDR@ ip daddr 169.254.169.254 drop
  }
  chain outward {
    type nat hook postrouting priority srcnat + 5; policy accept;
    ip saddr @POD_CIDR@ ip daddr != @private masquerade
  }
}
NFT
  cat <<'UNIT' | install_file /etc/systemd/system/trizone-firewall.service 0644
[Unit]
Description=Trizone: masquerade pod traffic, block pods from the metadata server
Before=kubelet.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/trizone/firewall.nft
[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl enable --quiet trizone-firewall.service
  systemctl restart trizone-firewall.service
}

# Clean up an interrupted start.
step_half-done() {
  if joined; then return 0; fi
  if test "$role" = first; then
    patiently 600 'reading the join secret' secret_answers "$(cfg secrets.join)"
    test "$(cat "$run/secret")" = 3 || fail 'this cluster was created before, but not on this disk: repair or restore it'
  elif test -e /etc/kubernetes/manifests/etcd.yaml || test -d /var/lib/etcd/data; then
    # If it votes already, its own vote is needed for its removal: of two, both must answer.
    systemctl start kubelet.service || echo "TRIZONE warning=kubelet-not-started"
    patiently 300 'reading the pki secret' tool pki-restore
    forget_half_member
  fi
  systemctl stop kubelet.service
  patiently 120 'stopping the interrupted start' end_tasks
  find /etc/kubernetes /var/lib/etcd /var/lib/kubelet/pki -mindepth 1 -delete
  rm -f "$disk"/kubelet/*
}

# Restore or create the CAs.
step_pki() {
  local part
  if joined; then return 0; fi
  if test "$role" = replica; then
    patiently 900 'waiting for the pki secret' tool pki-restore
    return 0
  fi
  patiently 600 'reading the pki secret' secret_answers "$(cfg secrets.pki)"
  if test "$(cat "$run/secret")" = 0; then
    patiently 60 'restoring the pki' tool pki-restore
    return 0
  fi
  tool kubeadm "$run/cluster.yaml" InitConfiguration ClusterConfiguration
  for part in ca front-proxy-ca etcd-ca sa; do quietly kubeadm init phase certs "$part" --config "$run/cluster.yaml"; done
  patiently 600 'writing the pki secret' tool pki-save
}

# Renew the certificates.
step_certificates() {
  if ! joined || ! certificates_end_soon; then return 0; fi
  systemctl stop kubelet.service
  patiently 120 'stopping what uses the old certificates' end_tasks
  tool kubeadm "$run/cluster.yaml" ClusterConfiguration
  quietly kubeadm certs renew all --config "$run/cluster.yaml"
  sync
}

# Pull the images.
step_images() {
  if joined; then return 0; fi
  if ! provided images; then patiently 600 'pulling images' kubeadm config images pull --kubernetes-version "v$(cfg versions.kubernetes)"; fi
}

# Route the endpoint to this instance.
step_endpoint-route() {
  if joined; then return 0; fi
  local nic
  nic=$(ip -o route get 169.254.169.254 | sed -n 's/.* dev \([^ ]*\).*/\1/p')
  ip route replace to local "$(cfg internalIp)/32" dev "$nic" proto 117
}

# Initialize the cluster.
step_init() {
  if joined; then systemctl start kubelet.service; return 0; fi
  tool kubeadm "$run/init.yaml" InitConfiguration ClusterConfiguration KubeletConfiguration KubeProxyConfiguration
  # shellcheck disable=SC2046 # no word or one word
  quietly kubeadm init --skip-token-print --config "$run/init.yaml" $(preflight)
}

# Wait for the cluster.
step_await-endpoint() {
  if joined; then return 0; fi
  local limit=1800
  test "$role" != node || limit=31536000
  patiently "$limit" 'waiting for the join secret' tool secret-exists "$(cfg secrets.join)"
  patiently "$limit" 'waiting for the endpoint' endpoint_answers
}

# Join as a master.
step_join-master() {
  if joined; then systemctl start kubelet.service; return 0; fi
  patiently 60 'reading the join secret' tool join-config "$run/join.yaml" JoinConfiguration
  forget_half_member
  # shellcheck disable=SC2046
  quietly kubeadm join --config "$run/join.yaml" $(preflight)
  rm -f "$run/join.yaml"
}

# Wait for the local API server.
step_serving() {
  patiently 600 'waiting for the local API server' own_readyz
  if ! joined; then printf '%s' "$uid" | install_file "$(joined_file)" 0600; sync; fi
  tool attribute ready "$boot_id"
  echo "TRIZONE ready boot=$boot_id"
}

# Publish the credentials.
step_publish() {
  cat <<'SH' | install_file "$lib/care-secrets" 0700
#!/bin/bash
set -euo pipefail
umask 077
lib=/usr/local/lib/trizone
run=/run/trizone
export KUBECONFIG=/etc/kubernetes/admin.conf
tool() { "$lib/cloud" "$@"; }
cfg() { tool get "$1"; }
if ! tool join-is-fresh 2>/dev/null; then
  kubeadm token create --ttl 24h 2>/dev/null | tool join-publish
  tool secret-prune "$(cfg secrets.join)" 2
fi
admin_is_fresh() {
  tool secret-read "$(cfg secrets.admin)" 2>/dev/null >"$run/admin.old" || return 1
  kubectl --kubeconfig "$run/admin.old" config view --raw -o 'jsonpath={.users[0].user.client-certificate-data}' | base64 -d | openssl x509 -noout -checkend 43200 >/dev/null
}
if ! admin_is_fresh; then
  tool kubeadm "$run/cluster.yaml" ClusterConfiguration
  kubeadm kubeconfig user --client-name trizone-admin --org kubeadm:cluster-admins --validity-period 24h --config "$run/cluster.yaml" 2>/dev/null >"$run/admin.new"
  # People come by the external address.
  kubectl --kubeconfig "$run/admin.new" config set-cluster "$(cfg cluster)" --server "https://$(cfg externalIp)" >/dev/null
  tool secret-add "$(cfg secrets.admin)" <"$run/admin.new"
  tool secret-prune "$(cfg secrets.admin)" 2
fi
rm -f "$run/admin.old" "$run/admin.new"
ends() {
  local file
  for file in /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt; do
    date -u -d "$(openssl x509 -noout -enddate -in "$file" | cut -d= -f2)" +%Y-%m-%dT%H:%M:%SZ
  done
}
first=$(ends | sort | sed -n 1p)
kubectl --request-timeout=10s annotate node "$(tool metadata instance/name)" --overwrite "trizone/certificates-end=$first" >/dev/null
SH
  cat <<'SH' | install_file "$lib/care-nodes" 0700
#!/bin/bash
set -euo pipefail
umask 077
lib=/usr/local/lib/trizone
run=/run/trizone
export KUBECONFIG=/etc/kubernetes/admin.conf
kubectl --request-timeout=10s get nodes -o json >"$run/nodes.json"
stale=$("$lib/cloud" stale-nodes <"$run/nodes.json")
for node in $stale; do
  echo "TRIZONE stale-node=$node"
  kubectl --request-timeout=10s delete node "$node" --ignore-not-found
done
kubectl --request-timeout=10s -n kube-system get pods -l k8s-app=kube-dns -o json >"$run/dns.json"
if "$lib/cloud" dns-is-lopsided "$run/nodes.json" "$run/dns.json"; then
  # Not again while a rollout is on its way.
  if kubectl --request-timeout=10s -n kube-system rollout status deployment/coredns --watch=false | grep -q 'successfully rolled out'; then
    kubectl --request-timeout=10s -n kube-system rollout restart deployment/coredns
  fi
fi
SH
  cat <<'UNIT' | install_file /etc/systemd/system/trizone-secrets.service 0644
[Unit]
Description=Trizone: join token and admin credentials
[Service]
Type=oneshot
ExecStart=/usr/local/lib/trizone/care-secrets
UNIT
  cat <<'UNIT' | install_file /etc/systemd/system/trizone-secrets.timer 0644
[Timer]
OnActiveSec=1h
OnUnitActiveSec=1h
RandomizedDelaySec=300
[Install]
WantedBy=timers.target
UNIT
  cat <<'UNIT' | install_file /etc/systemd/system/trizone-nodes.service 0644
[Unit]
Description=Trizone: Node objects of lost instances, CoreDNS across zones
[Service]
Type=oneshot
ExecStart=/usr/local/lib/trizone/care-nodes
UNIT
  cat <<'UNIT' | install_file /etc/systemd/system/trizone-nodes.timer 0644
[Timer]
OnActiveSec=30s
OnUnitActiveSec=30s
AccuracySec=1s
[Install]
WantedBy=timers.target
UNIT
  patiently 600 'publishing the credentials' "$lib/care-secrets"
  systemctl daemon-reload
  # Started here, never at power-on by systemd alone: they need this boot's configuration.
  systemctl start trizone-secrets.timer trizone-nodes.timer
}

# Apply the add-ons.
step_add-ons() {
  patiently 300 'applying the add-ons' kubectl apply --server-side --force-conflicts --field-manager=trizone -f "$run/addons.yaml"
}

# Join as a node.
step_join-node() {
  if ! joined; then
    patiently 300 'waiting for the masters to delete the old Node object' tool node-is-free
    patiently 60 'reading the join secret' tool join-config "$run/join.yaml" JoinConfiguration
    # What an interrupted join left (kubelet.conf, ca.crt) would stop kubeadm's preflight.
    systemctl stop kubelet.service
    rm -rf /etc/kubernetes/kubelet.conf /etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/pki /var/lib/kubelet/pki
    # shellcheck disable=SC2046 # no word or one word
    quietly kubeadm join --config "$run/join.yaml" $(preflight)
    rm -f "$run/join.yaml"
    printf '%s' "$uid" | install_file "$(joined_file)" 0600
  fi
  systemctl start kubelet.service
  patiently 300 'waiting for kubelet' curl -sSf -m 5 http://127.0.0.1:10248/healthz
  tool attribute ready "$boot_id"
  echo "TRIZONE ready boot=$boot_id"
}

install_file "$lib/cloud" 0700 <<'PY'
#!/usr/bin/python3 -I
import base64, datetime, glob, hashlib, json, os, re, ssl, sys, time, urllib.error, urllib.request

HOME = '/run/trizone'
METADATA = 'http://169.254.169.254/computeMetadata/v1/'
SECRETS = 'https://secretmanager.googleapis.com/v1/projects/'
COMPUTE = 'https://compute.googleapis.com/compute/v1/projects/'
PKI = '/etc/kubernetes/pki'
PKI_FILES = ['ca.crt', 'ca.key', 'sa.key', 'sa.pub', 'front-proxy-ca.crt', 'front-proxy-ca.key', 'etcd/ca.crt', 'etcd/ca.key']
NAME = r'[a-z]([-a-z0-9]{0,61}[a-z0-9])?'
IP = r'([0-9]{1,3}\.){3}[0-9]{1,3}'
VERSION = r'[0-9]+\.[0-9]+\.[0-9]+'
HASH = r'[0-9a-f]{64}'
FORMS = {
    'role': r'first|replica|node', 'cluster': NAME, 'uid': r'[a-z0-9]{1,63}', 'region': NAME,
    'project': r'([a-z0-9.-]{1,60}:)?[a-z][a-z0-9-]{4,61}[a-z0-9]', 'podCidr': IP + r'/[0-9]{1,2}', 'serviceCidr': IP + r'/[0-9]{1,2}',
    'internalIp': IP, 'externalIp': IP, 'network': NAME, 'subnetwork': NAME,
    'secrets.pki': NAME, 'secrets.join': NAME, 'secrets.admin': NAME,
    'versions.kubernetes': VERSION, 'versions.containerd': VERSION, 'versions.runc': VERSION,
    'versions.cniPlugins': VERSION, 'versions.pause': r'[0-9]+\.[0-9]+(\.[0-9]+)?',
}
OPTIONAL = {'ownIp': IP, 'pool': NAME, 'versions.sha256.containerd': HASH, 'versions.sha256.runc': HASH, 'versions.sha256.cniPlugins': HASH}

class NoVersion(Exception):
    pass

def stop(text, code=1):
    print(text, file=sys.stderr)
    sys.exit(code)

def ask(url, headers, method='GET', body=None):
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    # The metadata server must never be asked through a proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({})) if url.startswith(METADATA) else urllib.request.build_opener()
    with opener.open(request, timeout=20) as answer:
        return answer.read()

def metadata(path):
    return ask(METADATA + path, {'Metadata-Flavor': 'Google'}).decode()

def pick(config, key):
    for part in key.split('.'):
        config = config.get(part) if isinstance(config, dict) else None
    return config

def config():
    with open(HOME + '/config.json') as file:
        return json.load(file)

def write(path, text, mode=0o600):
    part = path + '.part'
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), 'w') as file:
        file.write(text)
    os.chmod(part, mode)
    os.replace(part, path)

def setup():
    text = metadata('instance/attributes/trizone-config')
    found = json.loads(text)
    if found.get('trizone') != 1:
        stop('trizone-config has an unsupported version', 4)
    for key, form in list(FORMS.items()) + list(OPTIONAL.items()):
        value = pick(found, key)
        if value is None and key in OPTIONAL:
            continue
        if not isinstance(value, str) or not re.fullmatch(form, value):
            stop('trizone-config has an invalid value: ' + key, 4)
    os.makedirs(HOME, mode=0o700, exist_ok=True)
    write(HOME + '/config.json', text)
    write(HOME + '/kubeadm.json', metadata('instance/attributes/trizone-kubeadm'))
    if found['role'] == 'first':
        write(HOME + '/addons.yaml', metadata('instance/attributes/trizone-addons'))

def bearer():
    token = json.loads(metadata('instance/service-accounts/default/token'))['access_token']
    return {'Authorization': 'Bearer ' + token, 'Content-Type': 'application/json'}

def call(method, url, body=None):
    try:
        return json.loads(ask(url, bearer(), method, None if body is None else json.dumps(body).encode()) or b'{}')
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise NoVersion(url)
        try:
            text = json.loads(error.read())['error']['message']
        except (ValueError, KeyError, TypeError):
            text = error.reason
        stop('%s answered %d: %s' % (url.split('/')[2], error.code, text))

def secret_url(name):
    return SECRETS + config()['project'] + '/secrets/' + name

def secret_read(name):
    return base64.b64decode(call('GET', secret_url(name) + '/versions/latest:access')['payload']['data']).decode()

def secret_add(name, text):
    call('POST', secret_url(name) + ':addVersion', {'payload': {'data': base64.b64encode(text.encode()).decode()}})
    if secret_read(name) != text:
        stop('the secret does not contain the value just written: ' + name)

def secret_prune(name, keep):
    url = secret_url(name) + '/versions'
    versions = call('GET', url + '?filter=state:ENABLED&pageSize=100').get('versions', [])
    numbers = sorted((int(v['name'].rsplit('/', 1)[1]) for v in versions), reverse=True)
    for number in numbers[keep:]:
        call('POST', '%s/%d:destroy' % (url, number), {})

def pki_pack():
    files = {}
    for name in PKI_FILES:
        with open(os.path.join(PKI, name)) as file:
            files[name] = file.read()
    return json.dumps({'trizone': 1, 'uid': config()['uid'], 'files': files}, sort_keys=True)

def own(text, key):
    found = json.loads(text)
    if found.get('trizone') != 1 or found.get('uid') != config()['uid']:
        stop('the secret %s belongs to another cluster' % config()['secrets'][key], 4)
    return found

def pki_unpack(text):
    files = own(text, 'pki')['files']
    os.makedirs(PKI + '/etcd', mode=0o700, exist_ok=True)
    for name in PKI_FILES:
        write(os.path.join(PKI, name), files[name], 0o600 if name.endswith('.key') else 0o644)

def fill(value, words):
    if isinstance(value, dict):
        return {k: fill(v, words) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v, words) for v in value]
    return re.sub(r'@([A-Z_]+)@', lambda m: words[m.group(1)], value) if isinstance(value, str) else value

def merge(base, extra):
    if isinstance(base, dict) and isinstance(extra, dict):
        return {**base, **{k: merge(base[k], v) if k in base else v for k, v in extra.items()}}
    return base + extra if isinstance(base, list) and isinstance(extra, list) else extra

def kubeadm(kinds, words):
    with open(HOME + '/kubeadm.json') as file:
        documents = {d['kind']: d for d in json.load(file)}
    for path in sorted(glob.glob('/etc/trizone/image.d/kubeadm/*.json')):
        with open(path) as file:
            extra = json.load(file)
        # An image's fragment for another role's document says nothing here.
        documents[extra['kind']] = merge(documents.get(extra['kind'], {}), extra)
    chosen = [fill(documents[k], words) for k in kinds if k in documents]
    return '\n---\n'.join(json.dumps(d, indent=1) for d in chosen) + '\n'

def machine():
    return {'NAME': metadata('instance/name'), 'IP': metadata('instance/network-interfaces/0/ip'), 'INSTANCE_ID': metadata('instance/id')}

def join_secret():
    return own(secret_read(config()['secrets']['join']), 'join')

def join_config(kinds):
    found = join_secret()
    for key, form in [('token', r'[a-z0-9]{6}\.[a-z0-9]{16}'), ('caCertHash', 'sha256:' + HASH)]:
        if not re.fullmatch(form, found[key]):
            stop('the join secret has an invalid value: ' + key)
    if config()['role'] == 'replica' and ca_hash(own_ca()) != found['caCertHash']:
        stop('the CA in %(pki)s does not match the cluster CA in %(join)s' % config()['secrets'], 4)
    return kubeadm(kinds, {**machine(), 'TOKEN': found['token'], 'CA_HASH': found['caCertHash']})

def join_make(token, hours):
    ca = own_ca()
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return json.dumps({'trizone': 1, 'uid': config()['uid'], 'endpoint': config()['internalIp'] + ':443', 'token': token,
                       'caCertHash': ca_hash(ca), 'ca': ca,
                       'expires': expires.strftime('%Y-%m-%dT%H:%M:%SZ')}, sort_keys=True)

def own_ca():
    with open(PKI + '/ca.crt') as file:
        return file.read()

def ca_hash(ca):
    return 'sha256:' + hashlib.sha256(public_key(ssl.PEM_cert_to_DER_cert(ca))).hexdigest()

def tlv(der, at):
    length, size = der[at + 1], 2
    if length & 0x80:
        size += length & 0x7f
        length = int.from_bytes(der[at + 2:at + size], 'big')
    return at + size, at + size + length

def public_key(der):
    # The subjectPublicKeyInfo of a certificate: kubeadm's hash is taken over it. Seventh field of tbsCertificate (version is there).
    at = tlv(der, tlv(der, 0)[0])[0]
    for _ in range(6):
        at = tlv(der, at)[1]
    return der[at:tlv(der, at)[1]]

def fresh(expires, hours):
    left = datetime.datetime.strptime(expires, '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=datetime.timezone.utc)
    return left - datetime.datetime.now(datetime.timezone.utc) > datetime.timedelta(hours=hours)

def own_node():
    # A bootstrap token may read Nodes (kubeadm's role kubeadm:get-nodes).
    found = join_secret()
    context = ssl.create_default_context(cadata=found['ca'])
    request = urllib.request.Request('https://%s/api/v1/nodes/%s' % (found['endpoint'], metadata('instance/name')),
                                     headers={'Authorization': 'Bearer ' + found['token']})
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise

def node_is_free():
    # A Node that another machine of this name left behind has that machine's pod range, which cannot be changed.
    node = own_node()
    if node is not None and node['metadata'].get('labels', {}).get('trizone-instance-id') != metadata('instance/id'):
        stop('the Node object of an earlier instance with this name still exists')

def instances():
    found, page = {}, ''
    while True:
        url = COMPUTE + config()['project'] + '/aggregated/instances?returnPartialSuccess=true&maxResults=500&filter=labels.trizone-uid%3D' + config()['uid']
        answer = call('GET', url + page)
        for scope_name, scope in answer.get('items', {}).items():
            for instance in scope.get('instances', []):
                found[(scope_name.split('/')[-1], instance['name'])] = str(instance['id'])
        if 'nextPageToken' not in answer:
            return found
        page = '&pageToken=' + urllib.request.quote(answer['nextPageToken'], safe='')

def stale_nodes(nodes):
    real = instances()
    for node in nodes['items']:
        labels = node['metadata'].get('labels', {})
        # A master re-created on its disk keeps its Node and its pod range; its label may be of the machine before.
        known = None if 'node-role.kubernetes.io/control-plane' in labels else labels.get('trizone-instance-id')
        # gce://PROJECT/ZONE/NAME. Two zones may have machines of one name: only the one in the Node's own zone tells of it.
        name, zone = node['metadata']['name'], node['spec'].get('providerID', '').split('/')[-2:][0]
        now = [number for (where, called), number in real.items() if called == name and zone in ('', where)]
        if known is not None and now and known not in now:
            print(name)

def dns_is_lopsided(nodes, pods):
    zone_of = {n['metadata']['name']: n['metadata'].get('labels', {}).get('topology.kubernetes.io/zone') for n in nodes['items']
               if any(c['type'] == 'Ready' and c['status'] == 'True' for c in n.get('status', {}).get('conditions', []))}
    zones = set(filter(None, zone_of.values()))
    used = set(filter(None, (zone_of.get(p['spec'].get('nodeName')) for p in pods['items'])))
    return len(zones) > 1 and len(pods['items']) > 1 and len(used) == 1

def attribute(name, value):
    ask(METADATA + 'instance/guest-attributes/trizone/' + name, {'Metadata-Flavor': 'Google'}, 'PUT', value.encode())

def progress(step, n, of, boot_id, says):
    at = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    attribute('progress', json.dumps({'step': step, 'n': int(n), 'of': int(of), 'at': at, 'bootId': boot_id, **({'says': says[:400]} if says else {})}))

def failure(step, boot_id, message):
    at = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    attribute('error', json.dumps({'step': step, 'at': at, 'bootId': boot_id, 'message': message[-400:]}))

def main(verb, *words):
    if verb == 'setup': setup()
    elif verb == 'get': print(pick(config(), words[0]) or '')
    elif verb == 'metadata': print(metadata(words[0]))
    elif verb == 'attribute': attribute(words[0], words[1])
    elif verb == 'progress': progress(*words)
    elif verb == 'failure': failure(*words)
    elif verb == 'secret-exists': secret_read(words[0])
    elif verb == 'secret-read': sys.stdout.write(secret_read(words[0]))
    elif verb == 'secret-add': secret_add(words[0], sys.stdin.read())
    elif verb == 'secret-prune': secret_prune(words[0], int(words[1]))
    elif verb == 'pki-save': secret_add(config()['secrets']['pki'], pki_pack())
    elif verb == 'pki-restore': pki_unpack(secret_read(config()['secrets']['pki']))
    elif verb == 'kubeadm': write(words[0], kubeadm(words[1:], machine()))
    elif verb == 'join-config': write(words[0], join_config(words[1:]))
    elif verb == 'join-publish': secret_add(config()['secrets']['join'], join_make(sys.stdin.read().strip(), 24))
    elif verb == 'join-is-fresh': sys.exit(0 if fresh(join_secret()['expires'], 12) else 1)
    elif verb == 'node-is-free': node_is_free()
    elif verb == 'stale-nodes': stale_nodes(json.load(sys.stdin))
    elif verb == 'dns-is-lopsided':
        with open(words[0]) as nodes, open(words[1]) as pods:
            sys.exit(0 if dns_is_lopsided(json.load(nodes), json.load(pods)) else 1)
    else: stop('unknown command: ' + verb)

try:
    main(*sys.argv[1:])
except NoVersion:
    stop('not available yet', 3)
except (OSError, ValueError, KeyError) as error:
    # Only the kind and the text of the error: never an answer's body, which may hold a secret.
    stop('%s: %s' % (type(error).__name__, error))
PY

patiently 300 'reading the configuration' tool setup
role=$(cfg role)
uid=$(cfg uid)
own_ip=$(tool metadata instance/network-interfaces/0/ip)
name=$(tool metadata instance/name)
readonly role uid own_ip name

case "$role" in
  first) set -- guest-agent kernel disk containerd packages firewall half-done pki certificates images endpoint-route init serving publish add-ons ;;
  replica) set -- guest-agent kernel disk containerd packages firewall half-done pki certificates images await-endpoint join-master serving publish ;;
  node) set -- guest-agent kernel containerd packages firewall await-endpoint join-node ;;
esac

of=$#
for step in "$@"; do
  n=$((n + 1))
  report ''
  "step_$step"
done
step='done'
report ''
