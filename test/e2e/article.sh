#!/bin/bash
# The article's commands, word by word, against the cloud that the environment names (. <state>/env.sh). `trizone kube-up` and
# `trizone kube-down` stand for ./cluster/kube-up.sh and ./cluster/kube-down.sh, with --yes because nobody is there to say it;
# `gcloud compute instances stop` stands for `sudo halt` by ssh; busybox runs the article's wget at once instead of a shell.
set -euo pipefail

# Seconds of the person's clock that Kubernetes gets for what takes it a minute; the emulator's minutes are shorter.
readonly seconds=${PATIENCE:-60} patience=${PATIENCE:-60}s

export KUBERNETES_PROVIDER=gce NUM_NODES=3 MULTIZONE=true ENABLE_ETCD_QUORUM_READ=true

fail() {
  echo "article.sh: $*" >&2
  exit 1
}

# nodes WANTED: so many rows in `kubectl get nodes`, all Ready.
nodes() {
  local rows
  rows=$(kubectl get nodes --no-headers)
  [ "$(wc -l <<<"$rows")" = "$1" ] || fail "$1 nodes wanted: $rows"
  [ "$(awk '$2 ~ /^Ready/' <<<"$rows" | wc -l)" = "$1" ] || fail "not all Ready: $rows"
  echo "ok: $1 nodes Ready"
}

# masters WANTED: so many machines that gcloud knows as masters.
masters() {
  local names
  names=$(gcloud compute instances list --filter='name~^kubernetes-master' --format='value(name)')
  [ "$(wc -w <<<"$names")" = "$1" ] || fail "$1 masters wanted: $names"
  test "$1" = 0 || members "$1"
  echo "ok: $1 masters"
}

# members WANTED: so many members of etcd, all started voters; the first master's etcd is asked.
members() {
  local list pki=/etc/kubernetes/pki/etcd
  list=$(kubectl -n kube-system exec etcd-kubernetes-master -- etcdctl --endpoints=https://127.0.0.1:2379 \
    --cacert="$pki/ca.crt" --cert="$pki/server.crt" --key="$pki/server.key" member list)
  [ "$(grep -c ', started, .*, false$' <<<"$list")" = "$1" ] || fail "$1 members of etcd wanted: $list"
}

# healthy WANTED: waits until the load balancer sends requests to so many masters; a returned one must pass two checks first.
healthy() {
  local until=$((SECONDS + seconds)) states=
  while [ "$(grep -ow HEALTHY <<<"$states" | wc -l)" != "$1" ]; do
    [ "$SECONDS" -lt "$until" ] || fail "$1 healthy masters wanted: $states"
    states=$(gcloud compute backend-services get-health kubernetes-master --region=europe-west1 \
      --format='value(status.healthStatus[].healthState)')
  done
  echo "ok: $1 masters healthy"
}

# welcome POD SERVICE: the article's wget in a busybox.
welcome() {
  local page
  page=$(kubectl run -i "$1" --image=busybox --restart=Never -- wget -q -O- "http://$2.default.svc.cluster.local")
  # A container that ends while kubectl attaches leaves its output in the log alone.
  [ -n "$page" ] || page=$(kubectl logs "$1")
  grep -q 'Welcome to nginx!' <<<"$page" || fail "$2 did not answer: $page"
  echo "ok: $2 says welcome"
}

KUBE_GCE_ZONE=europe-west1-b trizone kube-up --yes
nodes 4
KUBE_USE_EXISTING_MASTER=true KUBE_GCE_ZONE=europe-west1-c trizone kube-up --yes
nodes 7
KUBE_USE_EXISTING_MASTER=true KUBE_GCE_ZONE=europe-west1-d trizone kube-up --yes
nodes 10

KUBE_GCE_ZONE=europe-west1-c KUBE_REPLICATE_EXISTING_MASTER=true trizone kube-up --yes
masters 2
KUBE_GCE_ZONE=europe-west1-d KUBE_REPLICATE_EXISTING_MASTER=true trizone kube-up --yes
masters 3

kubectl get nodes
nodes 12
[ "$(kubectl get nodes -l node-role.kubernetes.io/control-plane --no-headers | wc -l)" = 3 ] || fail 'not three masters'

kubectl run nginx --image=nginx --expose --port=80
kubectl wait --for=condition=Ready pod/nginx --timeout="$patience"
kubectl get pods
welcome test-a nginx
fetched=$(trizone smoke --yes)
[ "$(grep -c '^✓ europe-west1-[bcd] .*Welcome to nginx!' <<<"$fetched")" = 3 ] || fail "not from every zone: $fetched"
echo 'ok: nginx says welcome in every zone'

replica=$(gcloud compute instances list --filter='name~^kubernetes-master- AND zone~europe-west1-c' --format='value(name)')
gcloud compute instances stop "$replica" --zone=europe-west1-c
kubectl wait --for=condition=Ready=Unknown "node/$replica" --timeout="$patience"
kubectl get nodes
welcome test-b nginx
kubectl run nginx-next --image=nginx --expose --port=80
kubectl wait --for=condition=Ready pod/nginx-next --timeout="$patience"
welcome test-c nginx-next

gcloud compute instances start "$replica" --zone=europe-west1-c
kubectl wait --for=condition=Ready "node/$replica" --timeout="$patience"
nodes 12
healthy 3
trizone validate

KUBE_DELETE_NODES=false KUBE_GCE_ZONE=europe-west1-c trizone kube-down --yes
masters 2
KUBE_DELETE_NODES=false KUBE_GCE_ZONE=europe-west1-d trizone kube-down --yes
masters 1

KUBE_USE_EXISTING_MASTER=true KUBE_GCE_ZONE=europe-west1-c trizone kube-down --yes
nodes 7
KUBE_USE_EXISTING_MASTER=true KUBE_GCE_ZONE=europe-west1-d trizone kube-down --yes
nodes 4

KUBE_GCE_ZONE=europe-west1-b trizone kube-down --yes
masters 0
[ -z "$(gcloud compute networks list --filter='name=kubernetes-net' --format='value(name)')" ] || fail 'the network is left'
trizone leftovers | grep -q '^0 leftovers' || fail 'leftovers'
echo 'ok: the whole article'
