/**
 * Power can fail between the first write and "joined". The first master starts over, but only if no join secret was
 * ever published: with one, the cluster has existed, and an empty disk is a loss to repair, not a cluster to create.
 */
export const halfDone = String.raw`
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
`;

/** Functions of the masters' steps; `patiently` runs them as commands, so each returns its success as exit status. */
export const masterFunctions = String.raw`
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
`;

/**
 * The cluster's CAs are created once, stored in Secret Manager, and read back before anything is signed with them: a
 * failed init never leaves an unknown CA behind, and a replica does not depend on an upload of certificates that
 * expires.
 */
export const pki = String.raw`
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
`;

/**
 * kubeadm's certificates are valid for a year, and otherwise only an upgrade renews them: any start of a master in
 * their second half renews them. Components read certificates at startup, so those that systemd's kubelet has already
 * started are stopped first; a later step starts it again. kubeadm takes names from the old certificates and needs no
 * API ("Certificate Management with kubeadm").
 */
export const certificates = String.raw`
  if ! joined || ! certificates_end_soon; then return 0; fi
  systemctl stop kubelet.service
  patiently 120 'stopping what uses the old certificates' end_tasks
  tool kubeadm "$run/cluster.yaml" ClusterConfiguration
  quietly kubeadm certs renew all --config "$run/cluster.yaml"
  sync
`;

/** A separate step, so that a slow registry is recognizable and does not use up kubeadm's own timeouts. */
export const pullImages = String.raw`
  if joined; then return 0; fi
  if ! provided images; then patiently 600 'pulling images' kubeadm config images pull --kubernetes-version "v$(cfg versions.kubernetes)"; fi
`;

/**
 * Before init, the endpoint must resolve to this machine. The guest agent adds such a route once the group lists the
 * machine, but with its own protocol 66, and it deletes routes of protocol 66 not yet in the metadata; so ours has
 * another number. The route lasts until power-off.
 */
export const endpointRoute = String.raw`
  if joined; then return 0; fi
  local nic
  nic=$(ip -o route get 169.254.169.254 | sed -n 's/.* dev \([^ ]*\).*/\1/p')
  ip route replace to local "$(cfg internalIp)/32" dev "$nic" proto 117
`;

/** Creates the cluster. kubeadm's output may contain tokens and goes to a file that only root can read. */
export const init = String.raw`
  if joined; then systemctl start kubelet.service; return 0; fi
  tool kubeadm "$run/init.yaml" InitConfiguration ClusterConfiguration KubeletConfiguration KubeProxyConfiguration
  # shellcheck disable=SC2046 # no word or one word
  quietly kubeadm init --skip-token-print --config "$run/init.yaml" $(preflight)
`;

/**
 * Joins as a master through the endpoint; kubeadm adds the etcd member as a learner and promotes it. An existing member
 * with the same address would be mistaken for this one: if it belonged to an instance whose disk was lost, it had voted
 * and must not restart with an empty log. `join-config` runs first, because it verifies the restored CA against the
 * cluster's.
 */
export const joinMaster = String.raw`
  if joined; then systemctl start kubelet.service; return 0; fi
  patiently 60 'reading the join secret' tool join-config "$run/join.yaml" JoinConfiguration
  forget_half_member
  # shellcheck disable=SC2046
  quietly kubeadm join --config "$run/join.yaml" $(preflight)
  rm -f "$run/join.yaml"
`;

/** Waits for the machine's own API server: only then is "joined" written and readiness reported, with this boot's ID. */
export const serving = String.raw`
  patiently 600 'waiting for the local API server' own_readyz
  if ! joined; then printf '%s' "$uid" | install_file "$(joined_file)" 0600; sync; fi
  tool attribute ready "$boot_id"
  echo "TRIZONE ready boot=$boot_id"
`;
