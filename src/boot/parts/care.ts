/**
 * The masters' periodic maintenance: fresh join token and admin credentials, certificate expiry, Nodes of deleted
 * machines, CoreDNS spread over zones. Every master runs it; concurrent runs are harmless.
 */
export const care = String.raw`
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
`;

/**
 * Applied by the first master, so that closing the editor leaves no half-built cluster; takes ownership only of the
 * fields it sets.
 */
export const addOnsStep = String.raw`
  patiently 300 'applying the add-ons' kubectl apply --server-side --force-conflicts --field-manager=trizone -f "$run/addons.yaml"
`;
