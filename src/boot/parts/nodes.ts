/**
 * Joins as a node. A machine re-created under its old name first waits until the masters have deleted the old Node: its
 * pod range cannot be changed.
 */
export const joinNode = String.raw`
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
`;

/**
 * A machine may start before its cluster is created or while it is being repaired: it waits for the join secret, then
 * for a response at the endpoint. A node waits practically forever (a year): giving up would strand a pool that only
 * had to wait.
 */
export const awaitEndpoint = String.raw`
  if joined; then return 0; fi
  local limit=1800
  test "$role" != node || limit=31536000
  patiently "$limit" 'waiting for the join secret' tool secret-exists "$(cfg secrets.join)"
  patiently "$limit" 'waiting for the endpoint' endpoint_answers
`;

/** Function of `await-endpoint`. Any response counts: kubeadm later verifies the certificate against the hash. */
export const joinFunctions = String.raw`
endpoint_answers() {
  # Not --insecure: an answer with a certificate that curl does not know (60) is an answer.
  local code=0
  curl -sS -m 5 "https://$(cfg internalIp):443/readyz" || code=$?
  test "$code" -eq 0 || test "$code" -eq 60
}
`;
