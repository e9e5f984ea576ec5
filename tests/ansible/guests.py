"""A bed whose machines are guests, each with a kernel of its own: user-mode-linux (support/guest.py), on a tap that is
a port of the bed's bridge, with a sshd of its own. They run netnsctl of this checkout, and write to memory alone."""
from __future__ import absolute_import, division, print_function

import os

import bed
from support import ansible_runs, guest, process

NAMES = ('first', 'second', 'third')
NIC = 'vec0'
# A guest with much to do, on a machine with much to do.
PATIENCE = 180
# Its files are in a folder below /tmp, which all may write to.
_SSHD = bed.SSHD.replace('/etc/ssh/bed_host_key', '%(key)s') + '''
AuthorizedKeysFile %(authorized)s
StrictModes no
'''
# A root with a locked password is not let in, and what bash reads as it starts by ssh may be long.
_START = r'''set -e
hostname %(name)s
sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow
sed -i 's,^\(root:.*:\)[^:]*$,\1/bin/sh,' /etc/passwd
mkdir -p /run/sshd /usr/local/sbin
cp %(folder)s/netnsctl /usr/local/sbin
ip link set dev %(nic)s address 52:54:00:00:00:%(number)02x
ip addr add %(address)s/24 dev %(nic)s
ip link set dev %(nic)s up
exec /usr/sbin/sshd -D -e -f %(folder)s/sshd_config_%(name)s
'''


class Machine(bed.Machine):
    """One of them. What it is told to do goes by ssh, so nothing in it is seen from here but by its sshd."""

    def __init__(self, its_bed, name, number):
        self.bed, self.name, self.kind = its_bed, name, 'debian'
        self.address, self.port = its_bed.network % number, '%s-%s' % (its_bed.bridge, name)
        with open(os.path.join(its_bed.folder, 'sshd_config_' + name), 'w') as target:
            target.write(_SSHD % {'key': self.host_key(), 'authorized': its_bed.key + '.pub'})
        made = process.run(['ip', 'tuntap', 'add', self.port, 'mode', 'tap'])
        if made.status != 0:
            raise bed.Unavailable('no tap: ' + made.err)
        process.must(['ip', 'link', 'set', self.port, 'master', its_bed.bridge, 'up'])
        script = _START % {'name': name, 'folder': its_bed.folder, 'nic': NIC, 'address': self.address,
                           'number': number}
        self.guest = guest.Guest(['sh', '-c', script], dict(word.split('=', 1) for word in bed.ENVIRONMENT),
                                 tap=self.port)

    def wait(self):
        """Waits until its sshd answers. bed.Unavailable where it does not boot."""
        self.bed.wait('boot of ' + self.name, lambda: self.guest.has_booted() or not self.guest.runs(), PATIENCE)
        if not self.guest.has_booted():
            raise bed.Unavailable('%s did not boot:\n%s' % (self.name, self.guest.console()))
        self.bed.wait('sshd of ' + self.name, self._answers, PATIENCE)

    def _answers(self):
        if not self.guest.runs():
            raise AssertionError('%s has ended:\n%s' % (self.name, self.guest.console()))
        return self.run('true').status == 0

    def argv(self, *words):
        """The words that run a command in it, with a plain environment."""
        command = ['/usr/bin/env', '-i'] + bed.ENVIRONMENT + list(words)
        line = ' '.join(guest.quoted(word) for word in command)
        return ['ssh'] + self.bed.ssh_words() + ['root@' + self.address, line]

    def close(self):
        self.guest.close()
        process.run(['ip', 'link', 'del', self.port])


class Bed(bed.Bed):
    """machines: {name: Machine}, three guests. bed.Unavailable where there can be none."""

    def __init__(self):
        try:
            guest.require()
        except guest.Unavailable as reason:
            raise bed.Unavailable(str(reason))
        bed.Bed.__init__(self, NAMES)
        try:
            for name in NAMES:
                self[name].wait()
        except BaseException:
            self.close()
            raise

    def made(self, name, number):
        ansible_runs.program(self.folder)  # which each takes as its netnsctl
        return Machine(self, name, number)

    def ssh_words(self):
        # The first of two values is the one that counts.
        return ['-o', 'ConnectTimeout=60', '-o', 'ServerAliveInterval=0'] + bed.Bed.ssh_words(self)
