"""Gives a NIC that is home again the state that it had before it was lent: edge.nics.saved.look()."""
from __future__ import absolute_import, division, print_function

import errno
import os
import time

from netnsctl.compat import monotonic, shell_quote
from netnsctl.edge.nics import saved

# An IPv6 route is refused until the kernel's link watch has seen the carrier.
SETTLE_SECONDS = 1.0
_NOT_YET = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EINVAL, errno.ENETDOWN)


def restore(home, link, was, tell):
    """Restores a Link in a Netns. tell(text): called with each thing that could not be restored."""
    Restoring(home.rtnl(), link, was, tell).run()


class Restoring(object):
    """One NIC: what of it is not as it was is set, in an order in which the kernel takes it."""

    def __init__(self, rtnl, link, was, tell):
        self.rtnl, self.link, self.was, self.tell = rtnl, link, was, tell
        self.is_down = not link.up

    def run(self):
        """KernelError only if the NIC is gone, or the kernel cannot be asked; what it refuses is told."""
        self._drop_altnames()
        self._name()
        self._mac()
        self._attribute('mtu', self.link.mtu, 'IFLA_MTU')
        self._attribute('alias', self.link.alias or '', 'IFLA_IFALIAS')
        self._numbers()
        self._master()
        self._genmode()
        self._set('flags', flags=self.was['flags'])
        self._again('the address', saved.shown_address, self.was['addresses'],
                    lambda text: saved.address_again(text, self.link.index))
        if self.was['flags'] & saved.IFF_UP:
            self._again('the route', saved.shown_route, self.was['routes'],
                        lambda text: saved.route_again(text, self.was['index'], self.link.index))
        self._altnames()

    def _fail(self, what, cause):
        self.tell('%s is back, but %s could not be restored: %s' % (self.was['name'], what, cause))

    def _set(self, what, **wanted):
        """Was it set? ENODEV is raised: the NIC is gone again."""
        try:
            saved.set_link(self.rtnl, self.link.index, **wanted)
            return True
        except saved.Refused as error:
            if error.errno == errno.ENODEV:
                raise
            self._fail('its %s' % what, error.message)
            return False

    def _down(self):
        """Before Linux 6.2 only a link that is down can be renamed, and many drivers want that for a MAC address."""
        if not self.is_down:
            self.is_down = self._set('flags', flags=self.was['flags'] & ~saved.IFF_UP)

    def _name(self):
        if self.link.name == self.was['name']:
            return
        index = self.rtnl.index_of(self.was['name'])
        if index is None:
            self._down()
            if self._set('name', attributes=[['IFLA_IFNAME', self.was['name']]]):
                return
        self.tell('%s is back as %s: another link is called %s now. To rename it: ip link set dev %s down; '
                  'ip link set dev %s name NAME' % (self.was['name'], self.link.name, self.was['name'],
                                                    shell_quote(self.link.name), shell_quote(self.link.name)))

    def _mac(self):
        # In a bond it has the bond's, and was['mac'] when it leaves.
        if self.link.mac != self.was['mac'] and self.was['mac'] and not self._is_in_master():
            self._down()
            self._set('MAC address', attributes=[['IFLA_ADDRESS', self.was['mac']]])

    def _is_in_master(self):
        """Did a run that was killed get that far?"""
        return bool(self.was['master']) and self.link.master == self.rtnl.index_of(self.was['master'])

    def _attribute(self, key, now, attribute):
        if now != self.was[key]:
            self._set(key, attributes=[[attribute, self.was[key]]])

    def _master(self):
        if not self.was['master']:
            return
        index = self.rtnl.index_of(self.was['master'])
        if index is None:
            self._fail('its master', 'there is no link %s' % self.was['master'])
        elif index != self.link.master:
            self._down()  # a bond takes only what is down
            self._set('master', attributes=[['IFLA_MASTER', index]])

    def _numbers(self):
        now = saved.numbers_of(self.rtnl, self.link.index)
        for word, number in sorted(self.was.get('numbers', {}).items()):
            refused = now.get(word) != number and saved.set_number(self.rtnl, self.link.index, word, number)
            if refused:
                self._fail('its %s' % word, os.strerror(refused))

    def _genmode(self):
        """Before it is up: else it has an address by then that it did not have."""
        if self.was['genmode'] not in (None, saved.genmode(self.rtnl, self.link.index)):
            refused = saved.set_genmode(self.rtnl, self.link.index, self.was['genmode'])
            if refused:
                self._fail('its addrgenmode', os.strerror(refused))

    def _drop_altnames(self):
        """Those that its container gave it."""
        now = saved.altnames(self.rtnl, self.link.index)
        saved.change_altnames(self.rtnl, self.link.index, [name for name in now if name not in self.was['altnames']],
                              adds=False)

    def _altnames(self):
        now = saved.altnames(self.rtnl, self.link.index)
        missing = [name for name in self.was['altnames'] if name not in now]
        for name, number in saved.change_altnames(self.rtnl, self.link.index, missing, adds=True):
            self._fail('its alternative name %s' % name, os.strerror(number))

    def _again(self, what, shown, texts, message):
        """Adds what is missing of its addresses or routes."""
        if not texts:
            return
        waiting, refused = list(texts), {}
        deadline = monotonic() + SETTLE_SECONDS
        while waiting:
            answers = [self.rtnl.request([message(text)])[0] for text in waiting]
            refused.update((text, answer) for text, answer in zip(waiting, answers))
            waiting = [text for text in waiting if refused[text] is not None and refused[text][0] in _NOT_YET]
            if monotonic() > deadline:
                break
            if waiting:
                time.sleep(0.02)
        for text in texts:
            answer = refused[text]
            if answer is not None and answer[0] != errno.EEXIST:
                self._fail('%s %s' % (what, shown(text)), answer[1] or os.strerror(answer[0]))
