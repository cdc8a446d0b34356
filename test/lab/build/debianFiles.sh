#!/bin/sh
# Runs in the new system, with packages (.deb) in /lab: makes one folder there for each image that consists of Debian's files.
set -eu
cd /lab
mkdir unpacked
for package in *.deb; do dpkg -x "$package" unpacked; done

# take IMAGE FROM PROGRAM…: programs with the shared libraries that they need.
take() {
  image=$1 from=$2
  shift 2
  for program in "$@"; do
    mkdir -p "$image$(dirname "$program")"
    cp -L "$from$program" "$image$program"
    needs=$(ldd "$from$program")
    case "$needs" in *'not found'*) echo "$program lacks libraries: $needs" >&2 && exit 1 ;; esac
    # shellcheck disable=SC2046 # a list of files
    libraries "$image" $(echo "$needs" | grep -o '/lib[^ ]*')
  done
}
libraries() {
  to=$1
  shift
  for library in "$@"; do
    mkdir -p "$to$(dirname "$library")"
    cp -L "$library" "$to$library"
  done
}

# The name service is loaded at run time. Debian's static busybox cannot do that.
take busybox unpacked /bin/busybox
libraries busybox /lib/x86_64-linux-gnu/libresolv.so.2 /lib/x86_64-linux-gnu/libnss_dns.so.2 /lib/x86_64-linux-gnu/libnss_files.so.2
for applet in $(busybox/bin/busybox --list); do
  test "$applet" = busybox || ln -s busybox "busybox/bin/$applet"
done
# Docker's busybox knows how long to wait (-T); Debian's is built without and crashes. GNU's does not try only once by itself.
take busybox unpacked /usr/bin/wget
mv busybox/usr/bin/wget busybox/usr/bin/wget-gnu
rm busybox/bin/wget
printf '#!/bin/sh\nexec /usr/bin/wget-gnu --tries=1 "$@"\n' >busybox/bin/wget
chmod 755 busybox/bin/wget
mkdir -m 1777 busybox/tmp

take nginx unpacked /usr/sbin/nginx
mkdir -p nginx/run nginx/usr/share nginx/var/lib/nginx nginx/var/log/nginx
mkdir -m 1777 nginx/tmp
cp -r unpacked/usr/share/nginx nginx/usr/share/

take kube-proxy '' /usr/sbin/nft /usr/sbin/xtables-nft-multi
for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -s xtables-nft-multi "kube-proxy/usr/sbin/$name"
done
mkdir -p kube-proxy/usr/lib/x86_64-linux-gnu kube-proxy/run kube-proxy/etc
cp -a /usr/lib/x86_64-linux-gnu/xtables kube-proxy/usr/lib/x86_64-linux-gnu/

rm -r unpacked ./*.deb
