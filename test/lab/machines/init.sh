#!/bin/bash
# From a machine's power button to its systemd, in stages that start each other. From the environment: INIT (this file),
# NAME (of its network namespace), HOST_NAME, FOLDER, LAYERS (overlayfs lowerdir), CONTROL_GROUPS (a folder per hierarchy),
# DISKS (words DEVICE-NAME:LOOP-NUMBER).
set -eu

# Outside. `script` is the serial console: a terminal whose output goes to standard output. It and `unshare` are in the
# machine's control groups, to be found there, but not in those that the machine sees.
power() {
  enter ''
  exec script --quiet --flush --command 'exec bash "$INIT" namespaces' --log-out /dev/null
}

enter() { # SUB-GROUP
  for group in $CONTROL_GROUPS; do echo 0 >"$group$1/cgroup.procs"; done
}

namespaces() {
  exec nsenter --net="/run/netns/$NAME" unshare --mount --pid --uts --ipc --fork --kill-child --propagation private \
    bash "$INIT" groups
}

# Process 1 of the machine from here on. Its groups are the roots of what it sees.
groups() {
  enter /machine
  exec unshare --cgroup bash "$INIT" machine
}

# Every mount made here is in its own mount namespace and ends with it.
machine() {
  root=$FOLDER/root
  # /proc is still the computer's: it tells the process id as seen from outside.
  read -r pid _ </proc/self/stat
  echo "$HOST_NAME" >/proc/sys/kernel/hostname
  mount -t overlay "$NAME" -o "lowerdir=$LAYERS,upperdir=$FOLDER/upper,workdir=$FOLDER/work" "$root"
  # containerd's overlays cannot lie on an overlay; the kubelet measures its disk.
  bind containerd /var/lib/containerd
  bind kubelet /var/lib/kubelet
  bind log /var/log
  mount -t tmpfs -o mode=755 run "$root/run"
  mount -t tmpfs -o mode=1777 tmp "$root/tmp"
  mount -t sysfs sysfs "$root/sys"
  control_groups
  devices
  mount -t proc proc "$root/proc"
  kernel_parameters
  echo "$pid" >"$FOLDER/pid"
  mkdir "$root/run/old"
  cd "$root"
  pivot_root . run/old
  hash -r
  umount -l /run/old
  # As systemd does on a machine, but not in what it takes for a container: without it the kubelet mounts /var/lib/kubelet over
  # itself, and what the startup script has mounted beneath is hidden.
  mount --make-rshared /
  rmdir /run/old
  exec env -i container=lab TERM=dumb SYSTEMD_COLORS=0 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin \
    /lib/systemd/systemd --show-status=1 --log-target=console --log-level=notice
}

bind() { # FOLDER-OF-MACHINE PATH
  mkdir -p "$root$2"
  mount --bind "$FOLDER/$1" "$root$2"
}

control_groups() {
  local groups=$root/sys/fs/cgroup controllers
  mount -t tmpfs -o mode=755 cgroup "$groups"
  while IFS=: read -r _ controllers _; do
    mkdir "$groups/$(at "$controllers")"
    case $controllers in
      '') mount -t cgroup2 cgroup "$groups/unified" ;;
      name=*) mount -t cgroup -o "none,$controllers" cgroup "$groups/$(at "$controllers")" ;;
      *) mount -t cgroup -o "$controllers" cgroup "$groups/$controllers" ;;
    esac
  done </proc/self/cgroup
}
at() { case $1 in '') echo unified ;; *) echo "${1#name=}" ;; esac; }

devices() {
  local dev=$root/dev disk loop
  mount -t tmpfs -o mode=755 dev "$dev"
  for file in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do mknod -m 666 "$dev/${file%% *}" c ${file#* }; done
  mknod -m 644 "$dev/kmsg" c 1 11
  mkdir -p "$dev/pts" "$dev/shm" "$dev/mqueue" "$dev/disk/by-id"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$dev/pts"
  mount -t tmpfs -o mode=1777 shm "$dev/shm"
  ln -s pts/ptmx "$dev/ptmx"
  ln -s /proc/self/fd "$dev/fd"
  ln -s fd/0 "$dev/stdin"
  ln -s fd/1 "$dev/stdout"
  ln -s fd/2 "$dev/stderr"
  touch "$dev/console"
  mount --bind "$(readlink /proc/self/fd/0)" "$dev/console"
  stty cols 160 rows 50
  for disk in $DISKS; do
    loop=${disk##*:}
    test -b "$dev/loop$loop" || mknod -m 660 "$dev/loop$loop" b 7 "$loop"
    ln -s "../../loop$loop" "$dev/disk/by-id/google-${disk%:*}"
  done
}

# Kernel parameters of the whole computer are not the machine's to change; where the kubelet insists on a value, it finds it.
# A boot id is new at each boot, as on a real machine.
kernel_parameters() {
  local path
  for path in sys/kernel sys/vm sys/fs sysrq-trigger; do
    test -e "$root/proc/$path" || continue
    mount --bind "$root/proc/$path" "$root/proc/$path"
    mount -o remount,bind,ro "$root/proc/$path"
  done
  mkdir "$root/run/parameters"
  pretend kernel/random/boot_id "$(cat /proc/sys/kernel/random/uuid)"
  pretend kernel/panic 10
  pretend kernel/panic_on_oops 1
  pretend vm/overcommit_memory 1
}
pretend() { # PARAMETER VALUE
  local file="$root/run/parameters/${1##*/}"
  echo "$2" >"$file"
  mount --bind "$file" "$root/proc/sys/$1"
}

"$1"
