/**
 * containerd 2.x, runc, and the CNI plugins from the publishers' release archives; Ubuntu's are too old. The SHA-256
 * comes from the configuration if `model/versions.ts` pins it, otherwise from the publisher's checksum file next to the
 * archive (which only detects a broken download).
 */
export const containerd = String.raw`
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
`;

/** kubeadm, kubelet, and kubectl of exactly one version, from their minor version's repository, held back from upgrades. */
export const packages = String.raw`
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
`;
