#!/bin/sh
# Runs a command in a room of its own: a network whose one way out is counted and leads nowhere, and file systems whose every change is kept apart.
# Usage, as root: unshare --net --mount --pid --fork --kill-child room.sh ROOM COMMAND…
# ROOM is an empty folder. Inside it the command finds `points`, a line "NUMBER MOUNT-POINT" for each file system, and `changed/NUMBER`, what was written to it.
set -eu
room=$1
shift

ip link set lo up
ip link add out type veth peer name wall
# Without version 6 the kernel itself says nothing on these lines; an attempt at it is counted as "no route".
for line in out wall; do
  echo 1 >"/proc/sys/net/ipv6/conf/$line/disable_ipv6"
  ip link set "$line" arp off up
done
ip address add 192.0.2.2/24 dev out
ip route add default via 192.0.2.1 dev out

mount --make-rprivate /
mounts=$(awk '$2 !~ "^/(proc|sys|dev)(/|$)" && !seen[$2]++ { print $2 } END { print "/dev/shm" }' /proc/mounts)
mount -t tmpfs tmpfs "$room"
mkdir "$room/changed" "$room/work" "$room/root"
number=0
for point in $mounts; do
  [ -d "$point" ] || continue
  mkdir -p "$room/changed/$number" "$room/work/$number"
  # Another test's small disk may be gone by now.
  mount -t overlay overlay -o "lowerdir=$point,upperdir=$room/changed/$number,workdir=$room/work/$number" "$room/root$point" ||
    { [ ! -d "$point" ] && continue; exit 1; }
  echo "$number $point" >>"$room/points"
  if [ "$point" = / ]; then
    mount -t proc proc "$room/root/proc"
    mount --rbind /sys "$room/root/sys"
    mount --rbind /dev "$room/root/dev"
  fi
  number=$((number + 1))
done
mkdir -p "$room/root$room"
mount --bind "$room" "$room/root$room"

rm -rf "$room/root/etc/resolv.conf" "$room/root/run/nscd"
echo "nameserver 127.0.0.1" >"$room/root/etc/resolv.conf"
echo "127.0.0.1 localhost" >"$room/root/etc/hosts"
echo "hosts: files dns" >"$room/root/etc/nsswitch.conf"
exec chroot "$room/root" "$@"
