#!/bin/sh
# The first process of a machine of the bed, in mount, UTS, network, IPC and PID namespaces of its own (tests/ansible/bed.py
# starts it): makes its root, a layer over a folder that is only read, and waits there until its standard input ends.
# usage: machine.sh el6|debian ROOT LAYER NAME
set -eu
kind=$1 lower=$2 layer=$3 name=$4
mount -t tmpfs -o mode=0755 none "$layer"
mkdir "$layer/upper" "$layer/work" "$layer/root"
root=$layer/root
mount -t overlay -o "lowerdir=$lower,upperdir=$layer/upper,workdir=$layer/work" none "$root"
mount -t proc none "$root/proc"
mount -t sysfs none "$root/sys"
mount -t tmpfs -o mode=0755 none "$root/dev"
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
    IFS=: read -r device major minor <<END
$node
END
    mknod -m 0666 "$root/dev/$device" c "$major" "$minor"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,gid=5,mode=0620 none "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs none "$root/dev/shm"
[ "$kind" = el6 ] || mount -t tmpfs -o mode=0755 none "$root/run"
hostname "$name"
echo "$name" >"$root/etc/hostname"
ip link set lo up
[ "$kind" = el6 ] || mkdir "$root/run/sshd"  # where sshd separates privileges
mkdir -p "$root/root/.ssh"
chmod 0700 "$root/root/.ssh"
# Nothing of the host is seen any more, so nothing in here can do any harm to it.
cd "$root"
mkdir -p mnt
pivot_root . mnt
umount -l mnt
cd /
echo ready
# It reaps what loses its parent while it waits. When the bed ends, this ends, and with it all that runs in here.
exec 3<&0
cat <&3 >/dev/null &
wait $!
