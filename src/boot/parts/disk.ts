/**
 * The persistent disk holds a master's whole identity and state, so that a lost instance can be re-created on it. A
 * systemd unit mounts it by script (no udev rule, no fstab line that could stall the boot); kubelet depends on that
 * unit and checks again itself: etcd must never start on an empty folder.
 */
export const disk = String.raw`
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
`;
