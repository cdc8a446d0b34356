/**
 * Google's guest agent adds a `local` route for alias ranges, which would override the routes to the pods (guest-agent
 * addresses.go).
 */
export const guestAgent = String.raw`
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
`;

/** Kernel settings that kubeadm's preflight requires. A module that fails to load may be built in: kubeadm decides. */
export const kernel = String.raw`
  local module
  printf 'overlay\nbr_netfilter\n' | install_file /etc/modules-load.d/trizone.conf 0644
  for module in overlay br_netfilter; do modprobe "$module" || echo "TRIZONE warning=no-module-$module"; done
  printf 'net.ipv4.ip_forward = 1\n' | install_file /etc/sysctl.d/90-trizone.conf 0644
  sysctl -q -w net.ipv4.ip_forward=1
  swapoff -a
  sed -i -E '/^[^#].*\sswap\s/s/^/#/' /etc/fstab
`;

/**
 * Pods cannot reach the metadata server (it issues the machine's identity) except for DNS on port 53; and pod traffic
 * to the internet is masqueraded, because Google translates only the machine's own address.
 */
export const firewall = String.raw`
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
`;
