"""A PID namespace that looks like the first one, from which the processes of all others are seen."""
from __future__ import absolute_import, division, print_function

# For a shell that is the first process of a PID namespace, with mounts of its own: the second is made to look like the
# first kernel thread, by PF_KTHREAD in the ninth field (proc(5)).
SCRIPT = ('sleep 1000 </dev/null >/dev/null 2>&1 & test $! = 2; mount -t tmpfs none /mnt; '
          "awk '{ $9 = 2129984; print }' /proc/2/stat >/mnt/stat; mount --bind /mnt/stat /proc/2/stat; ")
